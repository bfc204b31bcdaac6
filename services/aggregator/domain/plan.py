"""From records of the log to what one transaction writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

import msgspec

from shared.errors import DeadReason
from shared.messages.codec import decoder

_MOST_VERSION = 2**63
_MOST_MINUTE = 2**31
_NOWHERE = (None, None, None, None)


class Countable(msgspec.Struct, frozen=True, gc=False):
    """What counting reads of `shared.messages.event.Event`, in the form in which it is cheapest.

    A test holds its fields to the event's. That it is whole is asked by `read`.
    """

    event_id: UUID
    version: int
    municipality: str
    live: bool = True
    indicator: str | None = None
    area: str | None = None
    occurred_at: str | None = None
    placement: str | None = None
    incident_id: UUID | None = None


_COUNTABLE = decoder(Countable)


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


Place = tuple[str, str, str]
"""Municipality, indicator and leaf area: what a series of cells is about."""

NOWHERE: Place = ("", "", "")
"""The place of a withdrawn event."""


Version = tuple[int, Place, int, bytes | None]
"""One version of an event: its number, place, minute since 1970, and incident."""


@dataclass(frozen=True, slots=True)
class Winners:
    """The winning version of each event of a batch, as columns: a row is an event.

    Shape: each of `ids` (16 bytes) once, in any order; a withdrawal is at `NOWHERE`, in minute 0,
    and belongs to no incident.
    Unit: `minutes` since 1970, UTC.
    """

    ids: Sequence[bytes] = ()
    versions: Sequence[int] = ()
    places: Sequence[Place] = ()
    minutes: Sequence[int] = ()
    incidents: Sequence[bytes | None] = ()


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that can never be counted."""

    partition: int
    offset: int
    reason: DeadReason


@dataclass(frozen=True, slots=True)
class Plan:
    """What one transaction writes.

    Shape: `advances` sorted by partition; `accepted_ms` of every record of the log that it covers,
    when ingest accepted it.
    Unit: milliseconds since 1970.
    """

    advances: tuple[Advance, ...]
    winners: Winners
    dead: tuple[DeadLetter, ...]
    accepted_ms: tuple[int, ...]

    @property
    def records(self) -> int:
        """How many records of the log it covers."""
        return len(self.accepted_ms)


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


def rest_on(advances: Iterable[Advance], claims: Mapping[int, Claim]) -> bool:
    """Whether every partition stands where its step begins, under the same claim."""
    return all(
        claims.get(step.partition) == Claim(step.epoch, step.from_offset) for step in advances
    )


class Drafting:
    """Makes a plan of records that come poll by poll.

    Of several versions of one event only the winner is written: the highest version, and of equal
    versions the first in the log (DESIGN §4, G1).
    """

    def __init__(self) -> None:
        self._newest: dict[bytes, Version] = {}
        self._dead: list[DeadLetter] = []
        self._accepted_ms: list[int] = []

    def add(self, records: Iterable[LogRecord]) -> None:
        """Read some more, in log order."""
        newest = self._newest
        for record in records:
            self._accepted_ms.append(record.timestamp_ms)
            key = record.key or b""
            found = read(key, record.value)
            if isinstance(found, DeadReason):
                self._dead.append(DeadLetter(record.partition, record.offset, found))
            elif (known := newest.get(key)) is None or found[0] > known[0]:
                newest[key] = found

    def plan(self, advances: Sequence[Advance]) -> Plan:
        """What one transaction writes for all of them."""
        return Plan(
            advances=tuple(advances),
            winners=_as_columns(self._newest),
            dead=tuple(self._dead),
            accepted_ms=tuple(self._accepted_ms),
        )


def plan(records: Sequence[LogRecord], claims: Mapping[int, Claim]) -> Plan:
    """What one transaction writes for these records, which are contiguous from the claims on."""
    drafting = Drafting()
    drafting.add(records)
    return drafting.plan(steps(records, claims))


def steps(records: Iterable[LogRecord], claims: Mapping[int, Claim]) -> tuple[Advance, ...]:
    """How far these records take each partition."""
    to_offset = {record.partition: record.offset + 1 for record in records}
    return tuple(
        Advance(partition, claims[partition].epoch, claims[partition].next_offset, to)
        for partition, to in sorted(to_offset.items())
    )


def _as_columns(newest: Mapping[bytes, Version]) -> Winners:
    if not newest:
        return Winners()
    return Winners(list(newest), *zip(*newest.values(), strict=True))


def refused(record: LogRecord, claims: Mapping[int, Claim]) -> Plan:
    """The plan for one record that the database refused: its offset and a dead letter."""
    claim = claims[record.partition]
    step = Advance(record.partition, claim.epoch, record.offset, record.offset + 1)
    letter = DeadLetter(record.partition, record.offset, DeadReason.REFUSED_BY_DATABASE)
    return Plan((step,), Winners(), (letter,), (record.timestamp_ms,))


def read(key: bytes, value: bytes | None) -> Version | DeadReason:
    """One version of an event from its record, or why it cannot be counted.

    No event: wrong JSON, half an event, another's key. Refused: numbers that PostgreSQL has no
    place for, which it would say itself, but of a whole batch.
    """
    if value is None:
        return DeadReason.NOT_AN_EVENT
    try:
        event = _COUNTABLE.decode(value)
        minute = 0 if event.occurred_at is None else _minute(event.occurred_at)
    except (msgspec.DecodeError, ValueError):
        return DeadReason.NOT_AN_EVENT
    version, incident = event.version, event.incident_id
    if version < 1 or event.event_id.int != int.from_bytes(key) or not _is_whole(event):
        return DeadReason.NOT_AN_EVENT
    if version >= _MOST_VERSION or not int(event.live) <= minute < _MOST_MINUTE:
        return DeadReason.REFUSED_BY_DATABASE
    place = (event.municipality, event.indicator or "", event.area or "") if minute else NOWHERE
    return version, place, minute, None if incident is None else incident.bytes


def _is_whole(event: Countable) -> bool:
    """A live event has a place and an instant, a withdrawal has neither."""
    placed = (event.indicator, event.area, event.placement, event.occurred_at)
    if event.live:
        return None not in placed
    return placed == _NOWHERE and event.incident_id is None


@lru_cache(maxsize=1 << 16)
def _minute(instant: str) -> int:
    """The minute since 1970 of an instant as it stands in an event; many events share one.

    Raises:
        ValueError: it is no instant, or none of a known zone.
    """
    at = datetime.fromisoformat(instant)
    if at.tzinfo is None:
        raise ValueError("an event's instant is aware")
    return int(at.timestamp()) // 60
