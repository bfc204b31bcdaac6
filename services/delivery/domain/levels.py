"""The sums of some windows at each level, kept: only what has changed since is added.

Of a minute's events each is in one place. To add every place up to its areas anew for each view
cost more than everything else of a sum.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.delivery.domain.places import Grouping

Sums = NDArray[np.int64]

ANEW = 4  # if more than a quarter of the places have changed, it costs less to sum everything


class Levels:
    """The sums of one choice of windows as they were drawn last, by place and by group."""

    def __init__(self) -> None:
        self._by_place: Sums = np.zeros((0, 0, 0), np.int64)
        self._kept: dict[Grouping, Sums] = {}

    def at(self, by_place: Sums, groupings: Sequence[Grouping]) -> list[Sums]:
        """The sums by group. `by_place` is kept to be compared with the next, so it stays as it is.

        Shape: (windows, kinds, places) to (windows, kinds, groups) for each grouping. What is
        given out is never changed afterwards.
        """
        self._follow(by_place)
        self._by_place = by_place
        for grouping in groupings:
            if grouping not in self._kept:
                self._kept[grouping] = grouping.summed(by_place)
        return [self._kept[grouping] for grouping in groupings]

    def _follow(self, by_place: Sums) -> None:
        if by_place.shape != self._by_place.shape:  # with a new place every grouping is another
            self._kept.clear()
            return
        changed = np.flatnonzero((by_place != self._by_place).any(axis=(0, 1)))
        if len(changed) * ANEW > by_place.shape[-1]:
            self._kept.clear()
            return
        more = by_place[..., changed] - self._by_place[..., changed]
        for grouping, sums in self._kept.items():
            self._kept[grouping] = grouping.with_more(sums, changed, more)
