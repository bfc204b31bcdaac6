"""One row becomes a report with its event id, or all the errors it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple, TypeAlias
from uuid import UUID

import msgspec
from pydantic import ValidationError

from services.ingest.domain.errors import RowError, RowErrorCode
from services.ingest.domain.given import FIELDS, GivenReport, GivenWithdrawal, Occasion
from services.ingest.domain.parse import JsonObject
from shared.identity import event_id
from shared.messages.report import Location, Report
from shared.pack.model import Indicator, Kind, Pack

RowErrors: TypeAlias = tuple[RowError, ...]


class Accepted(NamedTuple):
    """A report that may be published."""

    event_id: UUID
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who reports, and what it may report.

    Shape: `horizon` is how far back it may report, `None` for history without a limit; `secret` is
    the installation's, for event ids.
    """

    municipality: str
    actor: str
    indicators: Mapping[str, Indicator]
    reportable: frozenset[str]
    horizon: timedelta | None
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, pack: Pack, actor: str, *, secret: bytes, horizon: timedelta | None) -> "Sender":
        """An actor of a pack; one that the pack does not know may report nothing."""
        return cls(
            municipality=pack.code,
            actor=actor,
            indicators=pack.indicators,
            reportable=frozenset(
                one.code for one in pack.reportable_by(actor) if one.kind is Kind.EVENT
            ),
            horizon=horizon,
            secret=secret,
        )


def validated(row: JsonObject, *, sender: Sender, now: datetime) -> Accepted | RowErrors:
    """The report of a row, or every error of it, in the order of our fields.

    Unit: `now` aware UTC; it is also when the report was received.
    """
    try:
        if row.get("withdrawn") is True:
            return _withdrawal(GivenWithdrawal.model_validate(row), sender, now)
        occasion = Occasion(sender.indicators, sender.reportable, now, sender.horizon)
        return _live(GivenReport.model_validate(row, context=occasion), sender, now)
    except ValidationError as error:
        return errors_of(error)


def _live(given: GivenReport, sender: Sender, now: datetime) -> Accepted:
    return Accepted(
        _event_id(given.id, sender),
        Report(
            municipality=sender.municipality,
            actor=sender.actor,
            version=given.version,
            received_at=now,
            indicator=given.indicator,
            occurred_at=given.occurred_at,
            confirmed=given.confirmed,
            location=None if given.location is None else Location(**vars(given.location)),
            text=given.text,
            extra=msgspec.UNSET if given.extra is None else given.extra,
        ),
    )


def _withdrawal(given: GivenWithdrawal, sender: Sender, now: datetime) -> Accepted:
    return Accepted(
        _event_id(given.id, sender),
        Report(
            municipality=sender.municipality,
            actor=sender.actor,
            version=given.version,
            received_at=now,
            withdrawn=True,
        ),
    )


def _event_id(own_id: str, sender: Sender) -> UUID:
    return event_id(
        sender.secret, municipality=sender.municipality, actor=sender.actor, own_id=own_id
    )


_CODES: Mapping[str, RowErrorCode] = MappingProxyType(
    {
        **{code.value: code for code in RowErrorCode},  # ours come through as they are
        "extra_forbidden": RowErrorCode.UNKNOWN_FIELD,
        "string_too_short": RowErrorCode.EMPTY,
        "string_too_long": RowErrorCode.TOO_LONG,
        "string_unicode": RowErrorCode.BAD_CHARACTERS,
        "string_pattern_mismatch": RowErrorCode.BAD_CHARACTERS,
        "greater_than_equal": RowErrorCode.OUT_OF_RANGE,
        "less_than_equal": RowErrorCode.OUT_OF_RANGE,
        "union_tag_not_found": RowErrorCode.NOT_A_LOCATION,
    }
)


def errors_of(error: ValidationError, *, fields: frozenset[str] = FIELDS) -> RowErrors:
    """Our words for pydantic's. Of the names only `fields`, never the sender's own, are repeated."""
    found = (
        _error(mistake["type"], mistake["loc"], fields)
        for mistake in error.errors(include_input=False, include_url=False, include_context=False)
    )
    return tuple(dict.fromkeys(found))


def _error(kind: str, location: Sequence[int | str], fields: frozenset[str]) -> RowError:
    code = _CODES.get(kind, RowErrorCode.WRONG_TYPE)
    if code is RowErrorCode.UNKNOWN_FIELD:
        return RowError("", code)
    name = ".".join(str(part) for part in location if part in fields)
    if name == "location.nyko" and code is RowErrorCode.BAD_CHARACTERS:
        code = RowErrorCode.NOT_A_NYKO_CODE
    return RowError(name, code)
