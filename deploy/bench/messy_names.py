"""Objects and properties as they are written, each with its true area or none."""

from collections.abc import Iterator
from functools import partial
from random import Random

from deploy.bench import messy, ordinary_names
from deploy.bench.known import NOBODY_KNOWS, all_agree, owed
from deploy.bench.messy import Spoil
from deploy.bench.messy_phrases import QUALIFIERS
from deploy.bench.other_towns import OtherTowns
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Kind, Made, Whereabouts
from shared.pack.registers import Registers

MOST_DRAWS = 50


class MessyNames:
    """Makes objects and properties of one pack."""

    def __init__(
        self,
        registers: Registers,
        whereabouts: Whereabouts,
        houses: RegisterHouses,
        others: OtherTowns,
        rng: Random,
    ) -> None:
        self._town = houses.town
        self._rng = rng
        self._others = others
        self._known = houses.known
        self._localities = houses.localities
        self._objects = [(row[0], whereabouts.area_of_row(row)) for row in registers.objects]
        self._properties = [(row[0], whereabouts.area_of_row(row)) for row in registers.properties]
        self._quarters: dict[str, list[tuple[str, str | None]]] = {}
        for written, area in self._properties:
            quarter, _, unit = self._bare(written).rpartition(" ")
            if quarter and unit.isdigit():
                self._quarters.setdefault(quarter, []).append((unit, area))

    def kinds(self) -> Iterator[Kind]:
        """Each kind with its weight and its maker; none of what the pack has nothing of."""
        spoils: tuple[tuple[str, Spoil], ...] = (
            ("case_blanks", messy.cased),
            ("ascii", messy.in_ascii),
            ("misread", messy.misread),
            ("lost_letters", messy.lost),
            ("typo", messy.typo),
        )
        if self._objects:
            yield "object", (30, lambda: self._object(lambda text, _rng: text))
            for kind, spoil in spoils:
                yield f"object_{kind}", (12, partial(self._object, spoil))
            yield "object_words", (20, lambda: self._object(messy.with_words))
            yield "object_unknown", (8, self._unknown_object)
            yield "object_elsewhere", (4, self._object_elsewhere)
        if self._properties:
            yield "property", (35, lambda: self._property(lambda text, _rng: text))
            for kind, spoil in spoils:
                yield f"property_{kind}", (12, partial(self._property, spoil))
            yield "property_unknown", (8, self._unknown_property)
            yield "property_elsewhere", (4, self._property_elsewhere)
            yield "property_qualified", (6, self._qualified_property)
            yield "property_ordinary_quarter", (12, self._ordinary_quarter)
        if self._localities and self._objects:
            yield "object_and_locality", (10, partial(self._and_locality, "object"))
        if self._localities and self._properties:
            yield "property_and_locality", (10, partial(self._and_locality, "property"))
        if self._quarters:
            yield "property_two_units", (12, self._two_units)

    def _bare(self, written: str) -> str:
        return written.removeprefix(f"{self._town.upper()} ")

    def _object(self, spoil: Spoil) -> Made:
        name, area = self._rng.choice(self._objects)
        return {self._field("object"): spoil(name, self._rng)}, owed(area)

    def _property(self, spoil: Spoil) -> Made:
        written, area = self._rng.choice(self._properties)
        bare = self._bare(written)
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
        return {self._field("property"): spoil(text, self._rng)}, owed(area)

    def _object_elsewhere(self) -> Made:
        """A name that we have too, in another town."""
        name, _ = self._rng.choice(self._objects)
        return {self._field("object"): self._others.around(name)}, NOBODY_KNOWS

    def _property_elsewhere(self) -> Made:
        """A quarter and unit that we have too, in another town; its name stands in front, mostly."""
        written, _ = self._rng.choice(self._properties)
        bare = self._bare(written)
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
        return {self._field("property"): text}, NOBODY_KNOWS

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
        return {"object": other if other not in known else "Okända skolan"}, NOBODY_KNOWS

    def _unknown_property(self) -> Made:
        written, _ = self._rng.choice(self._properties)
        known = {one for one, _ in self._properties}
        stem = written.rstrip("0123456789")
        other = self._rng.choice(
            (f"{stem}{self._rng.randint(700, 900)}", f"{self._town} ALNABO 4:1")
        )
        return {"property": other if other not in known else f"{self._town} X 1"}, NOBODY_KNOWS

    def _qualified_property(self) -> Made:
        """A unit of another tract, whose name is one of ours with a word before it."""
        written, _ = self._rng.choice(self._properties)
        bare = f"{self._rng.choice(QUALIFIERS)} {self._bare(written).title()}"
        known = {self._bare(one).casefold(): area for one, area in self._properties}
        text = self._rng.choice((bare, f"{self._town} {bare}", bare.upper()))
        return {self._field("property"): text}, owed(known.get(bare.casefold()))

    def _ordinary_quarter(self) -> Made:
        """A quarter that many towns have, and ours has not."""
        quarters = {one.casefold() for one in self._quarters}
        name = self._rng.choice(
            [one for one in ordinary_names.QUARTERS if one.casefold() not in quarters]
        )
        form = self._rng.choice(("{}", "kv. {}", "kvarteret {}", f"{self._town} {{}}"))
        text = f"{form.format(name)} {self._rng.randint(1, 12)}"
        return {self._field("property"): text}, NOBODY_KNOWS

    def _two_units(self) -> Made:
        """Two units of a quarter, which may lie far apart, or all from one to the other."""
        quarter = self._rng.choice(list(self._quarters))
        units = self._quarters[quarter]
        ends = [self._rng.choice(units) for _ in range(2)]
        joint = self._rng.choice((" och ", ", ", " & ", " samt ", "-"))
        if joint == "-":
            ends.sort(key=lambda one: int(one[0]))
            first, last = (int(unit) for unit, _ in ends)
            meant = [area for unit, area in units if first <= int(unit) <= last]
        else:
            meant = [area for _, area in ends]
        numbers = joint.join(unit for unit, _ in ends)
        text = f"{self._rng.choice(('', 'kv. '))}{quarter.title()} {numbers}"
        return {self._field("property"): text}, all_agree([owed(area) for area in meant])

    def _and_locality(self, what: str) -> Made:
        """With one of our localities: it is in its areas, or nobody knows."""
        named = self._objects if what == "object" else self._properties
        name, area = self._rng.choice(named)
        locality = self._rng.choice(self._localities)
        if self._rng.random() < 0.5:
            fitting = [one for one in self._localities if area in self._known.areas_named(one)]
            locality = self._rng.choice(fitting or self._localities)
        written = name if what == "object" else self._bare(name).title()
        form = self._rng.choice(("{a}, {x}", "{a} i {x}", "{a} {x}", "{x}, {a}"))
        truth = owed(area) if area in self._known.areas_named(locality) else NOBODY_KNOWS
        return {self._field(what): form.format(a=written, x=locality)}, truth
