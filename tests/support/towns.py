"""A town of areas side by side whose division changes, written as a pack, for tests."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILES = {
    "municipality.yaml": """\
code: "0012"
name: Småstad
synthetic: true
crs: 3011
levels: [1, 2, 3]
rest_code: "999"
rest_name: Övrigt
area_names: {"1": Norr, "11": Norra ängen, "2": Söder, "21": Södra ängen}
""",
    "actors.yaml": "actors: [{id: fire, name: Brand, name_en: Fire}]\n",
    "indicators.yaml": """\
indicators:
  - {code: bin_fire, name: Soptunna, name_en: Bin, kind: event, class: S0, family: fire,
     actors: [fire]}
""",
    "policy.yaml": "exact: {fire: [S0]}\n",
    "agreements/fire.yaml": """\
actor: fire
events: {format: api, interval_hours: 1, codes: [bin_fire]}
""",
    "addresses.csv": "street,number,letter,locality,lat,lon\n",
    "properties.csv": "designation,lat,lon\n",
    "objects.csv": "name,kind,lat,lon\n",
}


@dataclass(frozen=True)
class Land:
    """An area from one longitude to another. Unit: tenths of a degree east of 17°."""

    code: str
    west: float
    east: float
    valid_from: str = "2020-01-01"
    valid_to: str | None = None


def write_town(folder: Path, areas: Iterable[Land]) -> Path:
    """The pack; each area's feature stands on a line of its own, the first on line 2."""
    (folder / "agreements").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    body = ",\n".join(json.dumps(_feature(one)) for one in areas)
    text = f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n'
    (folder / "areas.geojson").write_text(text, encoding="utf-8")
    return folder


def _feature(one: Land) -> dict[str, Any]:
    west, east = round(17.0 + one.west / 10, 6), round(17.0 + one.east / 10, 6)
    ring = [[west, 59.0], [east, 59.0], [east, 59.1], [west, 59.1], [west, 59.0]]
    return {
        "type": "Feature",
        "properties": {
            "code": one.code,
            "name": f"Område {one.code}",
            "population": 100,
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
        },
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
