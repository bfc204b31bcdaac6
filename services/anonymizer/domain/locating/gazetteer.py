"""The registers of a municipality as read-only tables: a name's entries, an entry's point.

A municipality has some 50,000 addresses, so entries are numbers into columns, not objects: an
address costs 24 bytes here and 2 in each division.
"""

import re
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from services.anonymizer.domain.locating.coordinates import WGS_84, Coordinates, to_metres
from services.anonymizer.domain.locating.lexicon import Lexicon, Sort
from services.anonymizer.domain.locating.spelling import keys_of, words_of
from shared.pack.model import Pack
from shared.pack.registers import Registers, Row

LETTERS = 729  # none, one or two of a-z
_DESIGNATION = re.compile(r"(.*?)\s*(\d+)(?:\s*:\s*(\d+))?")
NO_BLOCK = 0
MOST_UNITS = 1_000_000


House: TypeAlias = tuple[int, float, float]
"""Shape: number with letters as one number, latitude, longitude."""


class Street(NamedTuple):
    """One street in one locality. Shape: its entries are `range(first, end)`, by house number."""

    locality: int
    first: int
    end: int


class Gazetteer:
    """The tables. Entries are numbered in the order of `lat`, `lon`, which are columns of degrees.

    Shape: `streets` by a street name's number, `plain_streets` and `plain_localities` by the name as
    it is usually written, in lower case, the town's own among the latter; so too are
    `plain_properties` and `plain_objects`; `objects`, `places`, `quarters` by their names'
    numbers to their entries; `roads` by the road's written form.
    Unit: `e`, `n` metres in SWEREF 99 TM (EPSG:3006).
    """

    def __init__(self, pack: Pack, registers: Registers) -> None:
        self._degrees = array("d")
        self._houses = array("q")
        self.streets: list[list[Street]] = []
        self._street_names: list[str] = []
        self.localities: dict[str, int] = {}
        self.plain_properties: dict[str, int] = {}
        self.units: dict[int, int] = {}
        self.area_codes = tuple(pack.area_names)
        names: list[tuple[Sort, int, str]] = [(Sort.TOWN, 0, pack.name)]
        names += ((Sort.AREA, at, pack.area_names[code]) for at, code in enumerate(self.area_codes))
        names += self._addresses(registers.addresses)
        names += self._properties(registers.properties, town=pack.name)
        self.objects = self._named(registers.objects)
        names += ((Sort.OBJECT, at, name) for at, name in enumerate(self.objects))
        self.plain_objects: dict[str, list[int]] = defaultdict(list)
        for name, entries in self.objects.items():
            self.plain_objects[name.casefold()] += entries
        self.places = self._named(registers.places)
        names += ((Sort.PLACE, at, name) for at, name in enumerate(self.places))
        self.entries_of = {
            Sort.OBJECT: list(self.objects.values()),
            Sort.PLACE: list(self.places.values()),
            Sort.QUARTER: self._quarters,
        }
        self.roads = self._named(registers.roads)
        self.lexicon = Lexicon(names)
        degrees = np.array(self._degrees, dtype=np.float64).reshape(-1, 2)
        self.lat: Coordinates = degrees[:, 0]
        self.lon: Coordinates = degrees[:, 1]
        east, north = to_metres(WGS_84, self.lon, self.lat)
        self.e, self.n = array("d", east.tolist()), array("d", north.tolist())
        del self._degrees
        self.plain_streets = self._plain_streets()
        self.plain_localities = {pack.name.casefold(): None} | {
            name.casefold(): at for name, at in self.localities.items()
        }

    def door(self, street: Street, number: int, letter: str) -> int | None:
        """The entry of exactly this number and letter, if the register has it."""
        key = _house(number, letter)
        at = bisect_left(self._houses, key, street.first, street.end)
        return at if at < street.end and self._houses[at] == key else None

    def house(self, street: Street, number: int, letter: str) -> Sequence[int]:
        """The entries of a house: the one with the letter, else all with the number."""
        door = self.door(street, number, letter)
        if door is not None:
            return (door,)
        first = bisect_left(self._houses, _house(number, ""), street.first, street.end)
        end = bisect_left(self._houses, _house(number + 1, ""), first, street.end)
        return range(first, end)

    def beside(self, street: Street, number: int) -> Sequence[int]:
        """The nearest entries below and above on the side of a house that is not in the register.

        Shape: two, or one or none where the street has no further house on that side.
        """
        at = bisect_left(self._houses, _house(number, ""), street.first, street.end)
        below = range(at - 1, street.first - 1, -1)
        found = (self._first_on_side(some, number) for some in (below, range(at, street.end)))
        return [entry for entry in found if entry is not None]

    def units_of(self, quarter: int, written: Sequence[tuple[str, str | None]]) -> list[int]:
        """The entries of units of a quarter or tract, if the register has all of them; else none."""
        keys = [unit_key(quarter, first, second) for first, second in written]
        found = [self.units[key] for key in keys if key in self.units]
        return found if len(found) == len(keys) else []

    def _first_on_side(self, entries: Iterable[int], number: int) -> int | None:
        """The first of the entries with an odd number if this one is odd, else an even one."""
        for entry in entries:
            if (self._houses[entry] // LETTERS - number) % 2 == 0:
                return entry
        return None

    def _entry(self, row: Row) -> int:
        """Number the row's point."""
        self._degrees.append(float(row[-2]))
        self._degrees.append(float(row[-1]))
        return len(self._degrees) // 2 - 1

    def _addresses(self, rows: Iterable[Row]) -> Iterator[tuple[Sort, int, str]]:
        """Sort the addresses into streets; the names of streets and localities."""
        by_street: dict[str, dict[int, list[House]]] = {}
        for row in rows:
            street, number, letter, locality, lat, lon = row
            digits = re.match(r"\d+", number)
            at = self.localities.setdefault(locality, len(self.localities))
            house = _house(int(digits[0]) if digits else 0, letter)
            by_street.setdefault(street, {}).setdefault(at, []).append(
                (house, float(lat), float(lon))
            )
        for street, parts in by_street.items():
            self._street_names.append(street)
            yield Sort.STREET, len(self.streets), street
            self.streets.append([self._street(at, houses) for at, houses in parts.items()])
        for locality, at in self.localities.items():
            yield Sort.LOCALITY, at, locality

    def _plain_streets(self) -> dict[str, list[Street]]:
        """The streets by their name in lower case, but for those that another is like in ASCII."""
        names = self._street_names
        like: dict[str, int] = defaultdict(int)
        for name in names:
            like[keys_of(words_of(name)).ascii] += 1
        return {
            name.casefold(): streets
            for name, streets in zip(names, self.streets, strict=True)
            if like[keys_of(words_of(name)).ascii] == 1
        }

    def _street(self, locality: int, houses: list[House]) -> Street:
        first = len(self._houses)
        for house, lat, lon in sorted(houses):
            self._houses.append(house)
            self._degrees.extend((lat, lon))
        return Street(locality, first, len(self._houses))

    def _properties(self, rows: Iterable[Row], *, town: str) -> Iterator[tuple[Sort, int, str]]:
        """Sort the properties into quarters and tracts; their names."""
        quarters: dict[str, int] = {}
        entries: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            designation = row[0]
            found = _DESIGNATION.fullmatch(designation)
            if found is None:
                continue
            quarter = _without(found[1], town)
            at = quarters.setdefault(quarter, len(quarters))
            entry = self._entry(row)
            entries[at].append(entry)
            self.units[unit_key(at, found[2], found[3])] = entry
            self.plain_properties[designation.casefold()] = entry
        self._quarters = [entries[at] for at in range(len(quarters))]
        for quarter, at in quarters.items():
            yield Sort.QUARTER, at, quarter

    def _named(self, rows: Iterable[Row]) -> dict[str, list[int]]:
        """Entries by the first column, in the order of the rows."""
        found: dict[str, list[int]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(self._entry(row))
        return found


def unit_key(quarter: int, first: str, second: str | None) -> int:
    """Quarter or tract, block and unit as one number; a designation by quarter has no block."""
    block, unit = (NO_BLOCK, first) if second is None else (int(first) + 1, second)
    return (quarter * MOST_UNITS + block) * MOST_UNITS + int(unit)


def _house(number: int, letter: str) -> int:
    """A house number with its letters as one number that sorts as they do along the street."""
    code = 0
    for one in letter.casefold()[:2]:
        code = code * 27 + (ord(one) - 96 if "a" <= one <= "z" else 0)
    return number * LETTERS + (code if len(letter) != 1 else code * 27)


def _without(quarter: str, town: str) -> str:
    """The name of a quarter or tract without the municipality's in front."""
    words, front = words_of(quarter), words_of(town)
    same = keys_of(words[: len(front)]).loose == keys_of(front).loose if words else False
    return " ".join(word.plain for word in (words[len(front) :] if same else words)) or quarter
