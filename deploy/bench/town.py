"""A town for `lagesbild bench views`: 100 areas and 30 indicators that every window is offered for."""

import json
from pathlib import Path

CODE = "0100"
ACTOR = "fire"
INDICATORS = tuple(f"kind_{number:02}" for number in range(1, 31))
LEAVES = tuple(f"{a}{b}{c}" for a in "1234" for b in "12345" for c in "12345")
MINUTE_CLASSES = ("S0", "S1")  # every window has four grains of a minute

_WEST, _SOUTH, _SIDE = 17.0, 59.0, 0.01  # degrees


def write_town(folder: Path) -> Path:
    """The pack: squares side by side, and no registers."""
    (folder / "agreements").mkdir(parents=True)
    for name, text in _files().items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _files() -> dict[str, str]:
    upper = sorted({leaf[:length] for leaf in LEAVES for length in (1, 2)})
    names = ", ".join(f'"{code}": Område {code}' for code in upper)
    rows = "\n".join(
        f"  - {{code: {code}, name: Slag {at}, name_en: Kind {at}, kind: event,"
        f" class: {MINUTE_CLASSES[at % 2]}, family: other, actors: [{ACTOR}]}}"
        for at, code in enumerate(INDICATORS)
    )
    features = [square(at, code) for at, code in enumerate(LEAVES)]
    return {
        "municipality.yaml": f'code: "{CODE}"\nname: Mätstad\nsynthetic: true\ncrs: 3011\n'
        f'levels: [1, 2, 3]\nrest_code: "999"\nrest_name: Övrigt\narea_names: {{{names}}}\n',
        "actors.yaml": f"actors: [{{id: {ACTOR}, name: Brand, name_en: Fire}}]\n",
        "indicators.yaml": f"indicators:\n{rows}\n",
        "policy.yaml": f"exact: {{{ACTOR}: [S0, S1]}}\n",
        f"agreements/{ACTOR}.yaml": f"actor: {ACTOR}\nevents: {{format: api, interval_hours: 1,"
        f" codes: [{', '.join(INDICATORS)}]}}\n",
        "addresses.csv": "street,number,letter,locality,lat,lon\n",
        "properties.csv": "designation,lat,lon\n",
        "objects.csv": "name,kind,lat,lon\n",
        "areas.geojson": json.dumps({"type": "FeatureCollection", "features": features}),
    }


def square(
    at: int,
    code: str,
    *,
    corner: tuple[float, float] = (_WEST, _SOUTH),
    sides: tuple[float, float] = (_SIDE, _SIDE),
) -> dict[str, object]:
    """An area of `areas.geojson`, in rows of ten. Unit: degrees, longitude first."""
    west, south = corner[0] + at % 10 * sides[0], corner[1] + at // 10 * sides[1]
    east, north = west + sides[0], south + sides[1]
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    ring = [[round(x, 6), round(y, 6)] for x, y in corners]
    return {
        "type": "Feature",
        "properties": {
            "code": code,
            "name": f"Område {code}",
            "population": 1000,
            "valid_from": "2000-01-01",
            "valid_to": None,
        },
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
