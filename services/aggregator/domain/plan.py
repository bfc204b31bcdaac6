"""From records of the log to what one transaction writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from shared.errors import DeadReason
from shared.messages.codec import decoder
from shared.messages.event import Event

_EVENT = decoder(Event)


class LogRecord(msgspec.Struct, frozen=True, gc=False):
    """One record of the event log. Unit: `timestamp_ms` when ingest accepted it, since 1970."""

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Claim:
    """Our right to count a partition: the epoch we claimed, and the offset that comes next."""

    epoch: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class Extent:
    """The offsets that a partition of the log has now: from `first` up to, not with, `end`."""

    first: int
    end: int


class Restart(StrEnum):
    """Why a partition is not read on from where it was counted; also a metric's label."""

    ANOTHER_LOG = "another_log"
    LOG_CUT_SHORT = "log_cut_short"
    LOG_BEGINS_LATER = "log_begins_later"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim, and what was known of the partition before. `stored_offset` None: nothing."""

    claim: Claim
    stored_offset: int | None
    same_log: bool

    @property
    def restart(self) -> Restart | None:
        """Why the log is read from its first record; None is the usual case."""
        if self.stored_offset is None or self.claim.next_offset == self.stored_offset:
            return None
        if not self.same_log:
            return Restart.ANOTHER_LOG
        if self.stored_offset < self.claim.next_offset:
            return Restart.LOG_BEGINS_LATER
        return Restart.LOG_CUT_SHORT


@dataclass(frozen=True, slots=True)
class Advance:
    """A partition's step in one transaction; it is written only if the claim still holds."""

    partition: int
    epoch: int
    from_offset: int
    to_offset: int


class PlacedEvent(msgspec.Struct, frozen=True):
    """An event and where it stands in the log."""

    event: Event
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that can never be counted."""

    partition: int
    offset: int
    reason: DeadReason


@dataclass(frozen=True, slots=True)
class Plan:
    """What one transaction writes.

    Shape: `advances` sorted by partition; `events` sorted by id, each id once; `records` is the
    number of log records that it covers.
    """

    advances: tuple[Advance, ...]
    events: tuple[PlacedEvent, ...]
    dead: tuple[DeadLetter, ...]
    records: int


@dataclass(frozen=True, slots=True)
class Uncounted:
    """What of a batch is ours and not counted yet, in log order.

    Shape: `gaps` are the partitions in which the record that comes next is missing; nothing behind
    the gap is among the records.
    """

    records: tuple[LogRecord, ...]
    gaps: frozenset[int]


def still_to_count(
    records: Mapping[int, Sequence[LogRecord]], claims: Mapping[int, Claim], *, most: int
) -> Uncounted:
    """What is left to count of a batch, `most` records at the most."""
    mine: list[LogRecord] = []
    gaps: set[int] = set()
    for partition in sorted(records.keys() & claims.keys()):
        expected = claims[partition].next_offset
        for record in records[partition]:
            if record.offset < expected:
                continue
            if record.offset > expected:
                gaps.add(partition)
                break
            mine.append(record)
            expected += 1
    return Uncounted(tuple(mine[:most]), frozenset(gaps))


def plan(records: Iterable[LogRecord], claims: Mapping[int, Claim]) -> Plan:
    """What one transaction writes for these records.

    Of several versions of one event only the winner is written: the highest version, and of equal
    versions the first in the log (DESIGN §4, G1).
    """
    winners: dict[bytes, PlacedEvent] = {}
    dead: list[DeadLetter] = []
    to_offset: dict[int, int] = {}
    count = 0
    for record in records:
        count += 1
        to_offset[record.partition] = record.offset + 1
        if record.key is None or (event := read(record)) is None:
            dead.append(DeadLetter(record.partition, record.offset, DeadReason.NOT_AN_EVENT))
            continue
        known = winners.get(record.key)
        if known is None or event.version > known.event.version:
            winners[record.key] = PlacedEvent(event, record.partition, record.offset)
    return Plan(
        advances=tuple(
            Advance(partition, claims[partition].epoch, claims[partition].next_offset, to)
            for partition, to in sorted(to_offset.items())
        ),
        events=tuple(winners[key] for key in sorted(winners)),
        dead=tuple(dead),
        records=count,
    )


def refused(record: LogRecord, claims: Mapping[int, Claim]) -> Plan:
    """The plan for one record that the database refused: its offset and a dead letter."""
    claim = claims[record.partition]
    step = Advance(record.partition, claim.epoch, record.offset, record.offset + 1)
    letter = DeadLetter(record.partition, record.offset, DeadReason.REFUSED_BY_DATABASE)
    return Plan((step,), (), (letter,), records=1)


def read(record: LogRecord) -> Event | None:
    """The event of a record, or None if it is not one: wrong JSON, half an event, another's key."""
    if record.key is None or record.value is None:
        return None
    try:
        event = _EVENT.decode(record.value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return event if event.event_id.bytes == record.key else None
