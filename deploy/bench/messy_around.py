"""Texts that say it was around, towards or between places, which is not to say that it was there."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, TypeAlias

from deploy.bench import messy_phrases_around as phrases
from deploy.bench.known import NOBODY_KNOWS, Truth, all_agree, arguable, only
from deploy.bench.messy_spots import said
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Kind, Made, Whereabouts
from shared.pack.registers import Registers

CLOSE_METRES: Final = 200.0
NOT_FAR_METRES: Final = 1_000.0

Around: TypeAlias = tuple[Sequence[str], Truth]


class MessyAround:
    """Makes texts around places, localities and areas of one pack, which may lack places and roads."""

    def __init__(
        self, registers: Registers, whereabouts: Whereabouts, houses: RegisterHouses, rng: Random
    ) -> None:
        self._rng = rng
        self._known = houses.known
        self._names = houses.others
        self._districts = [one for one in houses.others if one not in houses.points]
        self._places = sorted({row[0] for row in registers.places})
        self._no_border_within = {
            metres: set(self._places)
            - {row[0] for row in registers.places if not whereabouts.is_amid(row, metres)}
            for metres in (CLOSE_METRES, NOT_FAR_METRES)
        }
        self._roads: dict[str, set[str | None]] = defaultdict(set)
        for row in registers.roads:
            self._roads[row[0]].add(whereabouts.area_of_row(row))
        self._beside = [
            (road, name)
            for road, areas in self._roads.items()
            for name in self._places
            if self._at(name).area in areas - {None}
        ]

    def kinds(self) -> Iterator[Kind]:
        """Each kind with its weight and its maker; none of what the pack has nothing of."""
        if self._districts:
            yield "outside_of_district", (8, self._outside_of_district)
        if self._names:
            yield "far_or_towards", (8, self._far_or_towards)
        if self._places:
            yield "outside_of_place", (6, self._outside_of_place)
            yield "level_with_place", (5, self._level_with_place)
        if len(self._places) > 1:
            yield "between_places", (6, self._between)
        if self._beside:
            yield "road_around_place", (6, self._road_around_place)

    def _outside_of_district(self) -> Made:
        """Outside of a locality or an area may be any of those around it."""
        forms = (*phrases.CLOSE, *phrases.OUTSIDE)
        return self._made(forms, NOBODY_KNOWS, x=self._rng.choice(self._districts))

    def _far_or_towards(self) -> Made:
        forms = (*phrases.FAR, *phrases.TOWARDS)
        return self._made(forms, NOBODY_KNOWS, x=self._rng.choice(self._names))

    def _outside_of_place(self) -> Made:
        """Its area fits if no border is so near that it may be the next one."""
        name = self._rng.choice(self._places)
        forms, truth = self._rng.choice((self._close(name), self._outside(name)))
        return self._made(forms, truth, x=name)

    def _level_with_place(self) -> Made:
        """Its area fits; "unknown" too, for it may be some way off."""
        name = self._rng.choice(self._places)
        return self._made(phrases.LEVEL, self._at(name), x=name)

    def _between(self) -> Made:
        """Between two places of one area that area fits; localities and areas have no points."""
        if self._districts and self._rng.random() < 0.5:
            x, y = self._rng.choice(self._districts), self._rng.choice(self._names)
            if not self._known.areas_named(x) & self._known.areas_named(y):
                return self._made(phrases.BETWEEN, NOBODY_KNOWS, x=x, y=y)
        x, y = self._two_places()
        truth = all_agree([self._at(x), self._at(y)])
        return self._made(phrases.BETWEEN, truth, x=x, y=y)

    def _two_places(self) -> tuple[str, str]:
        """Every third time of one area, if there are such."""
        x, y = self._rng.sample(self._places, 2)
        area = self._at(x).area
        there = [one for one in self._places if one != x and self._at(one).area == area]
        return x, self._rng.choice(there) if there and self._rng.random() < 0.33 else y

    def _road_around_place(self) -> Made:
        """On a road around a place: where the road is, if that is one area; else as without it."""
        road, name = self._rng.choice(self._beside)
        forms, truth = self._rng.choice(
            (
                (phrases.LEVEL, self._at(name)),
                self._close(name),
                (phrases.FAR, NOBODY_KNOWS),
            )
        )
        of_road = only(self._roads[road])
        written = road if road.startswith("E") else f"väg {road}"
        on_road = tuple(f"{written} {form}" for form in forms)
        return self._made(on_road, of_road if of_road.is_owed else truth, x=name)

    def _at(self, name: str) -> Truth:
        return arguable(only(self._known.areas_named(name)).area)

    def _close(self, name: str) -> Around:
        return phrases.CLOSE, self._within(CLOSE_METRES, name)

    def _outside(self, name: str) -> Around:
        return phrases.OUTSIDE, self._within(NOT_FAR_METRES, name)

    def _within(self, metres: float, name: str) -> Truth:
        return self._at(name) if name in self._no_border_within[metres] else NOBODY_KNOWS

    def _made(self, forms: Sequence[str], truth: Truth, **names: str) -> Made:
        text = self._rng.choice(forms).format(**names, small=self._rng.randint(2, 6))
        field = "address" if self._rng.random() < 0.6 else "object"
        return {field: said(text, self._rng)}, truth
