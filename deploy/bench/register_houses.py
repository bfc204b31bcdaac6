"""The houses of a pack's register as the bench draws and writes them, and all names with their areas."""

from collections.abc import Iterable
from random import Random

from deploy.bench.known import House, Known, house_number
from deploy.bench.whereabouts import Whereabouts
from shared.pack.model import Pack
from shared.pack.registers import Registers, Row


class RegisterHouses:
    """Draws houses of one pack's register.

    Shape: `held_out` are houses that exist and that the register lacks.
    """

    def __init__(  # what a bench is made of
        self,
        pack: Pack,
        registers: Registers,
        whereabouts: Whereabouts,
        rng: Random,
        held_out: Iterable[Row] = (),
    ) -> None:
        self.town = pack.name
        self._rng = rng
        self._where = whereabouts
        self.known = Known([self._house(row) for row in registers.addresses])
        self.held_out = [self._house(row) for row in held_out]
        self._in_one_area = [
            house
            for house in self.known.houses
            if len(self.known.areas_of(house.street, house.locality)) == 1
        ]
        self.localities = sorted({house.locality for house in self.known.houses})
        self.points = sorted({row[0] for row in (*registers.places, *registers.objects)})
        self.others = self._name_others(pack, registers)

    def any(self) -> House:
        """A house of the register."""
        return self._rng.choice(self.known.houses)

    def of_one_area(self) -> House:
        """A house whose whole street lies in its area; any if there is none."""
        return self._rng.choice(self._in_one_area or self.known.houses)

    def adjoin(self, house: House, name: str) -> bool:
        """Whether something of the name lies in an area beside the house's."""
        return any(
            self._where.adjoin(house.area, area)
            for area in self.known.areas_named(name)
            if house.area is not None and area is not None
        )

    def with_place(self, house: House, written: str) -> str:
        """With the locality and, as on letters, now and then the town or its postal code."""
        return written + self._rng.choice(
            (
                f", {house.locality}",
                f", {house.locality}",
                f" {house.locality}",
                f" i {house.locality}",
                f", {house.locality}, {self.town}",
                f", 199 {self._rng.randint(10, 99)} {house.locality}",
            )
        )

    def full(self, house: House) -> str:
        """The address with its locality."""
        return self.with_place(house, house.written)

    def _name_others(self, pack: Pack, registers: Registers) -> list[str]:
        """Names of ours that are no street: areas of every level, places, objects."""
        others = list(self.localities)
        for code, name in pack.area_names.items():
            leaves = [one.code for one in pack.areas if one.code.startswith(code)]
            for leaf in leaves:
                self.known.name_district(name, leaf)
            if leaves:
                others.append(name)
        for row in (*registers.places, *registers.objects):
            self.known.name(row[0], self._where.area_of_row(row))
        return sorted({*others, *self.points})

    def _house(self, row: Row) -> House:
        street, number, letter, locality, *_ = row
        letter = number.lstrip("0123456789") + letter
        return House(street, house_number(number), letter, locality, self._where.area_of_row(row))
