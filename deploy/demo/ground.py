"""Places of the municipality, so that the truth knows the area of each before it is sent.

A place is chosen area first: a point well inside that area's own border, never one that must be
located. So nothing here can agree with the product by making the same mistake.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import Final

import numpy as np
import shapely
from pyproj import Transformer

from deploy.demo.registers import Written

SWEREF_99_TM: Final = 3006
WGS_84: Final = 4326

MARGINS = (25.0, 5.0, 1.0)  # metres from the border, more than any rounding or reprojection
FAR_OUTSIDE = 300.0  # metres from the nearest area
SURROUNDINGS = 4_000.0  # metres around the municipality where its actors also work
BIG_CITY = 6.0  # how much more often the liveliest area is chosen than an ordinary one

Location = Mapping[str, object]


class Way(StrEnum):
    """How an actor says where something happened."""

    LAT_LON = "lat_lon"
    SWEREF = "sweref"
    NYKO = "nyko"
    NYKO_UPPER = "nyko_upper"
    NYKO_UNKNOWN = "nyko_unknown"
    OUTSIDE = "outside"
    ADDRESS = "address"
    PROPERTY = "property"
    OBJECT = "object"
    ADDRESS_UNKNOWN = "address_unknown"
    PROPERTY_UNKNOWN = "property_unknown"
    OBJECT_UNKNOWN = "object_unknown"
    NOTHING = "nothing"


WEIGHTS: Mapping[Way, int] = MappingProxyType(
    {
        Way.LAT_LON: 40,
        Way.SWEREF: 16,
        Way.NYKO: 16,
        Way.NYKO_UPPER: 1,
        Way.NYKO_UNKNOWN: 1,
        Way.OUTSIDE: 4,
        Way.ADDRESS: 8,
        Way.PROPERTY: 3,
        Way.OBJECT: 4,
        Way.ADDRESS_UNKNOWN: 1,
        Way.PROPERTY_UNKNOWN: 1,
        Way.OBJECT_UNKNOWN: 1,
        Way.NOTHING: 4,
    }
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as an actor writes it, and the leaf area in which it must be counted."""

    way: Way
    location: Location | None
    area: str


@dataclass(frozen=True, slots=True)
class _Plot:
    """The inside of an area. Unit: metres in SWEREF 99 TM."""

    code: str
    inside: shapely.Geometry


class Ground:
    """The leaf areas of a municipality, ready to choose places in.

    Shape: `codes` and `borders` side by side, borders in WGS 84, longitude first; `written` are
    places of its registers.
    """

    def __init__(
        self,
        codes: Sequence[str],
        borders: Sequence[shapely.Geometry],
        *,
        rest_code: str,
        written: Sequence[Written],
    ) -> None:
        self._written = {
            way: tuple(one for one in written if one.field == way.value)
            for way in (Way.ADDRESS, Way.PROPERTY, Way.OBJECT)
        }
        to_metres = Transformer.from_crs(WGS_84, SWEREF_99_TM, always_xy=True)
        self._to_degrees = Transformer.from_crs(SWEREF_99_TM, WGS_84, always_xy=True)
        drawn = [
            shapely.transform(border, lambda at: np.column_stack(to_metres.transform(*at.T)))
            for border in borders
        ]
        self._plots = tuple(
            _Plot(code, inside)
            for code, shape in zip(codes, drawn, strict=True)
            if (inside := _well_inside(shape)) is not None
        )
        self._everything = shapely.union_all(
            [shapely.buffer(shape, FAR_OUTSIDE) for shape in drawn]
        )
        shapely.prepare([plot.inside for plot in self._plots])
        shapely.prepare(self._everything)
        self._rest = rest_code

    def liveliness(self, rng: Random) -> tuple[float, ...]:
        """How often each area is chosen: a few are much livelier than most, as in any town."""
        return tuple(1 + BIG_CITY * rng.random() ** 6 for _ in self._plots)

    def spot(self, rng: Random, liveliness: Sequence[float]) -> Spot:
        """A place, written in any of the ways that actors write places in."""
        plot = rng.choices(self._plots, liveliness)[0]
        way = rng.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
        match way:
            case Way.LAT_LON:
                return Spot(way, self._lat_lon(_point_in(plot.inside, rng)), plot.code)
            case Way.SWEREF:
                east, north = _point_in(plot.inside, rng)
                crs = rng.choice((SWEREF_99_TM, f"EPSG:{SWEREF_99_TM}"))
                metres = {"e": round(float(east), 1), "n": round(float(north), 1), "crs": crs}
                return Spot(way, metres, plot.code)
            case Way.NYKO:
                return Spot(way, {"nyko": plot.code}, plot.code)
            case Way.ADDRESS | Way.PROPERTY | Way.OBJECT:
                one = rng.choice(self._written[way])
                return Spot(way, {one.field: one.text}, one.area)
            case _:
                return Spot(way, self._without_area(way, plot, rng), self._rest)

    def _without_area(self, way: Way, plot: _Plot, rng: Random) -> Location | None:
        """A place that no area can be found for."""
        number = rng.randint(1, 99)
        if way is Way.OUTSIDE:
            return self._lat_lon(self._far_outside(rng))
        written: Mapping[Way, Location] = {
            Way.NYKO_UPPER: {"nyko": plot.code[:-1]},
            Way.NYKO_UNKNOWN: {"nyko": "0" * len(plot.code)},
            Way.ADDRESS_UNKNOWN: {"address": f"Provgatan {number}"},
            Way.PROPERTY_UNKNOWN: {"property": f"Exempelstad Provet 1:{number}"},
            Way.OBJECT_UNKNOWN: {"object": f"Skola {number}"},
        }
        return written.get(way)

    def _lat_lon(self, point: tuple[float, float]) -> Location:
        lon, lat = self._to_degrees.transform(*point)
        return {"lat": round(float(lat), 6), "lon": round(float(lon), 6)}

    def _far_outside(self, rng: Random) -> tuple[float, float]:
        west, south, east, north = shapely.bounds(self._everything)
        while True:
            x = rng.uniform(west - SURROUNDINGS, east + SURROUNDINGS)
            y = rng.uniform(south - SURROUNDINGS, north + SURROUNDINGS)
            if not shapely.intersects_xy(self._everything, x, y):
                return x, y


def _well_inside(shape: shapely.Geometry) -> shapely.Geometry | None:
    """The area without a strip along its border; none if nothing is left of it."""
    for margin in MARGINS:
        inside = shapely.buffer(shape, -margin)
        if not inside.is_empty:
            return inside
    return None


def _point_in(shape: shapely.Geometry, rng: Random) -> tuple[float, float]:
    west, south, east, north = shapely.bounds(shape)
    while True:
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if shapely.contains_xy(shape, x, y):
            return x, y
