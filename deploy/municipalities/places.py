"""The demo's registers: addresses, properties, objects, places and roads, invented on its land."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import shapely
from shapely import Polygon

from deploy.municipalities.land import DECIMALS, KM_PER_DEGREE, degrees
from deploy.municipalities.plan import SQUARE_LAT, Point

HOUSE_KM = 0.05  # between two numbers on the same side of a street
FEWEST_WITH_A_SCHOOL = 200
STEMS = (
    "Ask",
    "Berg",
    "Björk",
    "Bro",
    "Brunns",
    "Dal",
    "Ek",
    "Fiskar",
    "Gjutar",
    "Hamn",
    "Hassel",
    "Humle",
    "Järn",
    "Klöver",
    "Kvarn",
    "Lind",
    "Lärk",
    "Lönn",
    "Mur",
    "Mölle",
    "Nejlik",
    "Norr",
    "Rosen",
    "Sjö",
    "Skogs",
    "Skol",
    "Slöjd",
    "Smeds",
    "Strand",
    "Syren",
    "Söder",
    "Tall",
    "Trädgårds",
    "Vall",
    "Väv",
    "Åker",
    "Äng",
    "Äppel",
    "Ör",
    "Öster",
)
ENDINGS = ("gatan", "vägen", "stigen", "backen", "gränd")
QUARTERS = (
    "BJÖRNEN",
    "DUVAN",
    "ELDSTADEN",
    "FALKEN",
    "GRÄNSLEN",
    "HERDEN",
    "IGELKOTTEN",
    "KRONHJORTEN",
    "LYKTAN",
    "MÄSTAREN",
    "NYCKELN",
    "ROVAN",
    "SKRUVEN",
    "TRANAN",
    "VÄDUREN",
    "ÖRTEN",
)
COUNTRY_ENDINGS = ("näs", "torp", "berga", "viken", "udden", "sätra", "holmen", "lund")
ROAD_STEP_KM = 0.2


@dataclass(frozen=True, slots=True)
class Ground:
    """What the registers need to know of an area. Unit: `border` in degrees."""

    name: str
    district: str
    border: Polygon
    is_rural: bool
    population: int


Row = tuple[str, ...]


def address_rows(grounds: Sequence[Ground], random: Random) -> list[Row]:
    """Streets with their numbers. Shape: as `shared.pack.registers.ADDRESSES`, sorted."""
    rows: list[Row] = []
    taken: set[tuple[str, str]] = set()
    for ground in grounds:
        for _ in range(_streets(ground)):
            street = _street(random)
            while (street, ground.district) in taken:
                street = _street(random)
            taken.add((street, ground.district))
            rows.extend(
                (street, number, letter, ground.district, *_written(at))
                for number, letter, at in _houses(ground, random)
            )
    return sorted(rows, key=lambda row: (row[3], row[0], int(row[1]), row[2]))


def property_rows(grounds: Sequence[Ground], random: Random, *, town: str) -> list[Row]:
    """Designations: quarter and unit in town, farm with block and unit in the country.

    Shape: as `shared.pack.registers.PROPERTIES`, sorted.
    """
    rows: dict[str, Row] = {}
    for at, ground in enumerate(grounds):
        tens, turn = divmod(at, len(QUARTERS))  # a quarter's name comes back with higher numbers
        for unit in range(1, random.randint(3, 6)):
            if ground.is_rural:
                designation = f"{town} {ground.name} {random.randint(1, 4)}:{unit}".upper()
            else:
                designation = f"{town} {QUARTERS[turn]} {10 * tens + unit}".upper()
            rows[designation] = (designation, *_written(_inside(ground.border, random)))
    return [rows[designation] for designation in sorted(rows)]


def object_rows(grounds: Sequence[Ground], random: Random) -> list[Row]:
    """Schools, squares and other places that people name. Shape: as `OBJECTS`, sorted."""
    rows: list[Row] = []
    for ground in grounds:
        for name, kind in _objects(ground, random):
            rows.append((name, kind, *_written(_inside(ground.border, random))))
    return sorted(rows)


def place_rows(grounds: Sequence[Ground], random: Random) -> list[Row]:
    """Villages, farms and bays that people name. Shape: as `PLACES`, sorted."""
    rows: dict[str, Row] = {}
    taken = {name for ground in grounds for name in (ground.name, ground.district)}
    for ground in grounds:
        for _ in range(2 if ground.is_rural else random.randint(0, 1)):
            name = f"{random.choice(STEMS)}{random.choice(COUNTRY_ENDINGS)}"
            if name not in taken:
                taken.add(name)
                rows[name] = (name, *_written(_inside(ground.border, random)))
    return [rows[name] for name in sorted(rows)]


def road_rows(grounds: Sequence[Ground], roads: Mapping[str, Sequence[Point]]) -> list[Row]:
    """Points along the roads where they are on land. Shape: as `ROADS`. Unit: kilometres in."""
    land = shapely.union_all([ground.border for ground in grounds])
    shapely.prepare(land)
    return [
        (road, *_written(at))
        for road, bends in roads.items()
        for at in map(degrees, _along(bends))
        if shapely.contains_xy(land, *at)
    ]


def _along(bends: Sequence[Point]) -> Iterator[Point]:
    """Points at even steps from bend to bend."""
    for (x, y), (to_x, to_y) in pairwise(bends):
        steps = max(1, round(math.dist((x, y), (to_x, to_y)) / ROAD_STEP_KM))
        for step in range(steps):
            yield x + (to_x - x) * step / steps, y + (to_y - y) * step / steps


def _streets(ground: Ground) -> int:
    if ground.population == 0:
        return 0
    return 1 if ground.is_rural else 3


def _street(random: Random) -> str:
    return f"{random.choice(STEMS)}{random.choice(ENDINGS)}"


def _houses(ground: Ground, random: Random) -> Iterator[tuple[str, str, Point]]:
    """Numbers along a straight street, odd on one side, as far as the area reaches."""
    x, y = _inside(ground.border, random)
    direction = random.uniform(0, math.tau)
    step = HOUSE_KM * (5 if ground.is_rural else 1)
    for number in range(1, random.randint(5, 11)):
        along, aside = number * step / 2, (0.012 if number % 2 else -0.012)
        east = along * math.cos(direction) - aside * math.sin(direction)
        north = along * math.sin(direction) + aside * math.cos(direction)
        at = (
            x + east / (KM_PER_DEGREE * math.cos(math.radians(SQUARE_LAT))),
            y + north / KM_PER_DEGREE,
        )
        if not ground.border.contains(shapely.Point(at)):
            return
        yield str(number), "", at
        if random.random() < 0.1:
            yield str(number), "B", at


def _objects(ground: Ground, random: Random) -> Iterator[tuple[str, str]]:
    if ground.population < FEWEST_WITH_A_SCHOOL:
        return
    owner = ground.name if ground.name.endswith("s") else f"{ground.name}s"
    if random.random() < (0.25 if ground.is_rural else 0.7):
        yield f"{owner} skola", "school"
    if ground.is_rural:
        return
    if random.random() < 0.5:
        yield f"{owner} torg", "square"
    kind, noun = random.choice((("park", "park"), ("sports", "idrottsplats"), ("shop", "centrum")))
    yield f"{owner} {noun}", kind


def _inside(border: Polygon, random: Random) -> Point:
    """A point of the area, evenly distributed."""
    west, south, east, north = border.bounds
    while True:
        at = (random.uniform(west, east), random.uniform(south, north))
        if border.contains(shapely.Point(at)):
            return at


def _written(at: Point) -> tuple[str, str]:
    """Latitude and longitude as the registers write them."""
    return f"{at[1]:.{DECIMALS}f}", f"{at[0]:.{DECIMALS}f}"
