"""Where and when reports are, as coarsely as a token knows it: columns, a row is a report."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.anonymizer.domain.linking.rules import UNLINKED

CELL_M = 100
SLOT_S = 900
MOST_X, MOST_Y, MOST_SLOT = 1 << 14, 1 << 17, 1 << 22
"""Beyond Sweden in SWEREF 99 TM, and beyond the year 2089."""

SLOTS_A_DAY = 24 * 3600 // SLOT_S

Cells = NDArray[Any]
"""Rows of `CELL`. Unit: `x`, `y` in 100 m of SWEREF 99 TM, `slot` in 15 minutes since 1970."""

CELL = np.dtype(
    [
        ("y", "<u4"),
        ("slot", "<u4"),
        ("x", "<u2"),
        ("actor", "<u2"),
        ("indicator", "<u2"),
        ("family", "u1"),
        ("form", "u1"),
    ]
)
FORM = 1
"""What the last byte of every cell is: another number means another form, or a wrong key."""


def cells_of(
    e: Sequence[float], n: Sequence[float], seconds: Sequence[float]
) -> tuple[Cells, NDArray[np.bool_]]:
    """Cells with place and time alone, and which of them are known.

    Unit: metres in SWEREF 99 TM, not a number for no place; seconds since 1970.
    """
    columns = [np.asarray(one, np.float64) for one in (e, n, seconds)]
    steps = (CELL_M, CELL_M, SLOT_S)
    x, y, slot = (np.floor(one / step) for one, step in zip(columns, steps, strict=True))
    bounds = ((x, MOST_X), (y, MOST_Y), (slot, MOST_SLOT))
    known = np.ones(len(x), np.bool_)
    for column, most in bounds:
        known &= (column >= 0) & (column < most)  # not a number is neither
    cells = np.zeros(len(x), CELL)
    for name, column in (("x", x), ("y", y), ("slot", slot)):
        cells[name] = np.where(known, column, 0)
    cells["form"] = FORM
    return cells, known


def is_linkable(cells: Cells) -> NDArray[np.bool_]:
    """Which of the cells belong to a family that is linked."""
    linkable: NDArray[np.bool_] = cells["family"] != UNLINKED
    return linkable
