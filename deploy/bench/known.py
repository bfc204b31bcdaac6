"""What a person who has the register at hand can say of a writing, and what nobody can.

This is the bench's truth. It looks up, and asks on which side of a street a number stands; it reads no
text and knows nothing of how the product reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, NamedTuple

SIDES: Final = 2  # odd numbers on one side of a street, even ones on the other


class Truth(NamedTuple):
    """What is true of a writing.

    Shape: `area` is the only leaf that is right, `None` where the text tells none, so that every
    area is wrong; `is_owed` is whether a person with the register would name it at once. What is
    not owed may be answered with "unknown" as well: several readings are sensible, and only one
    of them has an area.
    """

    area: str | None
    is_owed: bool


NOBODY_KNOWS: Final = Truth(None, is_owed=False)


def owed(area: str | None) -> Truth:
    """An area that a person would name; of what lies in none nobody knows an area."""
    return NOBODY_KNOWS if area is None else Truth(area, is_owed=True)


def arguable(area: str | None) -> Truth:
    """An area that fits, where "unknown" is as good an answer."""
    return Truth(area, is_owed=False)


def house_number(written: str) -> int:
    """The digits of a register's number, 0 if it has none."""
    return int("".join(one for one in written if one.isdigit()) or 0)


def only(areas: Iterable[str | None]) -> Truth:
    """The one area of things of which any may be meant."""
    found = set(areas)
    return owed(found.pop()) if len(found) == 1 else NOBODY_KNOWS


def all_agree(truths: Sequence[Truth]) -> Truth:
    """The truth of several things that are named together: one area for all of them, or none."""
    if not truths or len({one.area for one in truths}) > 1:
        return NOBODY_KNOWS
    return Truth(truths[0].area, all(one.is_owed for one in truths))


@dataclass(frozen=True, slots=True)
class House:
    """An address, with the area in which it lies."""

    street: str
    number: int
    letter: str
    locality: str
    area: str | None

    @property
    def written(self) -> str:
        """Street, number and letter."""
        return f"{self.street} {self.number}{self.letter}"


class Known:
    """The houses of the register, and the areas of everything else that has a name."""

    def __init__(self, houses: Sequence[House]) -> None:
        self.houses = houses
        self._streets: dict[str, dict[str, list[House]]] = defaultdict(lambda: defaultdict(list))
        self._named: dict[str, set[str | None]] = defaultdict(set)
        self._districts: dict[str, set[str | None]] = defaultdict(set)
        for house in houses:
            self._streets[house.street][house.locality].append(house)
            self.name(house.street, house.area)
            self.name(house.locality, house.area)

    def name(self, name: str, area: str | None) -> None:
        """Remember that something of this name lies in the area."""
        self._named[name.casefold()].add(area)

    def name_district(self, name: str, leaf: str) -> None:
        """Remember that the leaf is in the area of this name, which may be a locality's too."""
        self.name(name, leaf)
        self._districts[name].add(leaf)

    def district(self, name: str) -> frozenset[str | None]:
        """The leaves of the area of this name, if it is one."""
        return frozenset(self._districts.get(name, ()))

    def localities_of(self, street: str) -> frozenset[str]:
        """The localities that have such a street."""
        return frozenset(self._streets.get(street, ()))

    def areas_named(self, name: str) -> frozenset[str | None]:
        """The areas of all that has the name: streets, localities, areas, places, objects."""
        return frozenset(self._named.get(name.casefold(), ()))

    def is_street(self, name: str) -> bool:
        """Whether there is such a street."""
        return name in self._streets

    def areas_of(self, street: str, locality: str | None = None) -> set[str | None]:
        """The areas of a street's houses, in one locality or in all."""
        return {house.area for house in self._along(street, locality)}

    def of_street(self, street: str, locality: str | None = None) -> Truth:
        """A street without a number.

        In a locality only the street can be meant; alone its name may be another thing's too. A locality
        that is an area's name as well may be read as that area.
        """
        areas = self.areas_of(street, locality)
        if locality is None:
            return only(areas | self.areas_named(street))
        within = areas & self.district(locality)
        if len(areas) > 1 and len(within) == 1:
            return arguable(within.pop())
        return only(areas)

    def of_house(self, street: str, number: int, letter: str, locality: str | None) -> Truth:
        """An address; one that is not in the register by the houses of its side.

        Without its locality, a street that is several is arguable at best: the other one may have
        the number, and lack it in the register.
        """
        areas = self.areas_of(street, locality)
        if len(areas) <= 1:
            return only(areas)
        if locality is None:
            exact = {house.area for house in self._numbered(street, number, letter, None)}
            return arguable(exact.pop()) if len(exact) == 1 else NOBODY_KNOWS
        for found in (
            self._numbered(street, number, letter, locality),
            self._numbered(street, number, None, locality),
        ):
            if found:
                return only(house.area for house in found)
        return self._of_side(street, number, locality)

    def _of_side(self, street: str, number: int, locality: str) -> Truth:
        """Between two houses of one area it lies there; past the end it may."""
        side = [h for h in self._along(street, locality) if (h.number - number) % SIDES == 0]
        below = [house for house in side if house.number < number]
        above = [house for house in side if house.number > number]
        if below and above:
            last, first = max(h.number for h in below), min(h.number for h in above)
            return only(house.area for house in side if house.number in (last, first))
        areas = {house.area for house in side}
        return arguable(areas.pop()) if len(areas) == 1 else NOBODY_KNOWS

    def between(self, street: str, first: int, last: int, locality: str) -> Truth:
        """From one number to another; both even or both odd is one side of the street."""
        one_side = (last - first) % SIDES == 0
        passed = [
            owed(house.area)
            for house in self._along(street, locality)
            if first <= house.number <= last and not (one_side and (house.number - first) % SIDES)
        ]
        ends = [self.of_house(street, number, "", locality) for number in (first, last)]
        return all_agree([*ends, *passed])

    def crossing(self, one: str, other: str, locality: str | None) -> Truth:
        """Where two streets meet: in the one area that both of them touch."""
        return only(self.areas_of(one, locality) & self.areas_of(other, locality))

    def _along(self, street: str, locality: str | None) -> list[House]:
        there = self._streets.get(street, {})
        return list(chain(*there.values())) if locality is None else there.get(locality, [])

    def _numbered(
        self, street: str, number: int, letter: str | None, locality: str | None
    ) -> list[House]:
        return [
            house
            for house in self._along(street, locality)
            if house.number == number and letter in (None, house.letter)
        ]
