"""A harder register made of a pack's own: streets along borders, streets across them, houses it lacks.

Areas of real towns are cut along streets, so that odd numbers lie in one and even numbers in another,
and long streets run through several (SCB's NYKO follows streets and water). A synthetic pack that puts
each street into one area hides both. Houses are moved, never borders; an address stays in its locality,
and, where that is an area's name too, in that area.
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from csv import writer
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

import shapely

from deploy.bench.known import SIDES, house_number
from deploy.bench.whereabouts import Point, Whereabouts
from shared.pack.model import Pack
from shared.pack.registers import ADDRESSES, Registers, Row

HELD_OUT: Final = 0.10
BY_SIDES: Final = 0.40
ACROSS: Final = 0.25
FROM_BORDER_METRES: Final = 20.0
BETWEEN_HOUSES_METRES: Final = 25.0
MOST_DRAWS: Final = 60
NUMBER, LATITUDE = ADDRESSES.columns.index("number"), ADDRESSES.columns.index("lat")
STREET, LOCALITY = ADDRESSES.columns.index("street"), ADDRESSES.columns.index("locality")


Placing: TypeAlias = Callable[[shapely.LineString, Sequence[int], Random], dict[int, Point]]


@dataclass(frozen=True, slots=True)
class Harder:
    """A pack's registers made harder, and the houses that exist beside them."""

    registers: Registers
    held_out: tuple[Row, ...]

    def write(self, pack: Path, folder: Path) -> Path:
        """A copy of the pack with these addresses in a new folder.

        Raises:
            OSError: it cannot be written.
        """
        shutil.copytree(pack, folder)
        with (folder / ADDRESSES.file).open("w", encoding="utf-8", newline="") as lines:
            rows = writer(lines)
            rows.writerow(ADDRESSES.columns)
            rows.writerows(self.registers.addresses)
        return folder


def harder(pack: Pack, registers: Registers, whereabouts: Whereabouts, rng: Random) -> Harder:
    """Move the houses of most streets, and take a tenth of all addresses out of the register."""
    streets: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in registers.addresses:
        streets[row[STREET], row[LOCALITY]].append(row)
    codes = {name: code for code, name in pack.area_names.items()}
    rows: list[Row] = []
    for (_, locality), houses in streets.items():
        how = rng.random()
        within = codes.get(locality, "")
        if how < BY_SIDES:
            rows += _moved(houses, _by_sides, within, whereabouts, rng)
        elif how < BY_SIDES + ACROSS:
            rows += _moved(houses, _across, within, whereabouts, rng)
        else:
            rows += houses
    missing = set(rng.sample(range(len(rows)), int(HELD_OUT * len(rows))))
    kept = tuple(row for at, row in enumerate(rows) if at not in missing)
    held_out = tuple(rows[at] for at in sorted(missing))
    return Harder(replace(registers, addresses=kept), held_out)


@dataclass(frozen=True, slots=True)
class Station:
    """A point of a border and the direction along it, of length 1. Unit: metres."""

    x: float
    y: float
    dx: float
    dy: float

    def beside(self, along: float, left: float) -> Point:
        """A point so far along the border and so far to the left of it."""
        return (
            self.x + along * self.dx - left * self.dy,
            self.y + along * self.dy + left * self.dx,
        )


def _moved(
    houses: Sequence[Row], how: Placing, within: str, whereabouts: Whereabouts, rng: Random
) -> Sequence[Row]:
    """The houses at a border of the area in which the first of them lies; as they were if none fits."""
    area = whereabouts.area_of_row(houses[0])
    numbers = sorted({house_number(row[NUMBER]) for row in houses})
    if area is None or len(numbers) < SIDES:
        return houses
    line = whereabouts.outline(area)
    for _ in range(MOST_DRAWS):
        points = how(line, numbers, rng)
        placed = {number: whereabouts.degrees_of(point) for number, point in points.items()}
        areas = {number: whereabouts.area_of(*at) for number, at in placed.items()}
        if all((one or "").startswith(within) for one in areas.values()) and _fits(how, areas):
            return [
                (
                    *row[:LATITUDE],
                    *(f"{one:.6f}" for one in reversed(placed[house_number(row[NUMBER])])),
                )
                for row in houses
            ]
    return houses


def _station(line: shapely.LineString, at: float) -> Station:
    here, there = (shapely.line_interpolate_point(line, one) for one in (at, at + 1.0))
    length = shapely.distance(here, there) or 1.0
    x, y = shapely.get_x(here), shapely.get_y(here)
    dx, dy = shapely.get_x(there) - x, shapely.get_y(there) - y
    return Station(float(x), float(y), float(dx / length), float(dy / length))


def _by_sides(line: shapely.LineString, numbers: Sequence[int], rng: Random) -> dict[int, Point]:
    """Along a border, odd numbers to one side and even ones to the other."""
    begin, odd_side = rng.uniform(0, shapely.length(line)), rng.choice((-1, 1))
    return {
        number: _station(
            line, (begin + number // SIDES * BETWEEN_HOUSES_METRES) % shapely.length(line)
        ).beside(0.0, FROM_BORDER_METRES * (odd_side if number % SIDES else -odd_side))
        for number in numbers
    }


def _across(line: shapely.LineString, numbers: Sequence[int], rng: Random) -> dict[int, Point]:
    """Straight over a border, somewhere along the street."""
    station = _station(line, rng.uniform(0, shapely.length(line)))
    first, last = numbers[0] // SIDES, numbers[-1] // SIDES
    turn, cut = rng.choice((-1, 1)), rng.uniform(first, last) + 0.5
    return {
        number: station.beside(
            FROM_BORDER_METRES / 2 * (1 if number % SIDES else -1),
            turn * (number // SIDES - cut) * BETWEEN_HOUSES_METRES,
        )
        for number in numbers
    }


def _fits(how: Placing, areas: dict[int, str | None]) -> bool:
    """Whether the houses lie in two areas, as they should."""
    found = [areas[number] for number in sorted(areas)]
    if None in found or len(set(found)) != SIDES:
        return False
    if how is _by_sides:
        return all(
            len({areas[n] for n in areas if n % SIDES == side}) <= 1 for side in range(SIDES)
        )
    return all(len(list(_changes(areas, side))) <= 1 for side in range(SIDES))


def _changes(areas: dict[int, str | None], side: int) -> Iterator[int]:
    numbers = sorted(number for number in areas if number % SIDES == side)
    for one, after in pairwise(numbers):
        if areas[one] != areas[after]:
            yield after
