"""Whether the borders of the areas can be counted in: whole, valid, and without overlap."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from shared.language import Text
from shared.pack.features import AreaFeature
from shared.pack.geopackage import WGS_84
from shared.pack.mistakes import Mistake
from shared.pack.registers import LATITUDES, LONGITUDES

OVERLAP_SQUARE_METRES = 500.0  # digitized borders overlap a little: Stockholm's 419 areas by 185
METRES_PER_DEGREE = 111_320.0
EASTINGS = (0.0, 1_000_000.0)  # SWEREF 99, TM and local zones
NORTHINGS = (6_100_000.0, 7_700_000.0)


def border_mistakes(current: Sequence[AreaFeature]) -> Iterator[Mistake]:
    """Areas without a valid polygon in Sweden, and pairs that overlap.

    An area whose own border is wrong is not held against its neighbours.
    """
    sound: list[tuple[AreaFeature, shapely.Geometry]] = []
    for one in current:
        geometry = geometry_of(one)
        if isinstance(geometry, Text):
            yield one.mistake(geometry)
        else:
            sound.append((one, geometry))
    yield from _overlaps(sound)


def geometry_of(one: AreaFeature) -> BaseGeometry | Text:
    """The polygon of an area, or what is wrong with it."""
    geometry = _from_wkb(one.geometry) if one.crs != WGS_84 else _from_geojson(one.geometry)
    if isinstance(geometry, Text):
        return geometry
    if geometry.is_empty:
        return Text(sv="Polygonen är tom.", en="The polygon is empty.")
    if not _is_in_sweden(geometry, one.crs):
        return _NOT_IN_SWEDEN
    if not geometry.is_valid:
        reason = explain_validity(geometry)
        return Text(
            sv=f"Polygonen är ogiltig ({reason}).", en=f"The polygon is invalid ({reason})."
        )
    return geometry


def _from_geojson(plain: Any) -> BaseGeometry | Text:
    if isinstance(plain, bytes | None):
        return _from_wkb(plain)  # a GeoPackage may be in WGS 84 as well
    if not isinstance(plain, dict) or plain.get("type") not in ("Polygon", "MultiPolygon"):
        return _NO_POLYGON
    try:
        made: BaseGeometry = shape(plain)
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ):
        return Text(sv="Koordinaterna bildar ingen polygon.", en="The coordinates form no polygon.")
    return made


def _from_wkb(wkb: Any) -> BaseGeometry | Text:
    try:
        geometry: BaseGeometry | None = (
            None if wkb is None else shapely.force_2d(shapely.from_wkb(wkb))
        )
    except (TypeError, shapely.errors.ShapelyError):
        geometry = None
    if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return _NO_POLYGON
    return geometry


def _is_in_sweden(geometry: shapely.Geometry, crs: int) -> bool:
    west, south, east, north = shapely.bounds(geometry)
    across, along = (LONGITUDES, LATITUDES) if crs == WGS_84 else (EASTINGS, NORTHINGS)
    return bool(across[0] <= west <= east <= across[1] and along[0] <= south <= north <= along[1])


_NO_POLYGON = Text(
    sv="Området saknar polygon (Polygon eller MultiPolygon).",
    en="The area has no polygon (Polygon or MultiPolygon).",
)
_NOT_IN_SWEDEN = Text(
    sv="Koordinaterna ska ligga i Sverige: longitud, latitud i grader (WGS 84), eller öst, nord"
    " i meter (SWEREF 99) i en GeoPackage.",
    en="The coordinates must be in Sweden: longitude, latitude in degrees (WGS 84), or east, north"
    " in metres (SWEREF 99) in a GeoPackage.",
)


def _overlaps(sound: Sequence[tuple[AreaFeature, shapely.Geometry]]) -> Iterator[Mistake]:
    geometries = np.array([geometry for _, geometry in sound], dtype=object)
    if geometries.size == 0:
        return
    left, right = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    shared = shapely.intersection(geometries[left], geometries[right])
    for first, second, part in zip(left, right, shared, strict=True):
        in_degrees = sound[first][0].crs == WGS_84
        size = _square_metres(part) if in_degrees else float(shapely.area(part))
        if size > OVERLAP_SQUARE_METRES:
            one, other = sound[first][0], sound[second][0]
            yield max(one, other, key=lambda area: area.line).mistake(
                Text(
                    sv=f"{one.properties.code} och {other.properties.code} överlappar varandra "
                    f"med {size:.0f} m².",
                    en=f"{one.properties.code} and {other.properties.code} overlap "
                    f"by {size:.0f} m².",
                )
            )


def _square_metres(part: shapely.Geometry) -> float:
    """The size of a small geometry in degrees; good to a percent, enough for a tolerance."""
    shrink = float(np.cos(np.radians(shapely.get_y(shapely.centroid(part)))))
    return float(shapely.area(part)) * METRES_PER_DEGREE**2 * shrink
