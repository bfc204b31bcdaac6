"""Cells of one tier in memory, and sums over stretches of their buckets.

A cell is a key, bucket and place in one number, and two counts: reports and incidents. Keys are
sorted, so a stretch of buckets is a slice. What comes later waits in a short unsorted part.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.buckets import Numbers

Counts = NDArray[np.integer[Any]] | NDArray[np.int32]
"""Shape: (2, n): reports and incidents of n cells or places."""

KINDS = 2  # reports and incidents
MOST_LATE = 8192  # cells; looking through them costs less than putting them in their places
MOST_LATE_PARTS = 16  # one after the other

_PLACE_BITS = 32
_PLACE = (1 << _PLACE_BITS) - 1


class TierCells:
    """The cells of one tier from the bucket `held_from` on."""

    def __init__(
        self, buckets: Numbers, places: Numbers, counts: Counts, *, held_from: int
    ) -> None:
        self.held_from = held_from
        self._keys, self._counts = _summed((buckets << _PLACE_BITS) | places, counts)
        self._late: list[tuple[Numbers, Counts]] = []
        self._late_cells = 0

    def __len__(self) -> int:
        return len(self._keys) + self._late_cells

    @property
    def held_bytes(self) -> int:
        """What the cells take in memory."""
        late = sum(keys.nbytes + counts.nbytes for keys, counts in self._late)
        return self._keys.nbytes + self._counts.nbytes + late

    def add(self, buckets: Numbers, places: Numbers, counts: Counts) -> None:
        """Add to cells, negative counts too; what lies before `held_from` is left out."""
        kept = buckets >= self.held_from
        if not kept.any():
            return
        keys = (buckets[kept] << _PLACE_BITS) | places[kept]
        self._late.append((keys, counts[:, kept]))
        self._late_cells += len(keys)
        if self._late_cells > MOST_LATE:
            self._sort_in()
        elif len(self._late) > MOST_LATE_PARTS:
            self._late = [self._late_in_one()]

    def drop_before(self, bucket: int) -> None:
        """Forget what no window can reach any more."""
        if bucket <= self.held_from:
            return
        self._sort_in()
        first = np.searchsorted(self._keys, bucket << _PLACE_BITS)
        self._keys = self._keys[first:].copy()  # a copy, so that the rest is freed
        self._counts = self._counts[:, first:].copy()
        self.held_from = bucket

    def between(self, low: int, high: int, places: int) -> Counts:
        """The sums of the buckets `[low, high)` for so many places; turned around, negative."""
        if high < low:
            return -self.between(high, low, places)
        found = np.zeros((KINDS, places), np.int64)
        if low == high:
            return found
        first, end = self._slice(low, high)
        if first < end:
            found += _by_place(self._keys[first:end], self._counts[:, first:end], places)
        for keys, counts in self._late:
            inside = (keys >= low << _PLACE_BITS) & (keys < high << _PLACE_BITS)
            if inside.any():
                found += _by_place(keys[inside], counts[:, inside], places)
        return found

    def rows(self, low: int, high: int) -> int:
        """How many sorted cells lie between two buckets: what summing them costs."""
        first, end = self._slice(min(low, high), max(low, high))
        return end - first

    def _slice(self, low: int, high: int) -> tuple[int, int]:
        first, end = np.searchsorted(self._keys, [low << _PLACE_BITS, high << _PLACE_BITS])
        return int(first), int(end)

    def _late_in_one(self) -> tuple[Numbers, Counts]:
        keys = np.concatenate([keys for keys, _ in self._late])
        return keys, np.concatenate([counts for _, counts in self._late], axis=1)

    def _sort_in(self) -> None:
        """Put the late ones in their places: add to cells that are there, insert the others."""
        if not self._late:
            return
        keys, counts = _summed(*self._late_in_one())
        self._late, self._late_cells = [], 0
        at = np.searchsorted(self._keys, keys)
        known = np.zeros(len(keys), np.bool_)
        inside = at < len(self._keys)
        known[inside] = self._keys[at[inside]] == keys[inside]
        self._counts[:, at[known]] += counts[:, known]
        if not known.all():
            self._keys = np.insert(self._keys, at[~known], keys[~known])
            self._counts = np.insert(self._counts, at[~known], counts[:, ~known], axis=1)


class Sliding:
    """The sums of one stretch of buckets by place. It moves with the clock and is not summed anew.

    What it costs to move is what enters and what leaves: for a window of a day that is a minute
    old, two minutes' cells.
    """

    def __init__(self) -> None:
        self._low = self._high = 0
        self._sums: Counts = np.zeros((KINDS, 0), np.int64)

    def at(self, cells: TierCells, low: int, high: int, places: int) -> Counts:
        """The sums of `[low, high)`; to be read at once, for they are changed in place.

        Shape: `places` is how many there are, never fewer than the last time.
        """
        self._widen(places)
        if (low, high) == (self._low, self._high):
            return self._sums
        away = cells.rows(self._low, low) + cells.rows(self._high, high)
        if min(self._low, self._high) < cells.held_from or away >= cells.rows(low, high):
            self._sums = cells.between(low, high, places)
        else:
            self._sums = (
                self._sums
                + cells.between(self._high, high, places)
                - cells.between(self._low, low, places)
            )
        self._low, self._high = low, high
        return self._sums

    def add(self, buckets: Numbers, places: Numbers, counts: Counts) -> None:
        """Follow a change of the cells."""
        inside = (buckets >= self._low) & (buckets < self._high)
        if inside.any():
            self._widen(int(places.max()) + 1)
            np.add.at(self._sums.T, places[inside], counts[:, inside].T)

    def _widen(self, places: int) -> None:
        missing = places - self._sums.shape[1]
        if missing > 0:
            self._sums = np.pad(self._sums, ((0, 0), (0, missing))).astype(np.int64)


def _by_place(keys: Numbers, counts: Counts, places: int) -> Counts:
    """Sums by place. A float holds integers up to 2**53 exactly, far more than ever happens."""
    at = keys & _PLACE
    return np.stack([np.bincount(at, one, places) for one in counts]).astype(np.int64)


def _summed(keys: Numbers, counts: Counts) -> tuple[Numbers, Counts]:
    """Each key once, sorted; counts in 32 bits, as the tables have them."""
    if not len(keys):
        return keys, counts.astype(np.int32)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sums = np.add.reduceat(counts[:, order], first, axis=1, dtype=np.int64)
    return keys[first], sums.astype(np.int32)
