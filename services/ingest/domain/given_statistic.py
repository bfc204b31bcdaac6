"""The shape of a statistic as an actor gives it (the contract of `POST /v1/statistics`), as models.

As for reports: strict, each rule beside its field, all of them asked at once.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, WithJsonSchema

from services.ingest.domain.errors import RowErrorCode
from services.ingest.domain.given import (
    EARLIEST,
    MOST_VERSION,
    Strict,
    Version,
    refused,
    withdrawing,
)
from shared.pack.model import Indicator, Kind
from shared.periods import period_of

MOST_COUNT = 1_000_000_000  # beyond any municipality; sums stay exact in any reader's numbers


class StatisticOccasion(NamedTuple):
    """What the rules must know besides the row.

    Shape: `catalogue` finds an indicator of the municipality, `reportable` are the statistics that
    the sender may report, `is_area` knows the codes of every level. Unit: `now` aware UTC.
    """

    catalogue: Callable[[str], Indicator | None]
    reportable: frozenset[str]
    is_area: Callable[[str], bool]
    now: datetime


def _indicator(code: str, asked: ValidationInfo[StatisticOccasion]) -> str:
    if code in asked.context.reportable:
        return code
    indicator = asked.context.catalogue(code)
    if indicator is None:
        raise refused(RowErrorCode.UNKNOWN_INDICATOR)
    if indicator.kind is not Kind.STATISTIC:
        raise refused(RowErrorCode.NOT_A_STATISTIC)
    raise refused(RowErrorCode.NOT_YOUR_INDICATOR)


def _area(code: str, asked: ValidationInfo[StatisticOccasion]) -> str:
    if not asked.context.is_area(code):
        raise refused(RowErrorCode.UNKNOWN_AREA)
    return code


def _period(text: str, asked: ValidationInfo[StatisticOccasion]) -> str:
    try:
        period = period_of(text)
    except ValueError:
        raise refused(RowErrorCode.NOT_A_PERIOD) from None
    if not period.has_begun(asked.context.now):
        raise refused(RowErrorCode.NOT_BEGUN)
    if period.start < EARLIEST.date():
        raise refused(RowErrorCode.TOO_OLD)
    return period.text


def _not_below_numerator(
    denominator: int | None, asked: ValidationInfo[StatisticOccasion]
) -> int | None:
    numerator = asked.data.get("numerator")  # absent when it was refused itself
    if denominator is not None and numerator is not None and denominator < numerator:
        raise refused(RowErrorCode.OVER_DENOMINATOR)
    return denominator


_Indicator: TypeAlias = Annotated[str, AfterValidator(_indicator)]
_Area: TypeAlias = Annotated[str, AfterValidator(_area)]
_Period: TypeAlias = Annotated[str, AfterValidator(_period)]
_Count: TypeAlias = Annotated[int, Field(ge=0, le=MOST_COUNT)]


class GivenStatistic(Strict):
    """A figure of one indicator, area and period. Shape: no denominator means a plain count."""

    indicator: _Indicator
    area: _Area
    period: _Period
    version: Version | None = None
    withdrawn: bool = False
    numerator: _Count
    denominator: Annotated[_Count | None, AfterValidator(_not_below_numerator)] = None


class GivenStatisticWithdrawal(BaseModel):
    """A figure taken back: its key and version are read, everything else is passed over."""

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)

    indicator: _Indicator
    area: _Area
    period: _Period
    version: (
        Annotated[
            Version,
            AfterValidator(withdrawing),
            WithJsonSchema({"type": "integer", "minimum": 2, "maximum": MOST_VERSION}),
        ]
        | None
    ) = None
    withdrawn: Literal[True]


STATISTIC_FIELDS = frozenset(GivenStatistic.model_fields)
