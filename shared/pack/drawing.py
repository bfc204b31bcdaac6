"""The areas as GeoJSON, for whoever draws a map of them. Imports shapely."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from shared.pack.divisions import divisions_of
from shared.pack.geometry import Polygons, load_divisions
from shared.pack.geopackage import WGS_84
from shared.pack.model import Area, Pack

DECIMALS = 6  # 0.1 m; more would only claim a precision that no area's border has

Feature: TypeAlias = dict[str, Any]
Borders: TypeAlias = Mapping[Area, shapely.Geometry]


def area_collection(pack: Pack, *, retired: bool = False) -> Feature:
    """The areas in use of every level as a GeoJSON feature collection.

    Shape: level by level, sorted by code; properties code, name, level, population, valid_from
    and valid_to (Stockholm days, the end not included; null without an end); the rest area of each
    level has no geometry and no days. With `retired` those that have ended follow, level by level;
    as a code may have had several borders, their ids are the code and the first day. Upper areas
    are unions of their leaves, and neighbours share their vertices after rounding.
    Unit: degrees, CRS84 (longitude first), 6 decimals.

    Raises:
        PackError: as `load_polygons`.
    """
    borders = _borders(pack, load_divisions(pack))
    features = list(_in_use(pack, borders))
    if retired:
        features += _ended(pack, borders)
    return {"type": "FeatureCollection", "features": features}


def _borders(pack: Pack, divided: Sequence[Polygons]) -> Borders:
    """The rounded borders of every leaf area, retired ones too."""
    in_degrees = _to_degrees(divided[0].crs)
    exact = {
        area: geometry
        for division, polygons in zip(divisions_of(pack), divided, strict=True)
        for area, geometry in zip(division.areas, polygons.geometries, strict=True)
    }
    return {
        area: shapely.transform(geometry, lambda at: np.round(in_degrees(at), DECIMALS))
        for area, geometry in exact.items()
    }


def _in_use(pack: Pack, borders: Borders) -> Iterator[Feature]:
    for level in range(1, pack.leaf_level + 1):
        for code in pack.codes_at(level):
            parts = [area for area in pack.areas if pack.code_at(area.code, level) == code]
            feature = _feature(pack, code, level, geometry=_union(parts, borders))
            if parts:
                feature["properties"]["valid_from"] = _beginning(pack, code, level).isoformat()
            yield feature


def _beginning(pack: Pack, code: str, level: int) -> date:
    """The first day of an area in use: a leaf's own, else that of its first leaf ever."""
    past = pack.retired if level < pack.leaf_level else ()
    held = [one for one in (*past, *pack.areas) if pack.code_at(one.code, level) == code]
    return min(one.valid_from for one in held)


def _ended(pack: Pack, borders: Borders) -> Iterator[Feature]:
    for level in range(1, pack.leaf_level):
        codes = {pack.code_at(area.code, level) for area in pack.retired}
        for code in sorted(codes.difference(pack.codes_at(level))):
            held = [area for area in pack.retired if pack.code_at(area.code, level) == code]
            end = max(area.ends for area in held)
            last = [area for area in held if area.ends == end]
            whole = Area(
                code,
                pack.name_of(code),
                pack.population_of(code),
                min(area.valid_from for area in held),
                end,
            )
            yield _retired(pack, whole, level, geometry=_union(last, borders))
    for area in pack.retired:
        yield _retired(pack, area, pack.leaf_level, geometry=_union([area], borders))


def _retired(pack: Pack, area: Area, level: int, *, geometry: shapely.Geometry | None) -> Feature:
    feature = _feature(pack, area.code, level, geometry=geometry)
    feature["id"] = f"{area.code}@{area.valid_from}"
    feature["properties"] |= {
        "name": area.name,
        "population": area.population,
        "valid_from": area.valid_from.isoformat(),
        "valid_to": area.ends.isoformat(),
    }
    return feature


def _to_degrees(crs: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """From the borders' own system to longitude, latitude."""
    if crs == WGS_84:
        return lambda at: at
    from pyproj import Transformer  # noqa: PLC0415 - memory that most packs never need

    transformer = Transformer.from_crs(crs, WGS_84, always_xy=True)
    return lambda at: np.column_stack(transformer.transform(at[:, 0], at[:, 1]))


def _union(areas: Iterable[Area], borders: Borders) -> shapely.Geometry | None:
    """One area of its parts, on the grid of the decimals; a single part stays as it is."""
    parts = [borders[area] for area in areas]
    if not parts:
        return None
    whole = parts[0] if len(parts) == 1 else shapely.union_all(parts, grid_size=10**-DECIMALS)
    return shapely.orient_polygons(whole)


def _feature(pack: Pack, code: str, level: int, *, geometry: shapely.Geometry | None) -> Feature:
    return {
        "type": "Feature",
        "id": code,
        "geometry": _geojson(geometry) if geometry else None,
        "properties": {
            "code": code,
            "name": pack.name_of(code),
            "level": level,
            "population": pack.population_of(code),
            "valid_from": None,
            "valid_to": None,
        },
    }


def _geojson(geometry: shapely.Geometry) -> Feature:
    plain = json.loads(shapely.to_geojson(geometry))
    return {"type": plain["type"], "coordinates": _plain(plain["coordinates"])}


def _plain(coordinates: Iterable[Any]) -> list[Any]:
    """Nested lists of rounded numbers; the grid's multiples are not exact in binary."""
    return [round(one, DECIMALS) if isinstance(one, float) else _plain(one) for one in coordinates]
