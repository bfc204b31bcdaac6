"""Addresses as they are written, each with its true area or none that anybody could know."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from random import Random

from deploy.bench import messy, ordinary_names
from deploy.bench.known import NOBODY_KNOWS, House, Truth, owed
from deploy.bench.messy import Spoil
from deploy.bench.other_towns import OtherTowns
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Kind, Made

# Beginnings of Swedish street names; some are in the demo too, and few are a letter from one that is.
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
MOST_DRAWS = 50


class MessyAddresses:
    """Makes addresses of one pack."""

    def __init__(self, houses: RegisterHouses, others: OtherTowns, rng: Random) -> None:
        self._rng = rng
        self._houses = houses
        self._known = houses.known
        self._others = others
        self._ordinary = [
            one for one in ordinary_names.streets() if not self._known.areas_named(one)
        ]
        streets = {house.street for house in houses.known.houses}
        self._all_streets = {one.casefold() for one in (*streets, *self._ordinary)}

    def kinds(self) -> Iterator[Kind]:
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
        yield "address_unknown_street", (25, self._unknown_street)
        yield "address_ordinary_street", (60, self._ordinary_street)
        yield "address_elsewhere", (8, self._elsewhere)
        yield "address_here_and_elsewhere", (4, self._here_and_elsewhere)
        if self._houses.held_out:
            yield "address_held_out", (40, self._held_out)

    def _in_street(self, spoil: Spoil) -> Spoil:
        """Spoil what stands before the number alone."""

        def spoilt(text: str, rng: Random) -> str:
            street, blank, rest = text.partition(" ")
            return spoil(street, rng) + blank + rest

        return spoilt

    def _spoilt_house(self, spoils: Sequence[Spoil]) -> Made:
        house = self._houses.any()
        text = self._houses.full(house)
        for spoil in spoils:
            text = spoil(text, self._rng)
        return {"address": text}, self._of_spoilt(text, house)

    def _of_spoilt(self, text: str, house: House) -> Truth:
        """The house's area, unless the slip has made another street that exists somewhere."""
        words = set(re.findall(r"\w+", text.casefold()))
        other = (words & self._all_streets) - set(house.street.casefold().split())
        return NOBODY_KNOWS if other else owed(house.area)

    def _other_order(self) -> Made:
        house = self._houses.any()
        text = self._rng.choice(
            (
                f"{house.locality}, {house.written}",
                f"{house.locality} {house.written}",
                f"{house.number}{house.letter} {house.street}, {house.locality}",
                f"{self._houses.town}, {house.locality}, {house.written}",
            )
        )
        return {"address": text}, owed(house.area)

    def _no_locality(self) -> Made:
        house = self._houses.any()
        town = self._houses.town
        text = house.written + self._rng.choice(("", "", f", {town}", f", 199 40 {town}"))
        truth = self._known.of_house(house.street, house.number, house.letter, None)
        return {"address": text}, truth

    def _no_number(self) -> Made:
        house = self._houses.any()
        text = self._houses.with_place(house, house.street)
        return {"address": text}, self._known.of_street(house.street, house.locality)

    def _unknown_number(self) -> Made:
        house = self._houses.any()
        number = self._rng.randint(40, 160)
        text = self._houses.with_place(house, f"{house.street} {number}")
        return {"address": text}, self._known.of_house(house.street, number, "", house.locality)

    def _held_out(self) -> Made:
        """A house that exists and that the register lacks: the houses of its side may tell."""
        house = self._rng.choice(self._houses.held_out)
        truth = self._known.of_house(house.street, house.number, house.letter, house.locality)
        return (
            {"address": self._houses.full(house)},
            truth if truth.area == house.area else NOBODY_KNOWS,
        )

    def _unknown_street(self) -> Made:
        """A street that the municipality does not have."""
        house = self._houses.any()
        name = self._houses.town
        for _ in range(MOST_DRAWS):
            stem = self._rng.choice(OTHER_STEMS)
            ending = self._rng.choice(("gatan", "vägen", "stigen", "backen", "gränd", "torget"))
            name = f"{stem}{ending}"
            if not self._known.areas_named(name):
                break
        return self._not_ours(house, name)

    def _ordinary_street(self) -> Made:
        """A street that many towns have, and ours has not."""
        return self._not_ours(self._houses.any(), self._rng.choice(self._ordinary))

    def _not_ours(self, house: House, street: str) -> Made:
        """With one of our localities, with our town, or with neither."""
        written = f"{street} {self._rng.randint(1, 9)}"
        if self._rng.random() < 0.4:
            town = self._rng.choice(("", f", {self._houses.town}"))
            return {"address": written + town}, NOBODY_KNOWS
        areas = self._known.areas_named(house.locality)
        truth = Truth(house.area, is_owed=False) if len(areas) == 1 else NOBODY_KNOWS
        return {"address": self._houses.with_place(house, written)}, truth

    def _elsewhere(self) -> Made:
        """A street that we have too, in another town."""
        house = self._houses.any()
        written = house.street if self._rng.random() < 0.2 else house.written
        return {"address": self._others.around(written)}, NOBODY_KNOWS

    def _here_and_elsewhere(self) -> Made:
        """One of our addresses with its locality, and another town: nobody knows which is meant."""
        house = self._houses.any()
        written = self._houses.full(house)
        if self._rng.random() < 0.5:
            written = f"{house.locality}, {house.written}"
        return {"address": self._others.around(written)}, NOBODY_KNOWS
