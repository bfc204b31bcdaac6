"""From records of the log to what one transaction writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from shared.errors import DeadReason
from shared.messages.codec import decoder
from shared.messages.event import Event

_EVENT = decoder(Event)


@dataclass(frozen=True, slots=True)
class LogRecord:
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
class Advance:
    """A partition's step in one transaction; it is written only if the claim still holds."""

    partition: int
    epoch: int
    from_offset: int
    to_offset: int


@dataclass(frozen=True, slots=True)
class PlacedEvent:
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


class GapFoundError(Exception):
    """The log lacks the record that comes next in a partition."""

    def __init__(self, partition: int) -> None:
        super().__init__(f"partition {partition}")
        self.partition = partition


def still_to_count(
    records: Mapping[int, Sequence[LogRecord]], claims: Mapping[int, Claim], *, most: int
) -> list[LogRecord]:
    """The records that are ours and not counted yet, in log order, `most` at the most.

    Raises:
        GapFoundError: the first uncounted record of a partition is not the one that comes next.
    """
    mine: list[LogRecord] = []
    for partition in sorted(records.keys() & claims.keys()):
        expected = claims[partition].next_offset
        for record in records[partition]:
            if record.offset < expected:
                continue
            if record.offset > expected:
                raise GapFoundError(partition)
            mine.append(record)
            expected += 1
    return mine[:most]


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
        event = read(record)
        if event is None:
            dead.append(DeadLetter(record.partition, record.offset, DeadReason.NOT_AN_EVENT))
            continue
        known = winners.get(event.event_id.bytes)
        if known is None or event.version > known.event.version:
            placed = PlacedEvent(event, record.partition, record.offset)
            winners[event.event_id.bytes] = placed
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
