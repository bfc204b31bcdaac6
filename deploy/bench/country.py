"""A municipality as large as a country for `lagesbild bench anonymizer`, for thousands of towns.

A process that anonymizes ten thousand reports a second has those of many towns, and how many lie
near each other decides what linking costs. So each day of `linking_town` is put on a square of its
own, side by side, with the town's own density; then all of them happen on one day.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

from deploy.bench import mix
from deploy.bench.linking_town import ACTORS, FAMILIES
from deploy.bench.town import LEAVES, square

CODE = mix.MUNICIPALITIES[0]
CORNER, SIDES = (10.0, 57.0), (1.0, 0.5)  # degrees; a hundred areas
LOCALITY = "Mätköping"
COMPATIBLE = (("fire", "damage"), ("damage", "disorder"), ("violence", "disorder"))

Address = tuple[str, int, str, float, float]
"""Street, number, letter; degrees, latitude first."""

Named = tuple[str, float, float]


def family_of(indicator: int) -> int:
    """Its family, a place in FAMILIES."""
    return indicator % len(FAMILIES)


def leaf_of(lon: float, lat: float) -> str:
    """The area that holds a point of the country."""
    column, row = int((lon - CORNER[0]) / SIDES[0]), int((lat - CORNER[1]) / SIDES[1])
    return LEAVES[10 * row + column]


def write_country(
    folder: Path,
    *,
    addresses: Iterable[Address],
    properties: Iterable[Named],
    objects: Iterable[Named],
) -> Path:
    """The pack, with these registers."""
    (folder / "agreements").mkdir(parents=True)
    streets = [(street, no, letter, LOCALITY, *at) for street, no, letter, *at in addresses]
    files = {
        **_catalogue(),
        "addresses.csv": _table("street,number,letter,locality,lat,lon", streets),
        "properties.csv": _table("designation,lat,lon", properties),
        "objects.csv": _table("name,kind,lat,lon", [(name, "skola", *at) for name, *at in objects]),
        "areas.geojson": _areas(),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _catalogue() -> dict[str, str]:
    upper = sorted({leaf[:length] for leaf in LEAVES for length in (1, 2)})
    names = ", ".join(f'"{code}": Område {code}' for code in upper)
    rows = "\n".join(
        f"  - {{code: {code}, name: Slag {at}, name_en: Kind {at}, kind: event,"
        f" class: {mix.CLASSES[at]}, family: {FAMILIES[family_of(at)]},"
        f" actors: [{', '.join(ACTORS)}]}}"
        for at, code in enumerate(mix.INDICATORS)
    )
    actors = ", ".join(f"{{id: {one}, name: {one}, name_en: {one}}}" for one in ACTORS)
    pairs = ", ".join(f"[{a}, {b}]" for a, b in COMPATIBLE)
    return {
        "municipality.yaml": f'code: "{CODE}"\nname: Mätland\nsynthetic: true\ncrs: 3006\n'
        f'levels: [1, 2, 3]\nrest_code: "999"\nrest_name: Övrigt\narea_names: {{{names}}}\n',
        "actors.yaml": f"actors: [{actors}]\n",
        "indicators.yaml": f"indicators:\n{rows}\n",
        "policy.yaml": f"exact: {{{ACTORS[0]}: [S0, S1]}}\nlinking: {{compatible: [{pairs}]}}\n",
        **{f"agreements/{actor}.yaml": _agreement(actor) for actor in ACTORS},
    }


def _agreement(actor: str) -> str:
    codes = ", ".join(mix.INDICATORS)
    return f"actor: {actor}\nevents: {{format: api, interval_hours: 1, codes: [{codes}]}}\n"


def _areas() -> str:
    features = [square(at, code, corner=CORNER, sides=SIDES) for at, code in enumerate(LEAVES)]
    return json.dumps({"type": "FeatureCollection", "features": features})


def _table(header: str, rows: Iterable[Sequence[object]]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return f"{header}\n{written.getvalue()}"
