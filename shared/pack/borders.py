"""Whether the borders of the areas can be counted in: whole, valid, and without overlap."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.validation import explain_validity

from shared.language import Text
from shared.pack.features import AreaFeature
from shared.pack.mistakes import Mistake
from shared.pack.registers import LATITUDES, LONGITUDES

OVERLAP_SQUARE_METRES = 500.0  # digitized borders overlap a little: Stockholm's 419 areas by 185
METRES_PER_DEGREE = 111_320.0


def border_mistakes(current: Sequence[AreaFeature]) -> Iterator[Mistake]:
    """Areas without a valid polygon in Sweden, and pairs that overlap.

    An area whose own border is wrong is not held against its neighbours.
    """
    sound: list[tuple[AreaFeature, shapely.Geometry]] = []
    for one in current:
        geometry = _geometry(one.geometry)
        if isinstance(geometry, Text):
            yield one.mistake(geometry)
        else:
            sound.append((one, geometry))
    yield from _overlaps(sound)


def _geometry(plain: Any) -> shapely.Geometry | Text:
    """The polygon, or what is wrong with it."""
    if not isinstance(plain, dict) or plain.get("type") not in ("Polygon", "MultiPolygon"):
        return Text(
            sv="Området saknar polygon (Polygon eller MultiPolygon).",
            en="The area has no polygon (Polygon or MultiPolygon).",
        )
    try:
        geometry = shape(plain)
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ):
        return Text(sv="Koordinaterna bildar ingen polygon.", en="The coordinates form no polygon.")
    if geometry.is_empty:
        return Text(sv="Polygonen är tom.", en="The polygon is empty.")
    if not _is_in_sweden(geometry):
        return Text(
            sv="Koordinaterna ska vara longitud, latitud i grader (WGS 84), i Sverige.",
            en="The coordinates must be longitude, latitude in degrees (WGS 84), in Sweden.",
        )
    if not geometry.is_valid:
        reason = explain_validity(geometry)
        return Text(
            sv=f"Polygonen är ogiltig ({reason}).", en=f"The polygon is invalid ({reason})."
        )
    return geometry


def _is_in_sweden(geometry: shapely.Geometry) -> bool:
    west, south, east, north = shapely.bounds(geometry)
    return bool(
        LONGITUDES[0] <= west <= east <= LONGITUDES[1]
        and LATITUDES[0] <= south <= north <= LATITUDES[1]
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
        size = _square_metres(part)
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
