"""The police feed's archive and a municipality that maps its types, for tests."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.stack import ROOT

ARCHIVE = ROOT.parent / "shared/data/polisen/polisen_events_2022-09_2025-08.jsonl.gz"
REST = "999"
HALF = 0.02  # degrees from the middle of an area to its sides
MIDDLES = {  # the feed's own centroids lie in these squares, and nothing of it may count there
    "111": ("Stockholm", 59.329324, 18.068581),
    "112": ("Göteborg", 57.70887, 11.97456),
    "121": ("Malmö", 55.604981, 13.003822),
    "211": ("Uppsala", 59.858564, 17.638927),
}


def codes_of(types: Iterable[str]) -> dict[str, str]:
    """An indicator for each type of the feed."""
    return {kind: f"type_{at:03}" for at, kind in enumerate(sorted(types))}


def area_of_middle(gps: str) -> str:
    """The area that a middle of the feed lies in, if it were taken for the place."""
    lat, lon = (float(part) for part in gps.split(","))
    for code, (_, middle_lat, middle_lon) in MIDDLES.items():
        if abs(lat - middle_lat) < HALF and abs(lon - middle_lon) < HALF:
            return code
    return REST


def write_pack(folder: Path, words: Mapping[str, str]) -> Path:
    """A municipality whose police deliver the feed, with these words for its indicators."""
    (folder / "agreements").mkdir(parents=True)
    codes = sorted(set(words.values()))
    _write(
        folder / "municipality.yaml",
        {
            "code": "0012",
            "name": "Fyra torg",
            "synthetic": True,
            "crs": 3006,
            "levels": [1, 2, 3],
            "rest_code": REST,
            "rest_name": "Övrigt",
            "area_names": {"1": "Väst", "11": "Väst A", "12": "Väst B", "2": "Öst", "21": "Öst A"},
        },
    )
    _write(
        folder / "actors.yaml", {"actors": [{"id": "police", "name": "Polis", "name_en": "Police"}]}
    )
    _write(
        folder / "indicators.yaml",
        {"indicators": [_indicator(code, word) for word, code in words.items()]},
    )
    _write(folder / "policy.yaml", {"exact": {"police": ["S0"]}})
    _write(
        folder / "agreements/police.yaml",
        {
            "actor": "police",
            "events": {
                "format": "feed",
                "interval_hours": 1,
                "codes": codes,
                "words": dict(words),
            },
        },
    )
    (folder / "areas.geojson").write_text(json.dumps(_areas()))
    (folder / "addresses.csv").write_text("street,number,letter,locality,lat,lon\n")
    (folder / "properties.csv").write_text("designation,lat,lon\n")
    (folder / "objects.csv").write_text("name,kind,lat,lon\n")
    return folder


def _write(file: Path, content: object) -> None:
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def _indicator(code: str, word: str) -> dict[str, Any]:
    name = f"{word.strip()} ({code})"
    return {
        "code": code,
        "name": name,
        "name_en": f"{name} en",
        "kind": "event",
        "class": "S0",
        "family": "other",
        "actors": ["police"],
    }


def _areas() -> dict[str, Any]:
    features = []
    for code, (name, lat, lon) in MIDDLES.items():
        south, north, west, east = lat - HALF, lat + HALF, lon - HALF, lon + HALF
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        properties = {"code": code, "name": name, "population": 100}
        properties |= {"valid_from": "2020-01-01", "valid_to": None}
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}
