"""One row becomes a statistic, or all the errors it has.

Whoever numbers its versions does so throughout. Who sends none gets the instant of reception in
milliseconds, so that figures sent again with other numbers take the place of the earlier ones; of
two rows for one key that are received in the same millisecond, as in one request, the first holds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from services.ingest.domain.given_statistic import (
    STATISTIC_FIELDS,
    GivenStatistic,
    GivenStatisticWithdrawal,
    StatisticOccasion,
)
from services.ingest.domain.parse import JsonObject
from services.ingest.domain.validate import RowErrors, errors_of
from shared.messages.statistic import Statistic
from shared.pack.model import Kind, Pack

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticSender:
    """Who delivers figures, and which ones it may deliver."""

    pack: Pack
    actor: str
    reportable: frozenset[str]

    @classmethod
    def of(cls, pack: Pack, actor: str) -> "StatisticSender":
        """An actor of a pack; one that the pack does not know may deliver nothing."""
        reportable = (one for one in pack.reportable_by(actor) if one.kind is Kind.STATISTIC)
        return cls(pack=pack, actor=actor, reportable=frozenset(one.code for one in reportable))

    @property
    def municipality(self) -> str:
        """The code of the sender's municipality."""
        return self.pack.code


def validated_statistic(
    row: JsonObject, *, sender: StatisticSender, now: datetime
) -> Statistic | RowErrors:
    """The statistic of a row, or every error of it, in the order of our fields.

    Unit: `now` aware UTC; it is also when the statistic was received.
    """
    occasion = StatisticOccasion(
        sender.pack.indicators.get,
        sender.reportable,
        lambda code: sender.pack.level_of(code) is not None,
        now,
    )
    is_withdrawal = row.get("withdrawn") is True
    model = GivenStatisticWithdrawal if is_withdrawal else GivenStatistic
    try:
        given = model.model_validate(row, context=occasion)
    except ValidationError as error:
        return errors_of(error, fields=STATISTIC_FIELDS)
    return _statistic(given, sender, now)


def _statistic(
    given: GivenStatistic | GivenStatisticWithdrawal, sender: StatisticSender, now: datetime
) -> Statistic:
    return Statistic(
        municipality=sender.municipality,
        actor=sender.actor,
        indicator=given.indicator,
        area=given.area,
        period=given.period,
        version=given.version or (now - EPOCH) // timedelta(milliseconds=1),
        received_at=now,
        live=isinstance(given, GivenStatistic),
        numerator=given.numerator if isinstance(given, GivenStatistic) else None,
        denominator=given.denominator if isinstance(given, GivenStatistic) else None,
    )
