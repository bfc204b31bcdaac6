"""Which remembered reports are near the ones of a batch: sorted columns, looked up all at once.

A key orders reports by family, square of 4 × 4 cells and slot, so what is near a report lies in nine
short stretches of each family that may be one incident with its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.anonymizer.domain.linking.cells import Cells
from services.anonymizer.domain.linking.posterior import (
    REACH_CELLS,
    REACH_SLOTS,
    Features,
    feature,
)

SQUARE = REACH_CELLS
MOST_OTHERS = 16
"""With more others near it than the truth was known of, nothing is said of a report."""

MOST_AROUND = 200
"""With more in its nine squares nothing is tried: it bounds the work where reports throng."""

_X, _Y, _SLOT = 13, 16, 22
_ACTOR = 16

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Reports of a batch with those near them.

    Shape: `row` of the batch; `handle` of what is remembered, or minus one minus the row of an
    earlier one of the batch; `feature` is where the table says how likely they are one incident.
    """

    row: NDArray[np.intp]
    handle: Numbers
    feature: Features


@dataclass(slots=True, eq=False)
class Columns:
    """Reports sorted by key. Shape: `fine` is x, y and actor; `handle` is whatever the owner says."""

    key: Numbers = field(default_factory=lambda: np.empty(0, np.int64))
    fine: Numbers = field(default_factory=lambda: np.empty(0, np.int64))
    handle: Numbers = field(default_factory=lambda: np.empty(0, np.int64))

    def add(self, other: "Columns") -> None:
        """Take in more of them, which are sorted too."""
        at = np.searchsorted(self.key, other.key)
        self.key = np.insert(self.key, at, other.key)
        self.fine = np.insert(self.fine, at, other.fine)
        self.handle = np.insert(self.handle, at, other.handle)

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Forget all others."""
        self.key, self.fine, self.handle = self.key[kept], self.fine[kept], self.handle[kept]


def columns(cells: Cells, handles: Numbers) -> Columns:
    """The cells sorted by key."""
    key = _keys(cells, cells["family"].astype(np.int64), 0, 0)
    order = np.argsort(key, kind="stable")
    return Columns(key[order], _fine(cells)[order], handles[order])


def pairs(cells: Cells, remembered: Columns, compatible: Mapping[int, Sequence[int]]) -> Pairs:
    """Every report of a batch with everything near it that another actor reported earlier.

    Shape: `cells` in the order in which they are decided; each is linkable.
    """
    rows = np.arange(len(cells), dtype=np.int64)
    batch = columns(cells, -1 - rows)
    wanted = _stretches(cells, compatible)
    found = [_found(wanted, one) for one in (remembered, batch)]
    row, fine, key, handle = (np.concatenate(parts) for parts in zip(*found, strict=True))
    own = _fine(cells)[row]
    dx, dy = (own >> _ACTOR + 17) - (fine >> _ACTOR + 17), _y(own) - _y(fine)
    dt = cells["slot"].astype(np.int64)[row] - (key & (1 << _SLOT) - 1)
    other_actor = (own ^ fine) & (1 << _ACTOR) - 1 != 0
    earlier = (handle >= 0) | (-1 - handle < row)
    near = other_actor & earlier
    for gap, reach in ((dx, REACH_CELLS), (dy, REACH_CELLS), (dt, REACH_SLOTS)):
        near &= np.abs(gap) <= reach
    row, handle, dx, dy, dt = (one[near] for one in (row, handle, dx, dy, dt))
    family = key[near] >> _X + _Y + _SLOT
    others = (np.bincount(row, minlength=len(cells)) - 1)[row]
    features = feature(dx, dy, dt, compatible=family != cells["family"][row], others=others)
    few = others <= MOST_OTHERS
    return Pairs(row[few].astype(np.intp), handle[few], features[few])


@dataclass(frozen=True, slots=True, eq=False)
class _Stretches:
    row: Numbers
    first: Numbers
    last: Numbers


def _stretches(cells: Cells, compatible: Mapping[int, Sequence[int]]) -> _Stretches:
    """The keys between which something near may lie; nine stretches for each family."""
    rows: list[Numbers] = []
    keys: list[Numbers] = []
    for family in np.unique(cells["family"]).tolist():
        of_family = np.flatnonzero(cells["family"] == family)
        some = cells[of_family]
        for other in (family, *compatible.get(family, ())):
            others = np.full(len(some), other, np.int64)
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    rows.append(of_family)
                    keys.append(_keys(some, others, dx, dy))
    if not rows:
        nothing = np.empty(0, np.int64)
        return _Stretches(nothing, nothing, nothing)
    middle = np.concatenate(keys)
    return _Stretches(np.concatenate(rows), middle - REACH_SLOTS, middle + REACH_SLOTS)


def _found(wanted: _Stretches, among: Columns) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Row, fine, key and handle of whatever lies in the stretches."""
    low = np.searchsorted(among.key, wanted.first, "left")
    count = np.searchsorted(among.key, wanted.last, "right") - low
    if len(count):
        around = np.bincount(wanted.row, weights=count)
        count = np.where(around[wanted.row] > MOST_AROUND, 0, count)
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    at = np.arange(total) - np.repeat(ends - count, count) + np.repeat(low, count)
    return np.repeat(wanted.row, count), among.fine[at], among.key[at], among.handle[at]


def _keys(cells: Cells, family: Numbers, dx: int, dy: int) -> Numbers:
    square_x = cells["x"].astype(np.int64) // SQUARE + dx + 1  # at the edge of all places, too
    square_y = cells["y"].astype(np.int64) // SQUARE + dy + 1
    slot = cells["slot"].astype(np.int64)
    return (((family << _X) + square_x << _Y) + square_y << _SLOT) + slot


def _fine(cells: Cells) -> Numbers:
    x, y, actor = (cells[name].astype(np.int64) for name in ("x", "y", "actor"))
    return (x << 17 + _ACTOR) + (y << _ACTOR) + actor


def _y(fine: Numbers) -> Numbers:
    return fine >> _ACTOR & (1 << 17) - 1
