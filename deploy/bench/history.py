"""The events behind the log: every block of records is made from them, and so are the true counts.

All columns are arrays over the number of the event, about 13 bytes each, so that ten million
events can be known by heart. A block shows resent events as they were before it, so a resend may
stand behind the correction that made it stale.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.bench import mix
from deploy.bench.instants import Floors, Seconds
from shared.windows import Tier

FIRST_BLOCK = 1000  # all of it new; blocks double from here
BLOCK = 40_000
HIGHEST_VERSION = 9  # one digit; what has it is not changed any more
CANDIDATES = 3  # for each change: some are withdrawn, some are drawn twice

Numbers = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

TIERS: Final = tuple(Tier)
_GRAIN_OF: Final = np.array([TIERS.index(grain) for grain in mix.GRAINS], dtype=np.uint8)
_GRAIN_S: Final = np.array([60, 3600, 86_400], dtype=np.int64)
_MOST_GRAINS: Final = np.array([120, 3, 3], dtype=np.int64)  # that a corrected instant moves back
FARTHEST_CORRECTED: Final = timedelta(days=3) * HIGHEST_VERSION


class Kind(IntEnum):
    """What a record is."""

    NEW = 0
    RESEND = 1
    CORRECTION = 2
    WITHDRAWAL = 3


@dataclass(slots=True)
class Columns:
    """Versions of events, one row each. Unit: `second` since 1970, not floored yet."""

    version: Bytes
    live: Flags
    municipality: Bytes
    area: Bytes
    indicator: Bytes
    second: Seconds

    @classmethod
    def empty(cls, rows: int) -> "Columns":
        """Room for so many."""
        return cls(
            version=np.zeros(rows, dtype=np.uint8),
            live=np.zeros(rows, dtype=np.bool_),
            municipality=np.zeros(rows, dtype=np.uint8),
            area=np.zeros(rows, dtype=np.uint8),
            indicator=np.zeros(rows, dtype=np.uint8),
            second=np.zeros(rows, dtype=np.int64),
        )

    def of(self, numbers: Numbers) -> "Columns":
        """A copy of these rows."""
        return Columns(*(getattr(self, name)[numbers] for name in self.__slots__))

    def put(self, at: Numbers | Flags, rows: "Columns") -> None:
        """Write the rows at these places."""
        for name in self.__slots__:
            getattr(self, name)[at] = getattr(rows, name)


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive records of the log.

    Shape: one row per record; `before` what the record's event was until then, for changes only.
    Unit: `at_ms` when ingest accepted it, milliseconds since 1970.
    """

    kinds: Bytes
    numbers: Numbers
    columns: Columns
    before: Columns
    at_ms: Numbers

    def __len__(self) -> int:
        return len(self.kinds)


class History:
    """Grows block by block; the same seed makes the same."""

    def __init__(self, *, seed: int, begins: datetime, ends: datetime) -> None:
        self._chance = np.random.default_rng(seed)
        self._begins = begins.timestamp()
        self._floors = Floors(
            first=begins.astimezone(UTC) - mix.DAYS_LIMIT - FARTHEST_CORRECTED,
            last=ends.astimezone(UTC),
        )
        self._municipalities = mix.Skew.of(len(mix.MUNICIPALITIES), mix.MUNICIPALITY_SKEW)
        self._areas = mix.Skew.of(len(mix.AREAS), mix.AREA_SKEW)
        self._indicators = mix.Skew.of(len(mix.INDICATORS), mix.INDICATOR_SKEW)
        self._events = Columns.empty(BLOCK)
        self.events = 0
        self.records = 0

    @property
    def current(self) -> Columns:
        """What every event is now."""
        return self._events.of(np.arange(self.events))

    def occurred(self, columns: Columns) -> Seconds:
        """When they happened, as messages tell it: floored to the grain of the class."""
        grain = _GRAIN_OF[columns.indicator]
        floors = [self._floors.to(tier, columns.second) for tier in TIERS]
        return np.choose(grain, floors)

    def bucket(self, tier: Tier, occurred: Seconds) -> Seconds:
        """The bucket of a tier that holds each."""
        return self._floors.to(tier, occurred)

    def next_block(self, *, most_new: int) -> Block:
        """The next records; of new events so many at the most, or a few more."""
        size = min(BLOCK, max(FIRST_BLOCK, self.records), max(1, round(most_new / mix.NEW)))
        kinds = self._kinds(size)
        changed = self._changed(kinds)
        resent = kinds == Kind.RESEND
        numbers = np.empty(size, dtype=np.int64)
        numbers[resent] = self._earlier(int(resent.sum()))
        numbers[(kinds == Kind.CORRECTION) | (kinds == Kind.WITHDRAWAL)] = changed
        new = kinds == Kind.NEW
        numbers[new] = self.events + np.arange(int(new.sum()))
        at_s = self._begins + (self.records + np.arange(size)) / mix.PER_SECOND
        self._make_room(int(new.sum()))
        before = self._events.of(numbers)
        self._events.put(numbers[new], self._new(at_s[new]))
        self._correct(numbers[kinds == Kind.CORRECTION])
        self._withdraw(numbers[kinds == Kind.WITHDRAWAL])
        columns = self._events.of(numbers)
        columns.put(resent, before.of(np.flatnonzero(resent)))
        self.events += int(new.sum())
        self.records += size
        return Block(kinds, numbers, columns, before, (at_s * 1000).astype(np.int64))

    def _kinds(self, size: int) -> Bytes:
        if not self.events:
            return np.zeros(size, dtype=np.uint8)
        edges = np.cumsum([mix.NEW, mix.RESENDS, mix.CORRECTIONS])
        return np.searchsorted(edges, self._chance.random(size), side="right").astype(np.uint8)

    def _changed(self, kinds: Bytes) -> Numbers:
        """Distinct live events to change; where there are too few, records become new events."""
        places = np.flatnonzero(kinds >= Kind.CORRECTION)
        drawn = self._earlier(CANDIDATES * len(places))
        fit = self._events.live[drawn] & (self._events.version[drawn] < HIGHEST_VERSION)
        drawn = drawn[fit]
        _, first = np.unique(drawn, return_index=True)
        found = drawn[np.sort(first)][: len(places)]
        kinds[places[len(found) :]] = Kind.NEW
        return found

    def _earlier(self, count: int) -> Numbers:
        """Numbers of events that exist, mostly recent."""
        if not count:
            return np.empty(0, dtype=np.int64)
        recent = self._chance.exponential(mix.RECENT_EVENTS, count).astype(np.int64)
        anywhere = self._chance.integers(0, self.events, count)
        back = np.where(self._chance.random(count) < mix.RECENT, recent % self.events, anywhere)
        numbers: Numbers = self.events - 1 - back
        return numbers

    def _new(self, at_s: NDArray[np.float64]) -> Columns:
        count = len(at_s)
        return Columns(
            version=np.ones(count, dtype=np.uint8),
            live=np.ones(count, dtype=np.bool_),
            municipality=self._municipalities.drawn(self._chance, count),
            area=self._areas.drawn(self._chance, count),
            indicator=self._indicators.drawn(self._chance, count),
            second=at_s.astype(np.int64) - mix.lateness_s(self._chance, count),
        )

    def _correct(self, numbers: Numbers) -> None:
        """Another area, another indicator or an earlier instant, a third each."""
        events, count = self._events, len(numbers)
        what = self._chance.integers(0, 3, count)
        events.version[numbers] += 1
        for column, which, ranks in (
            (events.area, 0, len(mix.AREAS)),
            (events.indicator, 1, len(mix.INDICATORS)),
        ):
            some = numbers[what == which]
            step = self._chance.integers(1, ranks, len(some))
            column[some] = (column[some] + step) % ranks
        moved = numbers[what == 2]
        grain = _GRAIN_OF[events.indicator[moved]]
        grains = 1 + np.floor(self._chance.random(len(moved)) * _MOST_GRAINS[grain])
        events.second[moved] -= grains.astype(np.int64) * _GRAIN_S[grain]

    def _withdraw(self, numbers: Numbers) -> None:
        self._events.version[numbers] += 1
        self._events.live[numbers] = False

    def _make_room(self, count: int) -> None:
        if self.events + count <= len(self._events.version):
            return
        wider = Columns.empty(2 * (self.events + count))
        wider.put(np.arange(self.events), self.current)
        self._events = wider
