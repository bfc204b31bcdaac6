"""Whether the borders of the areas can be counted in: whole, valid, and without overlap."""

from collections.abc import Iterator, Sequence
from datetime import date
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
from shared.pack.validity import are_at_one_time

OVERLAP_SQUARE_METRES = 500.0  # digitized borders overlap a little: Stockholm's 419 areas by 185
METRES_PER_DEGREE = 111_320.0
EASTINGS = (0.0, 1_000_000.0)  # SWEREF 99, TM and local zones
NORTHINGS = (6_100_000.0, 7_700_000.0)


def border_mistakes(features: Sequence[AreaFeature]) -> Iterator[Mistake]:
    """Areas without a valid polygon in Sweden, pairs that overlap, and land left out for a while.

    Areas are held against those that are valid on the same day. One whose own border is wrong, or
    whose validity is, is not held against others.
    """
    sound: list[tuple[AreaFeature, shapely.Geometry]] = []
    for one in features:
        geometry = geometry_of(one)
        if isinstance(geometry, Text):
            yield one.mistake(geometry)
        elif one.has_period:
            sound.append((one, geometry))
    yield from _overlaps(sound)
    yield from _land_left_out(sound)


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
    together = np.array(
        [
            are_at_one_time(sound[first][0], sound[second][0])
            for first, second in zip(left, right, strict=True)
        ],
        dtype=bool,
    )
    left, right = left[together], right[together]
    shared = shapely.intersection(geometries[left], geometries[right])
    for first, second, part in zip(left, right, shared, strict=True):
        one, other = sound[first][0], sound[second][0]
        size = square_metres(part, one.crs)
        if size > OVERLAP_SQUARE_METRES:
            yield max(one, other, key=lambda area: area.line).mistake(
                Text(
                    sv=f"{one.properties.code} och {other.properties.code} överlappar varandra "
                    f"med {size:.0f} m².",
                    en=f"{one.properties.code} and {other.properties.code} overlap "
                    f"by {size:.0f} m².",
                )
            )


def square_metres(part: shapely.Geometry, crs: int) -> float:
    """The size of a small geometry; of one in degrees to a percent, enough for a tolerance."""
    if crs != WGS_84 or shapely.is_empty(part):
        return float(shapely.area(part))
    shrink = float(np.cos(np.radians(shapely.get_y(shapely.centroid(part)))))
    return float(shapely.area(part)) * METRES_PER_DEGREE**2 * shrink


def _land_left_out(sound: Sequence[tuple[AreaFeature, shapely.Geometry]]) -> Iterator[Mistake]:
    """Land of an area that has ended which no area takes over, and which one has again later.

    Land that never belongs to an area again is left alone: a municipality may cede some.
    """
    ended = [(one, geometry) for one, geometry in sound if one.ends != date.max]
    if not ended:
        return
    index = shapely.STRtree([geometry for _, geometry in sound])
    for one, geometry in ended:
        near = [sound[at] for at in index.query(geometry, predicate="intersects")]
        heirs = [border for other, border in near if other.valid_from <= one.ends < other.ends]
        left = shapely.difference(geometry, shapely.union_all(heirs))
        if square_metres(left, one.crs) <= OVERLAP_SQUARE_METRES:
            continue
        later = sorted(
            (pair for pair in near if pair[0].valid_from > one.ends),
            key=lambda pair: pair[0].valid_from,
        )
        for other, border in later:
            size = square_metres(shapely.intersection(left, border), one.crs)
            if size > OVERLAP_SQUARE_METRES:
                yield other.mistake(_left_out(one, other, size))
                break


def _left_out(one: AreaFeature, other: AreaFeature, size: float) -> Text:
    code, new = one.properties.code, other.properties.code
    return Text(
        sv=f"Från {one.ends} till {other.valid_from} ligger {size:.0f} m² av {code} (rad {one.line})"
        f" inte i något område, sedan i {new}: {new} ska gälla från den dag då {code} slutar.",
        en=f"From {one.ends} to {other.valid_from}, {size:.0f} m² of {code} (line {one.line}) lie in"
        f" no area, after that in {new}: {new} is to be valid from the day on which {code} ends.",
    )
