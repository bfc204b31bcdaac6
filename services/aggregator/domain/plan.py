"""From records of the log to what one transaction writes."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

import msgspec

from shared.errors import DeadReason, RejectedMessage
from shared.messages.codec import decoder
from shared.records import LogRecord

_MOST_VERSION = 2**63
_MOST_MINUTE = 2**31
_ID_BYTES = 16
_KEPT = 1 << 16
"""Instants and places that are remembered: many events share one."""


class Live(msgspec.Struct, frozen=True, gc=False):
    """What counting reads of a live `shared.messages.event.Event`, where it is cheapest.

    Whole by its type: what a live event must have has no default. Ids stay text, for an object of
    `UUID` costs more than the rest together. A test holds the fields to the event's.
    """

    event_id: str
    version: int
    municipality: str
    indicator: str
    area: str
    occurred_at: str
    placement: str
    live: bool = True
    incident_id: str | None = None


class Withdrawal(msgspec.Struct, frozen=True, gc=False):
    """What counting reads of a withdrawn event, which has neither place nor instant."""

    event_id: str
    version: int
    municipality: str
    live: bool
    indicator: None = None
    area: None = None
    occurred_at: None = None
    placement: None = None
    incident_id: None = None


_LIVE = decoder(Live).decode
_WITHDRAWAL = decoder(Withdrawal)


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

    Shape: `rows` is the row of each event's id (16 bytes), in the order of the rows; a withdrawal is
    at `NOWHERE`, in minute 0, and belongs to no incident.
    Unit: `minutes` since 1970, UTC.
    """

    rows: Mapping[bytes, int] = field(default_factory=dict)
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

    Of several versions of one event only the winner is written: the highest version; of equal
    versions one that is linked to an incident before one that is not, for linking says a version
    again with its incident (decision 0026); and otherwise the first in the log (DESIGN §4, G1).
    """

    def __init__(self) -> None:
        self._rows: dict[bytes, int] = {}
        self._versions = array("q")
        self._places: list[Place] = []
        self._minutes = array("q")
        self._incidents: list[bytes | None] = []
        self._dead: list[DeadLetter] = []
        self._accepted_ms: list[int] = []

    def add(self, records: Sequence[LogRecord]) -> None:
        """Read some more, in log order."""
        rows, versions, places = self._rows, self._versions, self._places
        minutes, incidents = self._minutes, self._incidents
        self._accepted_ms.extend([record.timestamp for record in records])
        for record in records:
            key = record.key or b""
            try:
                version, place, minute, incident = read(key, record.value)
            except RejectedMessage as rejected:
                letter = DeadLetter(record.partition, record.offset, rejected.reason)
                self._dead.append(letter)
                continue
            new = len(versions)
            row = rows.setdefault(key, new)
            if row == new:
                versions.append(version)
                places.append(place)
                minutes.append(minute)
                incidents.append(incident)
            elif version > versions[row] or (
                incident is not None and version == versions[row] and incidents[row] is None
            ):
                versions[row], places[row] = version, place
                minutes[row], incidents[row] = minute, incident

    def plan(self, advances: Sequence[Advance]) -> Plan:
        """What one transaction writes for all of them; nothing is added afterwards."""
        return Plan(
            advances=tuple(advances),
            winners=Winners(
                rows=self._rows,
                versions=self._versions,
                places=self._places,
                minutes=self._minutes,
                incidents=self._incidents,
            ),
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


def refused(record: LogRecord, claims: Mapping[int, Claim]) -> Plan:
    """The plan for one record that the database refused: its offset and a dead letter."""
    claim = claims[record.partition]
    step = Advance(record.partition, claim.epoch, record.offset, record.offset + 1)
    letter = DeadLetter(record.partition, record.offset, DeadReason.REFUSED_BY_DATABASE)
    return Plan((step,), Winners(), (letter,), (record.timestamp,))


def read(key: bytes, value: bytes | None) -> Version:
    """One version of an event from its record.

    Raises:
        RejectedMessage: it cannot be counted. No event: wrong JSON, half an event, another's key.
            Refused: numbers that PostgreSQL has no place for, which it would say itself, but of a
            whole batch.
    """
    try:
        event = _LIVE(value or b"")
        minute = _minute(event.occurred_at)
        given = event.incident_id
        incident = None if given is None else UUID(given).bytes
    except msgspec.ValidationError:
        return _read_withdrawal(key, value)
    except (msgspec.DecodeError, ValueError):
        raise RejectedMessage(DeadReason.NOT_AN_EVENT) from None
    version = event.version
    # The id as the wire writes it is quicker to compare than to read.
    same = event.event_id.replace("-", "") == key.hex() and len(key) == _ID_BYTES
    if not (same and event.live and version >= 1):
        raise RejectedMessage(DeadReason.NOT_AN_EVENT)
    if version >= _MOST_VERSION or not 0 < minute < _MOST_MINUTE:
        raise RejectedMessage(DeadReason.REFUSED_BY_DATABASE)
    return version, _place(event.municipality, event.indicator, event.area), minute, incident


def _read_withdrawal(key: bytes, value: bytes | None) -> Version:
    try:
        event = _WITHDRAWAL.decode(value or b"")
        same = event.event_id.replace("-", "") == key.hex() and len(key) == _ID_BYTES
        is_event = same and not event.live and event.version >= 1
    except (msgspec.DecodeError, UnicodeDecodeError):
        is_event = False
    if not is_event:
        raise RejectedMessage(DeadReason.NOT_AN_EVENT)
    if event.version >= _MOST_VERSION:
        raise RejectedMessage(DeadReason.REFUSED_BY_DATABASE)
    return event.version, NOWHERE, 0, None


@lru_cache(maxsize=_KEPT)
def _place(municipality: str, indicator: str, area: str) -> Place:
    """The same place is the same object, whose hash is quickly made."""
    return municipality, indicator, area


@lru_cache(maxsize=_KEPT)
def _minute(instant: str) -> int:
    """The minute since 1970 of an instant as it stands in an event; many events share one.

    Raises:
        ValueError: it is no instant, or none of a known zone.
    """
    at = datetime.fromisoformat(instant)
    if at.tzinfo is None:
        raise ValueError("an event's instant is aware")
    return int(at.timestamp()) // 60
