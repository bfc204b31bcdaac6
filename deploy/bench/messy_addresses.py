"""Addresses as they are written, each with its true area or none that anybody could know."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from deploy.bench import messy
from deploy.bench.messy import Spoil
from deploy.bench.other_towns import OtherTowns
from deploy.bench.whereabouts import Made, Whereabouts
from shared.pack.model import Pack
from shared.pack.registers import Registers, Row

# Beginnings of Swedish street names; some are in the pack too, most lie near one that is.
OTHER_STEMS = [
    "Alm",
    "Al",
    "Bok",
    "Borg",
    "Båt",
    "Ekorr",
    "Fabriks",
    "Fält",
    "Gran",
    "Grind",
    "Hag",
    "Hjort",
    "Hög",
    "Kapell",
    "Klock",
    "Kull",
    "Kyrk",
    "Lund",
    "Myr",
    "Mån",
    "Park",
    "Rådhus",
    "Räv",
    "Sand",
    "Sten",
    "Stor",
    "Ståk",
    "Sven",
    "Tegel",
    "Torn",
    "Trast",
    "Ugn",
    "Val",
    "Vinter",
    "Ålder",
]


@dataclass(frozen=True, slots=True)
class House:
    """An address of the register."""

    street: str
    number: str
    locality: str
    area: str | None

    @property
    def written(self) -> str:
        """Street and number."""
        return f"{self.street} {self.number}"


class MessyAddresses:
    """Makes addresses of one pack."""

    def __init__(
        self, pack: Pack, registers: Registers, whereabouts: Whereabouts, rng: Random
    ) -> None:
        self._town = pack.name
        self._rng = rng
        self._where = whereabouts
        self._others = OtherTowns(pack, registers, rng)
        self._houses = [self._house(row) for row in registers.addresses]
        self._streets: dict[str, set[str]] = defaultdict(set)
        self._areas: dict[tuple[str, str], set[str | None]] = defaultdict(set)
        for house in self._houses:
            self._streets[house.street].add(house.locality)
            self._areas[house.street, house.locality].add(house.area)

    def kinds(self) -> Iterator[tuple[str, tuple[int, Callable[[], Made]]]]:
        """Each kind with its weight and its maker."""
        spoilt: tuple[tuple[str, int, Spoil], ...] = (
            ("address", 120, lambda text, _rng: text),
            ("address_case_blanks", 50, messy.cased),
            ("address_written_apart", 25, messy.hyphened),
            ("address_abbreviated", 60, messy.abbreviated),
            ("address_ascii", 45, messy.in_ascii),
            ("address_misread", 35, messy.misread),
            ("address_lost_letters", 20, messy.lost),
            ("address_decomposed", 10, messy.decomposed),
            ("address_typo", 70, self._in_street(messy.typo)),
            ("address_dwelling", 30, messy.with_home),
            ("address_person", 20, messy.with_person),
            ("address_words", 40, messy.with_words),
        )
        for kind, weight, spoil in spoilt:
            yield kind, (weight, partial(self._spoilt_house, (spoil,)))
        spoils = [spoil for _, _, spoil in spoilt[1:]]
        yield "address_twice_spoilt", (40, lambda: self._spoilt_house(self._rng.sample(spoils, 2)))
        yield "address_other_order", (40, self._other_order)
        yield "address_no_locality", (30, self._no_locality)
        yield "address_no_number", (30, self._no_number)
        yield "address_unknown_number", (15, self._unknown_number)
        yield "address_crossing", (8, self._crossing)
        yield "address_unknown_street", (25, self._unknown_street)
        yield "address_elsewhere", (8, self._elsewhere)
        yield "address_here_and_elsewhere", (4, self._here_and_elsewhere)

    def _house(self, row: Row) -> House:
        street, number, letter, locality, *_ = row
        return House(street, f"{number}{letter}", locality, self._where.area_of_row(row))

    def _in_street(self, spoil: Spoil) -> Spoil:
        """Spoil what stands before the number alone."""

        def spoilt(text: str, rng: Random) -> str:
            street, blank, rest = text.partition(" ")
            return spoil(street, rng) + blank + rest

        return spoilt

    def _with_place(self, house: House, written: str) -> str:
        """With the locality and, as on letters, now and then the town or its postal code."""
        return written + self._rng.choice(
            (
                f", {house.locality}",
                f", {house.locality}",
                f" {house.locality}",
                f" i {house.locality}",
                f", {house.locality}, {self._town}",
                f", 199 {self._rng.randint(10, 99)} {house.locality}",
            )
        )

    def _spoilt_house(self, spoils: Sequence[Spoil]) -> Made:
        house = self._rng.choice(self._houses)
        text = self._with_place(house, house.written)
        for spoil in spoils:
            text = spoil(text, self._rng)
        return {"address": text}, house.area

    def _other_order(self) -> Made:
        house = self._rng.choice(self._houses)
        text = self._rng.choice(
            (
                f"{house.locality}, {house.written}",
                f"{house.locality} {house.written}",
                f"{house.number} {house.street}, {house.locality}",
                f"{self._town}, {house.locality}, {house.written}",
            )
        )
        return {"address": text}, house.area

    def _no_locality(self) -> Made:
        house = self._rng.choice(self._houses)
        town = self._rng.choice(("", "", f", {self._town}", f", 199 40 {self._town}"))
        return {"address": house.written + town}, self._of_street(house.street)

    def _of_street(self, street: str) -> str | None:
        """The area of a street by its name alone, if there is one answer."""
        areas = {area for there in self._streets[street] for area in self._areas[street, there]}
        return areas.pop() if len(areas) == 1 else None

    def _no_number(self) -> Made:
        house = self._rng.choice(self._houses)
        areas = self._areas[house.street, house.locality]
        area = house.area if len(areas) == 1 else None
        return {"address": self._with_place(house, house.street)}, area

    def _unknown_number(self) -> Made:
        house = self._rng.choice(self._houses)
        areas = self._areas[house.street, house.locality]
        written = f"{house.street} {self._rng.randint(40, 160)}"
        area = house.area if len(areas) == 1 else None
        return {"address": self._with_place(house, written)}, area

    def _crossing(self) -> Made:
        """Two streets of one area, which is what we can know of a crossing."""
        house = self._rng.choice(self._houses)
        others = [
            one
            for one in self._houses
            if (one.area, one.locality) == (house.area, house.locality)
            and one.street != house.street
        ]
        if not others:
            return self._no_number()
        two = f"{house.street}/{self._rng.choice(others).street}"
        return {"address": f"korsningen {two}, {house.locality}"}, house.area

    def _unknown_street(self) -> Made:
        """A street that the municipality does not have."""
        house = self._rng.choice(self._houses)
        while True:
            stem = self._rng.choice(OTHER_STEMS)
            ending = self._rng.choice(("gatan", "vägen", "stigen", "backen", "gränd", "torget"))
            if f"{stem}{ending}" not in self._streets:
                break
        written = f"{stem}{ending} {self._rng.randint(1, 9)}"
        return {"address": self._with_place(house, written)}, None

    def _elsewhere(self) -> Made:
        """A street that we have too, in another town."""
        house = self._rng.choice(self._houses)
        written = house.street if self._rng.random() < 0.2 else house.written
        return {"address": self._others.around(written)}, None

    def _here_and_elsewhere(self) -> Made:
        """One of our addresses with its locality, and another town: nobody knows which is meant."""
        house = self._rng.choice(self._houses)
        written = self._with_place(house, house.written)
        if self._rng.random() < 0.5:
            written = f"{house.locality}, {house.written}"
        return {"address": self._others.around(written)}, None
