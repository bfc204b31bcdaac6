"""Places and roads as they are written, each with its true area or none."""

from collections import defaultdict
from collections.abc import Iterator
from random import Random

from deploy.bench.known import NOBODY_KNOWS, only, owed
from deploy.bench.messy_phrases import QUALIFIERS
from deploy.bench.other_towns import OtherTowns
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Kind, Made, Whereabouts
from shared.pack.registers import Registers


class MessyWays:
    """Makes places and roads of one pack, which may have none."""

    def __init__(
        self,
        registers: Registers,
        whereabouts: Whereabouts,
        houses: RegisterHouses,
        others: OtherTowns,
        rng: Random,
    ) -> None:
        self._rng = rng
        self._others = others
        self._known = houses.known
        self._localities = houses.localities
        self._places = [(row[0], whereabouts.area_of_row(row)) for row in registers.places]
        self._roads: dict[str, set[str | None]] = defaultdict(set)
        for row in registers.roads:
            self._roads[row[0]].add(whereabouts.area_of_row(row))
        self._beside = [
            (road, name, area)
            for road, areas in self._roads.items()
            for name, area in self._places
            if area in areas
        ]

    def kinds(self) -> Iterator[Kind]:
        """Each kind with its weight and its maker; none of what the pack has nothing of."""
        if self._places:
            yield "place", (15, self._place)
            yield "place_qualified", (10, self._qualified_place)
        if self._places and self._localities:
            yield "place_and_locality", (8, self._place_and_locality)
        if self._beside:
            yield "road_with_place", (8, self._road_with_place)
            yield "road_with_place_direction", (8, self._road_with_place_direction)
        if self._roads:
            yield "road_alone", (5, self._road_alone)
            yield "road_direction", (10, self._road_direction)

    def _field(self) -> str:
        """Some write everything into the field for addresses."""
        return "address" if self._rng.random() < 0.2 else "object"

    def _place(self) -> Made:
        name, area = self._rng.choice(self._places)
        text = self._rng.choice((name, name.upper(), f"vid {name}"))
        return {self._field(): text}, owed(area)

    def _qualified_place(self) -> Made:
        """Another place, whose name is one of ours with a word before it."""
        name, _ = self._rng.choice(self._places)
        text = f"{self._rng.choice(QUALIFIERS)} {name}"
        return {self._field(): text}, only(self._known.areas_named(text))

    def _place_and_locality(self) -> Made:
        """With one of our localities: it is in its areas, or nobody knows."""
        name, area = self._rng.choice(self._places)
        fitting = [one for one in self._localities if area in self._known.areas_named(one)]
        locality = self._rng.choice(self._localities)
        if fitting and self._rng.random() < 0.5:
            locality = self._rng.choice(fitting)
        text = self._rng.choice((f"{name}, {locality}", f"{name} i {locality}"))
        agree = area in self._known.areas_named(locality)
        return {self._field(): text}, owed(area) if agree else NOBODY_KNOWS

    def _road(self, road: str) -> str:
        if road.startswith("E"):
            return self._rng.choice((road, f"E {road[1:]}", road.lower()))
        return self._rng.choice((f"Rv {road}", f"väg {road}", f"länsväg {road}", f"Väg{road}"))

    def _road_with_place(self) -> Made:
        road, name, area = self._rng.choice(self._beside)
        written = self._rng.choice(
            (f"{self._road(road)} vid {name}", f"{name}, {self._road(road)}")
        )
        return {"address": written}, owed(area)

    def _road_alone(self) -> Made:
        road = self._rng.choice(list(self._roads))
        return {"address": self._road(road)}, only(self._roads[road])

    def _goal(self) -> str:
        """Where somebody drove: one of our localities or places, or a town."""
        ours = [*self._localities, *(name for name, _ in self._places)]
        return self._rng.choice([self._others.any(), *self._rng.sample(ours, min(3, len(ours)))])

    def _road_direction(self) -> Made:
        """The way somebody drove says nothing of where on the road it was."""
        road = self._rng.choice(list(self._roads))
        form = self._rng.choice(
            (
                "{r} mot {x}",
                "{r} i riktning mot {x}",
                "{r}, riktning {x}",
                "{r} från {x}",
                "{r} från {y} mot {x}",
                "{r} norrut mot {x}",
                "{r} i höjd med avfarten mot {x}",
                "{r}, körde mot {x}",
            )
        )
        text = form.format(r=self._road(road), x=self._goal(), y=self._goal())
        return {"address": text}, only(self._roads[road])

    def _road_with_place_direction(self) -> Made:
        """Where it was, and where somebody drove."""
        road, name, area = self._rng.choice(self._beside)
        goal = self._goal()
        written = self._rng.choice(
            (
                f"{self._road(road)} vid {name} mot {goal}",
                f"{self._road(road)} vid {name}, riktning {goal}",
                f"{self._road(road)} vid {name} i riktning mot {goal}",
            )
        )
        return {"address": written}, owed(area)
