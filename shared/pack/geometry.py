"""The borders of a pack's areas. Imports shapely: only for who draws or locates.

Coordinates are in the system of the file, x (longitude or easting) first.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shared.language import Text
from shared.pack.borders import border_mistakes, geometry_of
from shared.pack.features import AREAS_FILES, read_features
from shared.pack.geopackage import WGS_84
from shared.pack.mistakes import Mistake, PackError, in_reading_order
from shared.pack.model import Pack

DECIMALS = 6  # 0.1 m; more would only claim a precision that no area's border has

_CHANGED = Text(
    sv="Områdena har ändrats sedan paketet lästes; starta om.",
    en="The areas have changed since the pack was loaded; start again.",
)


@dataclass(frozen=True, slots=True)
class Polygons:
    """The leaf areas. Shape: `codes` and `geometries` side by side, sorted by code, no rest area."""

    crs: int
    codes: tuple[str, ...]
    geometries: tuple[shapely.Geometry, ...]


def load_polygons(pack: Pack) -> Polygons:
    """Read the borders of the leaf areas.

    Raises:
        PackError: the file has changed since the pack was loaded, or a border is wrong.
    """
    features, found = read_features(pack.path)
    current = [one for one in features if one.is_current]
    found += border_mistakes(current)
    if not found and {one.properties.code for one in current} != {one.code for one in pack.areas}:
        file = current[0].file if current else AREAS_FILES[0]
        found.append(Mistake(file, 1, _CHANGED))
    if found:
        raise PackError(in_reading_order(found))
    geometries = {
        one.properties.code: geometry
        for one in current
        if not isinstance(geometry := geometry_of(one), Text)
    }
    codes = tuple(sorted(geometries))
    crs = current[0].crs
    return Polygons(crs, codes, tuple(geometries[code] for code in codes))


def area_collection(pack: Pack) -> dict[str, Any]:
    """The areas of every level as a GeoJSON feature collection.

    Shape: level by level, sorted by code; properties code, name, level and population; the rest
    area of each level has no geometry. Upper areas are unions of their leaves, and neighbours
    share their vertices after rounding.
    Unit: degrees, CRS84 (longitude first), 6 decimals.

    Raises:
        PackError: as `load_polygons`.
    """
    leaves = load_polygons(pack)
    in_degrees = _to_degrees(leaves.crs)
    rounded = {
        code: shapely.transform(geometry, lambda at: np.round(in_degrees(at), DECIMALS))
        for code, geometry in zip(leaves.codes, leaves.geometries, strict=True)
    }
    features = []
    for level in range(1, pack.leaf_level + 1):
        for code in pack.codes_at(level):
            parts = [rounded[leaf] for leaf in rounded if pack.code_at(leaf, level) == code]
            features.append(_feature(pack, code, level, geometry=_union(parts)))
    return {"type": "FeatureCollection", "features": features}


def _to_degrees(crs: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """From the borders' own system to longitude, latitude."""
    if crs == WGS_84:
        return lambda at: at
    from pyproj import Transformer  # noqa: PLC0415 - memory that most packs never need

    transformer = Transformer.from_crs(crs, WGS_84, always_xy=True)
    return lambda at: np.column_stack(transformer.transform(at[:, 0], at[:, 1]))


def _union(parts: list[shapely.Geometry]) -> shapely.Geometry | None:
    """One area of its parts, on the grid of the decimals; a single part stays as it is."""
    if not parts:
        return None
    whole = parts[0] if len(parts) == 1 else shapely.union_all(parts, grid_size=10**-DECIMALS)
    return shapely.orient_polygons(whole)


def _feature(
    pack: Pack, code: str, level: int, *, geometry: shapely.Geometry | None
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": code,
        "geometry": _geojson(geometry) if geometry else None,
        "properties": {
            "code": code,
            "name": pack.name_of(code),
            "level": level,
            "population": pack.population_of(code),
        },
    }


def _geojson(geometry: shapely.Geometry) -> dict[str, Any]:
    plain = json.loads(shapely.to_geojson(geometry))
    return {"type": plain["type"], "coordinates": _plain(plain["coordinates"])}


def _plain(coordinates: Iterable[Any]) -> list[Any]:
    """Nested lists of rounded numbers; the grid's multiples are not exact in binary."""
    return [round(one, DECIMALS) if isinstance(one, float) else _plain(one) for one in coordinates]
