"""Makes the synthetic part of the demo pack, the same bytes each time.

    python -m deploy.municipalities.generate [DIR]

Writes municipality.yaml, areas.geojson and the registers to DIR (the demo pack unless
given). Catalogue, actors, agreements and policy are written by hand beside them.
"""

import csv
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from random import Random

import shapely
from shapely import MultiPolygon, Polygon

from deploy.municipalities import land, places, plan
from deploy.municipalities.plan import DISTRICTS, District, Point
from shared.pack.registers import ADDRESSES, OBJECTS, PLACES, PROPERTIES, ROADS, Register

DEMO = Path(__file__).parent / "demo"
VALID_FROM = "2020-01-01"
COAST_BEND = 0.22
BORDER_BEND = 0.1


@dataclass(frozen=True, slots=True)
class Leaf:
    """An area of level 3. Unit: `border` in degrees."""

    code: str
    name: str
    district: District
    population: int
    border: Polygon | MultiPolygon


def generate() -> dict[str, str]:
    """The text of every generated file, by its name."""
    leaves = _leaves(Random(plan.SEED))
    grounds = [_ground(leaf) for leaf in leaves]
    random = Random(plan.SEED + 1)  # so that a change of the registers leaves the borders alone
    return {
        "municipality.yaml": _municipality(),
        "areas.geojson": _areas(leaves),
        ADDRESSES.file: _table(ADDRESSES, places.address_rows(grounds, random)),
        PROPERTIES.file: _table(PROPERTIES, places.property_rows(grounds, random, town=plan.NAME)),
        OBJECTS.file: _table(OBJECTS, places.object_rows(grounds, random)),
        PLACES.file: _table(PLACES, places.place_rows(grounds, random)),
        ROADS.file: _table(ROADS, places.road_rows(grounds, plan.ROADS)),
    }


def _leaves(random: Random) -> list[Leaf]:
    """Every area of level 3, sorted by code.

    Raises:
        ValueError: the areas are no coverage.
    """
    mainland, islands = _terrain(random)
    plots = [
        (district, name, seed)
        for district in DISTRICTS
        for name, seed in _seeds(district, mainland, random)
    ]
    borders: list[Polygon | MultiPolygon] = list(
        land.divide(mainland, [seed for _, _, seed in plots], random)
    )
    home, *islets = (Polygon([land.degrees(at) for at in one.exterior.coords]) for one in islands)
    for islet in islets:
        near = min(range(len(borders)), key=lambda at: borders[at].distance(islet))
        borders[near] = MultiPolygon([*_polygons(borders[near]), islet])
    borders.append(home)
    plots.append((_district_of(plan.ISLAND), plan.ISLAND, (0.0, 0.0)))
    if not land.is_coverage(borders):
        raise ValueError("the areas have gaps or overlaps")
    people = _people(random)
    leaves = [
        Leaf(
            code=f"{district.code}{district.leaves.index(name) + 1}",
            name=name,
            district=district,
            population=people[name],
            border=shapely.orient_polygons(border),
        )
        for (district, name, _), border in zip(plots, borders, strict=True)
    ]
    return sorted(leaves, key=lambda leaf: leaf.code)


def _terrain(random: Random) -> tuple[Polygon, list[Polygon]]:
    """The mainland with its pond, and the islands. Unit: kilometres from the square."""
    outline = land.ring(plan.BORDER, random, bend=BORDER_BEND, shortest=0.5)
    lake = land.ring(plan.LAKE, random, bend=COAST_BEND, shortest=0.12)
    pond = land.ring(plan.POND, random, bend=COAST_BEND, shortest=0.12)
    islands = [land.ring(one, random, bend=COAST_BEND, shortest=0.12) for one in plan.ISLANDS]
    dry = max(shapely.get_parts(outline - lake), key=lambda part: part.area)
    return Polygon(dry.exterior, [pond.exterior]), islands


def _seeds(district: District, mainland: Polygon, random: Random) -> list[tuple[str, Point]]:
    """A point for each leaf on the mainland, well apart; the middle one comes first."""
    names = [name for name in district.leaves if name != plan.ISLAND]
    apart = district.radius * 1.15 / math.sqrt(len(names))
    seeds: list[Point] = []
    while len(seeds) < len(names):
        x, y = (at + random.uniform(-district.radius, district.radius) for at in district.centre)
        seed = (round(x, 3), round(y, 3))
        if (
            math.dist(seed, district.centre) <= district.radius
            and mainland.buffer(-apart / 4).contains(shapely.Point(seed))
            and _nearest(seed) is district
            and all(math.dist(seed, other) > apart for other in seeds)
        ):
            seeds.append(seed)
    seeds.sort(key=lambda seed: math.dist(seed, district.centre))
    return list(zip(names, seeds, strict=True))


def _nearest(point: Point) -> District:
    """The district that a point belongs to; a wide one reaches further."""
    return min(DISTRICTS, key=lambda one: math.dist(point, one.centre) - one.radius)


def _district_of(name: str) -> District:
    return next(one for one in DISTRICTS if name in one.leaves)


def _people(random: Random) -> dict[str, int]:
    """The inhabitants of every leaf; those of a district sum to what the plan says."""
    people: dict[str, int] = {}
    for district in DISTRICTS:
        fixed = {name: plan.FEW_PEOPLE[name] for name in district.leaves if name in plan.FEW_PEOPLE}
        shares = {name: random.uniform(0.6, 1.4) for name in district.leaves if name not in fixed}
        rest = district.people - sum(fixed.values())
        counts = {name: int(rest * share / sum(shares.values())) for name, share in shares.items()}
        counts[next(iter(counts))] += rest - sum(counts.values())
        people |= counts | fixed
    return people


def _polygons(border: Polygon | MultiPolygon) -> list[Polygon]:
    return [part for part in shapely.get_parts(border) if isinstance(part, Polygon)]


def _ground(leaf: Leaf) -> places.Ground:
    return places.Ground(
        name=leaf.name,
        district=leaf.district.name,
        border=max(_polygons(leaf.border), key=lambda part: part.area),
        is_rural=leaf.district.is_rural or leaf.name == plan.ISLAND,
        population=leaf.population,
    )


def _areas(leaves: Sequence[Leaf]) -> str:
    """The feature collection, one feature on each line so that a change can be read."""
    features = ",\n".join(
        json.dumps(_feature(leaf), ensure_ascii=False, separators=(",", ":")) for leaf in leaves
    )
    return f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'


def _feature(leaf: Leaf) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {
            "code": leaf.code,
            "name": leaf.name,
            "population": leaf.population,
            "valid_from": VALID_FROM,
            "valid_to": None,
        },
        "geometry": json.loads(shapely.to_geojson(leaf.border)),
    }


def _municipality() -> str:
    names = plan.PARTS | {district.code: district.name for district in DISTRICTS}
    lines = [
        "# Made by deploy/municipalities/generate.py; change deploy/municipalities/plan.py instead.",
        "# SYNTHETIC: this municipality does not exist, and nobody lives in it.",
        f'code: "{plan.CODE}"',
        f"name: {plan.NAME}",
        f"name_en: {plan.NAME} (synthetic)",
        "synthetic: true",
        f"crs: {plan.CRS} # EPSG: SWEREF 99 16 30, the local zone",
        "levels: [1, 2, 3] # how many leading digits of a code each level keeps",
        f'rest_code: "{plan.REST_CODE}" # what cannot be placed is counted here',
        f"rest_name: {plan.REST_NAME}",
        f"nearest_area_metres: {plan.NEAREST_AREA_METRES} # a point in water counts this far out",
        "area_names: # the areas above the finest level; the others are named in areas.geojson",
        *(f'  "{code}": {name}' for code, name in sorted(names.items())),
    ]
    return "\n".join(lines) + "\n"


def _table(register: Register, rows: Sequence[places.Row]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(register.columns)
    writer.writerows(rows)
    return text.getvalue()


def main(arguments: Sequence[str]) -> None:
    """Write the generated files to the folder that is named, or to the demo pack."""
    folder = Path(arguments[0]) if arguments else DEMO
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in generate().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
