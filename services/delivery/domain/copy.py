"""The copy of one class of one municipality's cells, and the sums of its windows.

Nothing here knows a clock or a database: `store.mirror` fills a copy and follows the changes.
"""

from collections import OrderedDict
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from services.delivery.domain.cells import KINDS, Counts, Sliding, TierCells
from services.delivery.domain.levels import Levels
from services.delivery.domain.places import Grouping, Places
from services.delivery.domain.view import Count, Key
from shared import buckets
from shared.buckets import Numbers
from shared.windows import Segment, Tier, Window

REACH: Mapping[Tier, int] = MappingProxyType(
    {Tier.MINUTE: 25 * 60, Tier.HOUR: 32 * 24, Tier.DAY: 369}
)
"""No window reaches further back in the buckets of a tier; an hour or a day more than that."""
SLACK: Mapping[Tier, int] = MappingProxyType({Tier.MINUTE: 360, Tier.HOUR: 72, Tier.DAY: 14})
"""So many more may be held before the oldest are dropped, for each time copies the rest."""
MOST_CHOICES = 8  # of windows, whose sums are kept; each takes about a megabyte

Cut = Mapping[Window, tuple[Segment, ...]]


@dataclass(frozen=True, slots=True)
class Changes:
    """What was added to and taken from minutes; columns. Shape: `counts` is (2, n)."""

    series: Numbers
    minutes: Numbers
    counts: Counts

    def among(self, known_series: Container[int]) -> "Changes":
        """Those of these series alone; what it costs is told by the changes, not by the series."""
        asked = self.series.tolist()
        known = np.fromiter((one in known_series for one in asked), np.bool_, len(asked))
        return Changes(self.series[known], self.minutes[known], self.counts[:, known])

    def buckets(self) -> Mapping[Tier, Numbers]:
        """The buckets of each tier that they change."""
        return {
            Tier.MINUTE: self.minutes,
            Tier.HOUR: buckets.hours(self.minutes),
            Tier.DAY: buckets.stockholm_days(self.minutes),
        }


@dataclass(frozen=True, slots=True)
class LevelSums:
    """The sums of one window at one level. Shape: `counts` is (2, groups) of the grouping."""

    window: Window
    groups: Grouping
    counts: Counts


@dataclass(frozen=True, slots=True)
class Pictures:
    """The sums of one class for an audience: of `indicators`, at each level asked for."""

    indicators: tuple[str, ...]
    levels: Mapping[int, list[LevelSums]]


class Copy:
    """Every cell of one class that a window can reach, and sums that move with the clock.

    Shape: `seen` is the database's snapshot that the cells are of, `edition` the generation of the
    tables and the server's life in which it was taken, `indicators` those of the class. `kept_from`
    is the first whole bucket of each tier; what lies before is not summed, as `counting.cell` does
    not show it.
    """

    def __init__(
        self,
        *,
        seen: str,
        edition: str,
        indicators: frozenset[str],
        places: Places,
        tiers: Mapping[Tier, TierCells],
        kept_from: Mapping[Tier, int],
    ) -> None:
        self.seen = seen
        self.edition = edition
        self.indicators = indicators
        self.places = places
        self.kept_from = kept_from
        self._tiers = tiers
        self._sliding: dict[tuple[Window, Tier, Tier], Sliding] = {}
        self._levels: OrderedDict[tuple[Tier, tuple[Window, ...]], Levels] = OrderedDict()

    @property
    def cells(self) -> int:
        """How many cells are held."""
        return sum(map(len, self._tiers.values()))

    @property
    def held_bytes(self) -> int:
        """What the cells take in memory."""
        return sum(tier.held_bytes for tier in self._tiers.values())

    def reaches(self, cut: Cut) -> bool:
        """Whether these pieces of windows lie in what is held."""
        return all(
            buckets.number_of(segment.start, segment.tier) >= self._tiers[segment.tier].held_from
            for segments in cut.values()
            for segment in segments
        )

    def add(self, changes: Changes) -> None:
        """Follow changes of series that have places here."""
        if not len(changes.series):
            return
        places = self.places.numbered(changes.series)
        for tier, numbers in changes.buckets().items():
            self._tiers[tier].add(numbers, places, changes.counts)
            for (_, _, of), sliding in self._sliding.items():
                if of is tier:
                    sliding.add(numbers, places, changes.counts)

    def forget_before(self, now: Mapping[Tier, int]) -> None:
        """Drop what no window at these buckets can reach, when it has become much."""
        for tier, cells in self._tiers.items():
            first = now[tier] - REACH[tier]
            if cells.held_from < first - SLACK[tier]:
                cells.drop_before(first)

    def sums(
        self, cut: Cut, *, grain: Tier, prefix_lengths: Sequence[int]
    ) -> dict[int, list[LevelSums]]:
        """The sums of windows at some levels; the windows are cut for this grain."""
        if not cut:
            return {length: [] for length in prefix_lengths}
        by_place = np.stack([self._window(*one, grain) for one in cut.items()])
        groupings = [self.places.grouped(length) for length in prefix_lengths]
        levels = self._kept_levels((grain, tuple(cut))).at(by_place, groupings)
        return {
            length: [
                LevelSums(window, groups, counts)
                for window, counts in zip(cut, by_group, strict=True)
            ]
            for length, groups, by_group in zip(prefix_lengths, groupings, levels, strict=True)
        }

    def _kept_levels(self, choice: tuple[Tier, tuple[Window, ...]]) -> Levels:
        """What was summed last for these windows; the choice not asked for longest is forgotten."""
        levels = self._levels.setdefault(choice, Levels())
        self._levels.move_to_end(choice)
        if len(self._levels) > MOST_CHOICES:
            self._levels.popitem(last=False)
        return levels

    def _window(
        self, window: Window, segments: Sequence[Segment], grain: Tier
    ) -> NDArray[np.int64]:
        many = len(self.places)
        total = np.zeros((KINDS, many), np.int64)
        for segment in segments:
            tier = segment.tier
            low = max(buckets.number_of(segment.start, tier), self.kept_from[tier])
            high = max(low, buckets.number_of(segment.end, tier))
            sliding = self._sliding.setdefault((window, grain, tier), Sliding())
            total += sliding.at(self._tiers[tier], low, high, many)
        return total


def cells_of(
    sums: Sequence[LevelSums], indicators: Collection[str], areas: Collection[str] | None
) -> list[tuple[Key, Count]]:
    """The sums of these indicators and areas that are not zero, by area, indicator and window."""
    found: list[tuple[Key, Count]] = []
    for one in sums:
        groups = one.groups
        chosen = groups.chosen(indicators, areas)
        chosen = chosen[one.counts[:, chosen].any(axis=0)]
        found.extend(
            ((groups.areas[area], groups.indicators[indicator], one.window), Count(*counts))
            for area, indicator, counts in zip(
                groups.area_of[chosen].tolist(),
                groups.indicator_of[chosen].tolist(),
                one.counts[:, chosen].T.tolist(),
                strict=True,
            )
        )
    return found
