"""From the winners of a batch and what is known of them to the rows that change.

Rows are columns of numbers here: a batch has thousands, and numpy adds them up in the time that
Python takes to touch them once. What can be made before the transaction begins is in `Draft`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.aggregator.domain.plan import Winners
from shared.windows import STOCKHOLM

WITHDRAWN = 0
"""The series of an event that is not live."""

MINUTES_PER_HOUR = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date().toordinal()
_LOW = 0xFFFFFFFF

Numbers = NDArray[np.int64]
Some = NDArray[np.intp]
"""Positions of rows."""


class Known(msgspec.Struct, frozen=True, gc=False):
    """What the database holds of an event. `series` 0: withdrawn."""

    version: int
    series: int
    minute: int
    incident: bytes | None


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """Events as they are to be written if they are newer than what is known, as columns.

    Shape: sorted by id, by its first eight bytes; `ids` holds 16 bytes a row; `order` is the row of
    each among the winners.
    """

    winners: Winners
    order: Some
    ids: NDArray[Any]
    versions: Numbers
    series: Numbers
    minutes: Numbers
    is_linked: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)

    def id(self, at: int) -> bytes:
        """The event's id, 16 bytes."""
        raw: bytes = self.ids[at].tobytes()
        return raw

    def incident(self, at: int) -> bytes | None:
        """The incident that the event belongs to, if it is linked."""
        row: int = self.order[at]
        return self.winners.incidents[row]

    def places(self, ids: Iterable[bytes]) -> list[int]:
        """Where these events are."""
        where = np.empty(len(self.order), np.intp)
        where[self.order] = np.arange(len(self.order))
        found: list[int] = where[list(map(self.winners.rows.__getitem__, ids))].tolist()
        return found


@dataclass(frozen=True, slots=True)
class Deltas:
    """Cells and what is added to them, as columns; each cell once, sorted, and never by nothing.

    Unit: `buckets` minutes or hours since 1970, or Stockholm days since 1970.
    """

    series: list[int]
    buckets: list[int]
    reports: list[int]
    incidents: list[int]


@dataclass(slots=True)
class Moves:
    """What is added to and taken from series and minutes, one after the other."""

    series: list[int] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)
    reports: list[int] = field(default_factory=list)
    incidents: list[int] = field(default_factory=list)

    def add(self, series: int, minute: int, *, reports: int, incidents: int) -> None:
        """One more; what is withdrawn is in no cell."""
        if series != WITHDRAWN:
            self.series.append(series)
            self.minutes.append(minute)
            self.reports.append(reports)
            self.incidents.append(incidents)


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What a batch changes.

    Shape: `new` and `amended` are positions in the draft; `linked` are the incidents whose
    earliest event may have changed, sorted.
    """

    draft: Draft
    new: Some
    amended: Some
    moves: Moves
    linked: list[bytes]

    @property
    def changed(self) -> int:
        """How many events are new or have another version now."""
        return len(self.new) + len(self.amended)

    @property
    def live(self) -> Some:
        """Positions of the events that are new or have another version, and are in a cell now."""
        changed: Some = np.concatenate((self.new, self.amended))
        live: Some = changed[self.draft.series[changed] != WITHDRAWN]
        return live

    def live_before(self, minute: int) -> int:
        """How many of them happened before this minute since 1970."""
        return int((self.draft.minutes[self.live] < minute).sum())

    def deltas(self) -> tuple[Deltas, Deltas, Deltas]:
        """The changes of minute, hour and Stockholm day cells.

        Minutes in order are hours and days in order too, so one sort serves all three.
        """
        draft, moves = self.draft, self.moves
        live = self.live
        series = np.concatenate((draft.series[live], np.array(moves.series, np.int64)))
        minutes = np.concatenate((draft.minutes[live], np.array(moves.minutes, np.int64)))
        order = np.argsort((series << 32) | minutes, kind="stable")
        series, minutes = series[order], minutes[order]
        reports = np.concatenate((np.ones(len(live), np.int64), moves.reports)).astype(np.int64)
        alone = (~draft.is_linked[live]).astype(np.int64)
        incidents = np.concatenate((alone, moves.incidents)).astype(np.int64)
        measures = reports[order], incidents[order]
        return (
            _summed(series, minutes, *measures),
            _summed(series, minutes // MINUTES_PER_HOUR, *measures),
            _summed(series, stockholm_days(minutes), *measures),
        )


def draft(winners: Winners, series: Sequence[int]) -> Draft:
    """The winners as columns of numbers.

    Shape: `series` is the number of each winner's place, 0 for a withdrawal.
    """
    raw = np.frombuffer(b"".join(winners.rows), "V16")
    # In the order of the index, so that neighbours are written together.
    order = np.argsort(raw.view(">u8")[::2].astype(np.uint64), kind="stable")
    is_linked = np.zeros(len(order), np.bool_)
    if any(winners.incidents):
        is_linked = np.array([one is not None for one in winners.incidents])[order]
    return Draft(
        winners=winners,
        order=order,
        ids=raw[order],
        versions=np.array(winners.versions, np.int64)[order],
        series=np.array(series, np.int64)[order],
        minutes=np.array(winners.minutes, np.int64)[order],
        is_linked=is_linked,
    )


def settle(draft: Draft, known: Mapping[bytes, Known]) -> Settled:
    """What a batch changes.

    The highest version wins. What is known already changes nothing, but that an event is
    linked to an incident since (decision 0026).
    An event that is linked to others is a report of its own, but the incident is counted where its
    earliest live event is: who that is, the database is asked afterwards.
    """
    is_new = np.ones(len(draft), np.bool_)
    amended: list[int] = []
    if known:
        places = draft.places(known)
        is_new[places] = False
        both = zip(places, known.values(), strict=True)
        amended = sorted(at for at, was in both if _supersedes(draft, at, was))
    moves, linked = Moves(), set[bytes | None]()
    for at in amended:
        was = known[draft.id(at)]
        moves.add(was.series, was.minute, reports=-1, incidents=-1 if was.incident is None else 0)
        linked.update((was.incident, draft.incident(at)))
    new = np.flatnonzero(is_new)
    linked.update(draft.incident(at) for at in np.flatnonzero(is_new & draft.is_linked).tolist())
    return Settled(
        draft,
        new,
        np.array(amended, np.intp),
        moves,
        sorted(one for one in linked if one is not None),
    )


def _supersedes(draft: Draft, at: int, known: Known) -> bool:
    version = draft.versions[at]
    if known.version != version:
        return bool(known.version < version)
    return known.incident is None and bool(draft.is_linked[at])


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an incident is counted. `event` None: nowhere, for none of its events is live."""

    event: bytes | None = None
    series: int = WITHDRAWN
    minute: int = 0


def move_incidents(
    was: Mapping[bytes, Standing], earliest: Mapping[bytes, Standing], moves: Moves
) -> dict[bytes, Standing]:
    """The incidents that are counted elsewhere from now on; `moves` learns from where to where."""
    moved: dict[bytes, Standing] = {}
    for incident, before in was.items():
        now = earliest.get(incident, Standing())
        if now == before:
            continue
        moved[incident] = now
        moves.add(before.series, before.minute, reports=0, incidents=-1)
        moves.add(now.series, now.minute, reports=0, incidents=1)
    return moved


def stockholm_days(minutes: Numbers) -> Numbers:
    """The Stockholm day of each minute, since 1970."""
    hours, place = np.unique(minutes // MINUTES_PER_HOUR, return_inverse=True)
    return np.fromiter(map(_stockholm_day, hours.tolist()), np.int64, len(hours))[place]


@lru_cache(maxsize=1 << 16)
def _stockholm_day(hour: int) -> int:
    """The day that an hour since 1970 lies in: the clock is changed and midnight is on the hour."""
    local = datetime.fromtimestamp(hour * 3600, UTC).astimezone(STOCKHOLM)
    return local.date().toordinal() - _EPOCH


def _summed(series: Numbers, buckets: Numbers, reports: Numbers, incidents: Numbers) -> Deltas:
    """Add up neighbours of the same cell. The key holds series and bucket in 64 bits."""
    if not len(series):
        return Deltas([], [], [], [])
    keys = (series << 32) | buckets
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    reports = np.add.reduceat(reports, first)
    incidents = np.add.reduceat(incidents, first)
    kept = (reports != 0) | (incidents != 0)
    cells = keys[first][kept]
    return Deltas(
        series=(cells >> 32).tolist(),
        buckets=(cells & _LOW).tolist(),
        reports=reports[kept].tolist(),
        incidents=incidents[kept].tolist(),
    )
