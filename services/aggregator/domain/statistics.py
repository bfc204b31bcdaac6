"""From records of the statistics' log to what one transaction writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from services.aggregator.domain.plan import Advance, Claim, DeadLetter
from shared.errors import DeadReason
from shared.messages.codec import decoder
from shared.messages.statistic import Statistic
from shared.records import LogRecord

_STATISTIC = decoder(Statistic)


class PlacedStatistic(msgspec.Struct, frozen=True):
    """A statistic and where it stands in the log."""

    statistic: Statistic
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class StatisticPlan:
    """What one transaction writes.

    Shape: `advances` sorted by partition; `statistics` sorted by key and version, each version of
    a key once; `records` is the number of log records that it covers.
    """

    advances: tuple[Advance, ...]
    statistics: tuple[PlacedStatistic, ...]
    dead: tuple[DeadLetter, ...]
    records: int


def plan_statistics(records: Sequence[LogRecord], advances: Sequence[Advance]) -> StatisticPlan:
    """What one transaction writes for these records.

    Every version is kept, for what it superseded is history; of equal versions of one key the
    first in the log.
    """
    kept: dict[tuple[bytes, int], PlacedStatistic] = {}
    dead: list[DeadLetter] = []
    for record in records:
        statistic = read_statistic(record)
        if statistic is None:
            dead.append(DeadLetter(record.partition, record.offset, DeadReason.NOT_A_STATISTIC))
            continue
        placed = PlacedStatistic(statistic, record.partition, record.offset)
        kept.setdefault((statistic.key, statistic.version), placed)
    return StatisticPlan(
        advances=tuple(advances),
        statistics=tuple(kept[one] for one in sorted(kept)),
        dead=tuple(dead),
        records=len(records),
    )


def refused_statistic(record: LogRecord, claims: Mapping[int, Claim]) -> StatisticPlan:
    """The plan for one record that the database refused: its offset and a dead letter."""
    claim = claims[record.partition]
    step = Advance(record.partition, claim.epoch, record.offset, record.offset + 1)
    letter = DeadLetter(record.partition, record.offset, DeadReason.REFUSED_BY_DATABASE)
    return StatisticPlan((step,), (), (letter,), records=1)


def read_statistic(record: LogRecord) -> Statistic | None:
    """The statistic of a record, or None if it is not one: wrong JSON, half of it, another's key."""
    if record.key is None or record.value is None:
        return None
    try:
        statistic = _STATISTIC.decode(record.value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return statistic if statistic.key == record.key else None
