"""The shape of a report as an actor gives it (the contract of `POST /v1/reports`), as models.

Each rule stands beside its field; all of them are asked at once, so that a sender hears every
error of a row in one answer. Models are strict: "1" is not 1, 1.0 is no version, 1 is not true.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import msgspec
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from services.ingest.domain.errors import RowErrorCode
from shared.pack.model import Indicator, Kind

MOST_VERSION = 2**53  # a JSON number is exact up to here, whoever reads it
MOST_EXTRA_BYTES = 64 << 10
MOST_AHEAD = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

_ISO_8601 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_EPSG = re.compile(r"EPSG:([1-9][0-9]{0,5})")


class Occasion(NamedTuple):
    """What the rules must know besides the row.

    Shape: `indicators` is the municipality's catalogue, `reportable` the codes of events that the
    sender may report; `horizon` is how far back it may report, `None` without a limit.
    Unit: `now` aware UTC.
    """

    indicators: Mapping[str, Indicator]
    reportable: frozenset[str]
    now: datetime
    horizon: timedelta | None


def refused(code: RowErrorCode) -> PydanticCustomError:
    """The error by which a rule refuses a field."""
    return PydanticCustomError(code.value, code.value)


def _indicator(code: str, asked: ValidationInfo[Occasion]) -> str:
    if code in asked.context.reportable:
        return code
    indicator = asked.context.indicators.get(code)
    if indicator is None:
        raise refused(RowErrorCode.UNKNOWN_INDICATOR)
    if indicator.kind is not Kind.EVENT:
        raise refused(RowErrorCode.NOT_AN_EVENT)
    raise refused(RowErrorCode.NOT_YOUR_INDICATOR)


def _instant(given: Any, asked: ValidationInfo[Occasion]) -> datetime:
    """An instant in UTC; `datetime.fromisoformat` alone would take more than dates with times."""
    if not isinstance(given, str):
        raise refused(RowErrorCode.WRONG_TYPE)
    if _ISO_8601.fullmatch(given) is None:
        raise refused(RowErrorCode.NOT_AN_INSTANT)
    try:
        local = datetime.fromisoformat(given)
        instant = local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refused(RowErrorCode.NOT_AN_INSTANT) from None
    if local.tzinfo is None:
        raise refused(RowErrorCode.NO_OFFSET)
    if instant > asked.context.now + MOST_AHEAD:
        raise refused(RowErrorCode.IN_THE_FUTURE)
    if instant < EARLIEST:
        raise refused(RowErrorCode.TOO_OLD)
    horizon = asked.context.horizon
    if horizon is not None and asked.context.now - instant > horizon:
        raise refused(RowErrorCode.TOO_LATE)
    return instant


def _extra(given: Any) -> msgspec.Raw | None:
    """Facts of the actor's own, as the JSON that is sealed with the report."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise refused(RowErrorCode.WRONG_TYPE)
    try:
        serialized = msgspec.json.encode(given)
    except UnicodeEncodeError:
        raise refused(RowErrorCode.BAD_CHARACTERS) from None
    if len(serialized) > MOST_EXTRA_BYTES:
        raise refused(RowErrorCode.TOO_LONG)
    return msgspec.Raw(serialized)


def withdrawing(version: int) -> int:
    """The version of a withdrawal: there was one before it."""
    if version < 2:
        raise refused(RowErrorCode.VERSION_TOO_LOW)
    return version


def _epsg(given: Any) -> Any:
    if isinstance(given, str):
        found = _EPSG.fullmatch(given)
        if found is None:
            raise refused(RowErrorCode.NOT_A_CRS)
        return int(found[1])
    return given


class Strict(BaseModel):
    """No conversions, no unknown fields, and no value in an error."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


_Metres: TypeAlias = Annotated[float, Field(ge=-1e8, le=1e8)]
_Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=300)]


class Wgs84(Strict):
    """Degrees in WGS 84 (EPSG:4326)."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]


class Grid(Strict):
    """Metres in a projected system: `e` east, `n` north, `crs` its EPSG number.

    Without `crs` the system is told by the numbers, which is counted as less certain.
    """

    e: _Metres
    n: _Metres
    crs: Annotated[
        int, Field(ge=1, le=999_999), BeforeValidator(_epsg, json_schema_input_type=int | str)
    ] = None  # type: ignore[assignment]  # left out, not null


class Nyko(Strict):
    """A NYKO code of any level."""

    nyko: Annotated[str, Field(pattern=r"^[0-9]{1,12}$")]


class Address(Strict):
    """A street address."""

    address: _Name


class Property(Strict):
    """A property designation (*fastighetsbeteckning*)."""

    property: _Name


class Object(Strict):
    """A named object, such as a school or a square."""

    object: _Name


_SHAPES: Mapping[frozenset[str], str] = MappingProxyType(
    {
        frozenset(shape.model_fields): shape.__name__
        for shape in (Wgs84, Grid, Nyko, Address, Property, Object)
    }
)


def _shape(given: Any) -> str | None:
    """Which of the six shapes it is by the names of its fields; some may be missing."""
    if not isinstance(given, dict) or not given:
        return None
    names = frozenset(given)
    exact = _SHAPES.get(names)
    if exact is not None:
        return exact
    return next((shape for fields, shape in _SHAPES.items() if names <= fields), None)


_Location: TypeAlias = Annotated[
    Annotated[Wgs84, Tag("Wgs84")]
    | Annotated[Grid, Tag("Grid")]
    | Annotated[Nyko, Tag("Nyko")]
    | Annotated[Address, Tag("Address")]
    | Annotated[Property, Tag("Property")]
    | Annotated[Object, Tag("Object")],
    Discriminator(_shape),
]

_OwnId: TypeAlias = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\P{Cc}*$")]
Version: TypeAlias = Annotated[int, Field(ge=1, le=MOST_VERSION)]


class GivenReport(Strict):
    """A report of something that happened."""

    id: _OwnId
    version: Version = 1
    withdrawn: bool = False
    indicator: Annotated[str, AfterValidator(_indicator)]
    occurred_at: Annotated[
        datetime,
        PlainValidator(_instant),
        WithJsonSchema({"type": "string", "format": "date-time"}),
    ]
    confirmed: bool = True
    location: _Location | None = None
    text: Annotated[str, Field(max_length=20_000)] | None = None
    extra: Annotated[Any, PlainValidator(_extra), WithJsonSchema({"type": ["object", "null"]})] = (
        None
    )


class GivenWithdrawal(BaseModel):
    """A report taken back: id and version are read, everything else is passed over."""

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)

    id: _OwnId
    version: Annotated[
        Version,
        AfterValidator(withdrawing),
        WithJsonSchema({"type": "integer", "minimum": 2, "maximum": MOST_VERSION}),
    ]
    withdrawn: Literal[True]


FIELDS = frozenset(
    name for model in (GivenReport, Wgs84, Grid, Nyko) for name in model.model_fields
) | {"address", "property", "object"}
