"""The places that cells are about, as numbers: an indicator in a leaf area each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.buckets import Numbers


class Series(NamedTuple):
    """A place as the database numbers it, for all municipalities."""

    number: int
    indicator: str
    area: str


IN_NO_GROUP = -1


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Places added up to the areas of one level; equal to itself alone, so it can be a key.

    Shape: a group is `areas[area_of[g]]` and `indicators[indicator_of[g]]`; `order` has the places
    group by group, those of group `g` from `starts[g]` on; `group_of` has the group of each, or
    `IN_NO_GROUP`. No group is empty.
    """

    order: Numbers
    starts: Numbers
    group_of: Numbers
    areas: tuple[str, ...]
    indicators: tuple[str, ...]
    area_of: Numbers
    indicator_of: Numbers

    def summed(self, by_place: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sums by group. Shape: (..., places) to (..., groups)."""
        if not len(self.starts):
            return by_place[..., :0]
        sums: NDArray[np.int64] = np.add.reduceat(by_place[..., self.order], self.starts, axis=-1)
        return sums

    def with_more(
        self, sums: NDArray[np.int64], places: Numbers, more: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Sums by group, and what has been added to these places; new ones, the old ones stay."""
        found = sums.copy()
        groups = self.group_of[places]
        inside = groups != IN_NO_GROUP
        np.add.at(np.moveaxis(found, -1, 0), groups[inside], np.moveaxis(more[..., inside], -1, 0))
        return found

    def chosen(self, indicators: Collection[str], areas: Collection[str] | None) -> Numbers:
        """The groups of these indicators and areas; `areas` None is all."""
        mask = _among(self.indicators, indicators)[self.indicator_of]
        if areas is not None:
            mask &= _among(self.areas, areas)[self.area_of]
        return np.flatnonzero(mask)


class Places:
    """Numbers from 0 for the series of one class, in the order in which they became known."""

    def __init__(self) -> None:
        self._of: dict[int, int] = {}
        self._indicators: list[str] = []
        self._areas: list[str] = []
        self._groupings: dict[int, Grouping] = {}

    def __len__(self) -> int:
        return len(self._indicators)

    @property
    def of(self) -> Mapping[int, int]:
        """The place of each series' number."""
        return self._of

    def name(self, series: Iterable[Series]) -> None:
        """Learn of series; one that is known already stays what it is."""
        for one in series:
            if one.number not in self._of:
                self._of[one.number] = len(self._indicators)
                self._indicators.append(one.indicator)
                self._areas.append(one.area)
                self._groupings.clear()

    def numbered(self, series: Numbers) -> Numbers:
        """The places of known series."""
        found, at = np.unique(series, return_inverse=True)
        places = np.fromiter((self._of[one] for one in found.tolist()), np.int64, len(found))
        return places[at]

    def grouped(self, prefix_length: int) -> Grouping:
        """The places added up to the areas whose codes are so long.

        A place whose code is shorter is of a coarser level and in none of them.
        """
        if prefix_length not in self._groupings:
            self._groupings[prefix_length] = _grouping(self._areas, self._indicators, prefix_length)
        return self._groupings[prefix_length]


def _grouping(areas_in: list[str], indicators_in: list[str], prefix_length: int) -> Grouping:
    """The grouping of places by their areas and indicators, place by place."""
    fine = np.flatnonzero([len(area) >= prefix_length for area in areas_in])
    area_of_place = [areas_in[place][:prefix_length] for place in fine.tolist()]
    indicator_of_place = [indicators_in[place] for place in fine.tolist()]
    areas, indicators = sorted({*area_of_place}), sorted({*indicator_of_place})
    area_at = {code: at for at, code in enumerate(areas)}
    indicator_at = {code: at for at, code in enumerate(indicators)}
    keys = np.array(
        [
            area_at[area] * len(indicators) + indicator_at[indicator]
            for area, indicator in zip(area_of_place, indicator_of_place, strict=True)
        ],
        np.int64,
    )
    in_order = np.argsort(keys, kind="stable")
    groups, starts = np.unique(keys[in_order], return_index=True)
    group_of = np.full(len(areas_in), IN_NO_GROUP, np.int64)
    group_of[fine] = np.searchsorted(groups, keys)
    return Grouping(
        order=fine[in_order],
        starts=starts,
        group_of=group_of,
        areas=tuple(areas),
        indicators=tuple(indicators),
        area_of=groups // max(1, len(indicators)),
        indicator_of=groups % max(1, len(indicators)),
    )


def _among(codes: tuple[str, ...], wanted: Collection[str]) -> NDArray[np.bool_]:
    chosen = frozenset(wanted)
    return np.fromiter((code in chosen for code in codes), np.bool_, len(codes))
