"""A small invented town for the demo's tests: four square areas beside each other."""

import numpy as np
import shapely
from pyproj import Transformer

from deploy.demo.ground import Ground
from deploy.demo.registers import Written

CODES = ("111", "112", "121", "211")
REST = "999"
WRITTEN = (
    Written("address", "Storgatan 1", "111"),
    Written("property", "Berga 1:2", "112"),
    Written("object", "Skolan", "211"),
)
SIDE = 800.0  # metres
CORNER = (620_000.0, 6_560_000.0)


def borders() -> tuple[shapely.Geometry, ...]:
    """The areas' borders in WGS 84, longitude first."""
    return tuple(_in_degrees(square) for square in squares())


def squares() -> tuple[shapely.Geometry, ...]:
    """The areas' borders in SWEREF 99 TM, in metres."""
    east, north = CORNER
    return tuple(
        shapely.box(east + at * SIDE, north, east + (at + 1) * SIDE, north + SIDE)
        for at in range(len(CODES))
    )


def ground() -> Ground:
    """The town, ready to choose places in."""
    return Ground(CODES, borders(), rest_code=REST, written=WRITTEN)


def _in_degrees(square: shapely.Geometry) -> shapely.Geometry:
    to_degrees = Transformer.from_crs(3006, 4326, always_xy=True)
    return shapely.transform(square, lambda at: np.column_stack(to_degrees.transform(*at.T)))
