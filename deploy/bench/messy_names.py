"""Objects, properties, places and roads as they are written, each with its true area or none."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from deploy.bench import messy
from deploy.bench.messy import Spoil
from deploy.bench.other_towns import OtherTowns
from deploy.bench.whereabouts import Made, Whereabouts
from shared.pack.model import Pack
from shared.pack.registers import Registers


class MessyNames:
    """Makes named things of one pack."""

    def __init__(
        self, pack: Pack, registers: Registers, whereabouts: Whereabouts, rng: Random
    ) -> None:
        self._town = pack.name
        self._rng = rng
        self._others = OtherTowns(pack, registers, rng)
        self._objects = [(row[0], whereabouts.area_of_row(row)) for row in registers.objects]
        self._properties = [(row[0], whereabouts.area_of_row(row)) for row in registers.properties]
        self._places = [(row[0], whereabouts.area_of_row(row)) for row in registers.places]
        self._roads: dict[str, set[str | None]] = defaultdict(set)
        for row in registers.roads:
            self._roads[row[0]].add(whereabouts.area_of_row(row))

    def kinds(self) -> Iterator[tuple[str, tuple[int, Callable[[], Made]]]]:
        """Each kind with its weight and its maker."""
        spoils: tuple[tuple[str, Spoil], ...] = (
            ("case_blanks", messy.cased),
            ("ascii", messy.in_ascii),
            ("misread", messy.misread),
            ("lost_letters", messy.lost),
            ("typo", messy.typo),
        )
        yield "object", (30, lambda: self._object(lambda text, _rng: text))
        yield "property", (35, lambda: self._property(lambda text, _rng: text))
        for kind, spoil in spoils:
            yield f"object_{kind}", (12, partial(self._object, spoil))
            yield f"property_{kind}", (12, partial(self._property, spoil))
        yield "object_words", (20, lambda: self._object(messy.with_words))
        yield "object_unknown", (8, self._unknown_object)
        yield "property_unknown", (8, self._unknown_property)
        yield "object_elsewhere", (4, self._object_elsewhere)
        yield "property_elsewhere", (4, self._property_elsewhere)
        yield "place", (15, self._place)
        yield "road_with_place", (8, self._road_with_place)
        yield "road_alone", (5, self._road_alone)

    def _object(self, spoil: Spoil) -> Made:
        name, area = self._rng.choice(self._objects)
        return {self._field("object"): spoil(name, self._rng)}, area

    def _property(self, spoil: Spoil) -> Made:
        written, area = self._rng.choice(self._properties)
        bare = written.removeprefix(f"{self._town.upper()} ")
        text = self._rng.choice(
            (
                written,
                written.title(),
                bare,
                bare.capitalize(),
                f"kv. {bare.title()}",
                f"kvarteret {bare.title()}",
                bare.replace(":", " : "),
            )
        )
        return {self._field("property"): spoil(text, self._rng)}, area

    def _object_elsewhere(self) -> Made:
        """A name that we have too, in another town."""
        name, _ = self._rng.choice(self._objects)
        return {self._field("object"): self._others.around(name)}, None

    def _property_elsewhere(self) -> Made:
        """A quarter and unit that we have too, in another town; its name stands in front, mostly."""
        written, _ = self._rng.choice(self._properties)
        bare = written.removeprefix(f"{self._town.upper()} ")
        text = self._rng.choice(
            (
                f"{self._others.any()} {bare.title()}",
                f"{self._others.any().upper()} {bare}",
                f"{self._others.any()} {written}",
                self._others.around(bare.title()),
                self._others.around(f"kv. {bare.title()}"),
                self._others.around(written),
            )
        )
        return {self._field("property"): text}, None

    def _field(self, usual: str) -> str:
        """Some write everything into the field for addresses."""
        return "address" if self._rng.random() < 0.2 else usual

    def _unknown_object(self) -> Made:
        """What does not exist, though something with a like name does."""
        name, _ = self._rng.choice(self._objects)
        known = {one for one, _ in self._objects}
        owner, _, noun = name.rpartition(" ")
        other = self._rng.choice(
            (
                f"Nya {name}",
                f"{owner} bibliotek",
                f"Lilla {name}",
                f"Björkmo {noun}",
                f"{owner} kyrka",
            )
        )
        return {"object": other if other not in known else "Okända skolan"}, None

    def _unknown_property(self) -> Made:
        written, _ = self._rng.choice(self._properties)
        known = {one for one, _ in self._properties}
        stem = written.rstrip("0123456789")
        other = self._rng.choice(
            (f"{stem}{self._rng.randint(700, 900)}", f"{self._town} ALNABO 4:1")
        )
        return {"property": other if other not in known else f"{self._town} X 1"}, None

    def _place(self) -> Made:
        name, area = self._rng.choice(self._places)
        return {self._field("object"): self._rng.choice((name, name.upper(), f"vid {name}"))}, area

    def _road(self, road: str) -> str:
        if road.startswith("E"):
            return self._rng.choice((road, f"E {road[1:]}", road.lower()))
        return self._rng.choice((f"Rv {road}", f"väg {road}", f"länsväg {road}", f"Väg{road}"))

    def _road_with_place(self) -> Made:
        road = self._rng.choice(list(self._roads))
        near = [(name, area) for name, area in self._places if area in self._roads[road]]
        if not near:
            return self._place()
        name, area = self._rng.choice(near)
        written = self._rng.choice(
            (f"{self._road(road)} vid {name}", f"{name}, {self._road(road)}")
        )
        return {"address": written}, area

    def _road_alone(self) -> Made:
        road = self._rng.choice(list(self._roads))
        areas = self._roads[road]
        return {"address": self._road(road)}, next(iter(areas)) if len(areas) == 1 else None
