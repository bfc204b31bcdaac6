"""Where a report counts: its area, or the rest area and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np

from services.anonymizer.domain.coordinates import EXTENTS, WGS_84, CoordinateSystems
from services.anonymizer.domain.grid import AreaGrid
from shared.messages.event import Placement
from shared.messages.report import Location
from shared.pack.geometry import Polygons
from shared.pack.model import Pack


@dataclass(frozen=True, slots=True)
class Place:
    """A leaf area's code, and how it was found.

    Unit: `e`, `n` metres in SWEREF 99 TM, not a number where no point is known.
    """

    area: str
    placement: Placement
    e: float = field(default=nan, compare=False)
    n: float = field(default=nan, compare=False)


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one coordinate system, and which report each belongs to."""

    report: list[int] = field(default_factory=list)
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)


class Locator:
    """Places the reports of one municipality in one of its divisions.

    Of several ways in one location the first of these counts: degrees, metres, NYKO code,
    address, property, object.
    """

    def __init__(self, pack: Pack, polygons: Polygons) -> None:
        self._systems = CoordinateSystems(polygons.crs)
        self._grid = AreaGrid(polygons.geometries)
        self._rest = {placement: Place(pack.rest_code, placement) for placement in Placement}
        outside = self._rest[Placement.REST_OUTSIDE]  # last, where the grid's OUTSIDE points
        self._found = (*(Place(code, Placement.COORDINATES) for code in polygons.codes), outside)
        self._leaf_length = pack.levels[-1]
        too_coarse = self._rest[Placement.REST_NYKO_TOO_COARSE]
        leaves = (*polygons.codes, pack.rest_code)
        self._nyko = {leaf[:length]: too_coarse for length in pack.levels for leaf in leaves} | {
            leaf: Place(leaf, Placement.NYKO) for leaf in leaves
        }

    def locate(self, locations: Sequence[Location | None]) -> list[Place]:
        """The place of each location, in their order; all points are located together."""
        places: list[Place] = []
        points: dict[int, Points] = {}
        for number, location in enumerate(locations):
            if location is None:
                places.append(self._rest[Placement.REST_NO_LOCATION])
            elif location.lat is not None and location.lon is not None:
                places.append(self._found[-1])  # until the points are looked up
                _add(points, WGS_84, number, location.lon, location.lat)
            elif location.e is not None and location.n is not None:
                if location.crs is not None and location.crs in EXTENTS:
                    places.append(self._found[-1])
                    _add(points, location.crs, number, location.e, location.n)
                else:
                    places.append(self._rest[Placement.REST_UNKNOWN_CRS])
            else:
                places.append(self._by_name(location))
        for crs, some in points.items():
            for number, place in zip(some.report, self._at(crs, some), strict=True):
                places[number] = place
        return places

    def _at(self, crs: int, points: Points) -> list[Place]:
        x, y = self._systems.to_own(crs, np.array(points.x), np.array(points.y))
        return [self._found[area] for area in self._grid.find(x, y).tolist()]

    def _by_name(self, location: Location) -> Place:
        """The place of a location that has no point."""
        if location.nyko is not None:
            return self._by_nyko(location.nyko)
        for given, reason in (
            (location.address, Placement.REST_ADDRESS),
            (location.property, Placement.REST_PROPERTY),
            (location.object, Placement.REST_OBJECT),
        ):
            if given is not None:
                return self._rest[reason]
        return self._rest[Placement.REST_NO_LOCATION]

    def _by_nyko(self, code: str) -> Place:
        """A code finer than the leaves lies in the leaf that it begins with."""
        known = self._nyko.get(code[: self._leaf_length])
        return known if known is not None else self._rest[Placement.REST_UNKNOWN_NYKO]


def _add(points: dict[int, Points], crs: int, report: int, x: float, y: float) -> None:
    some = points.get(crs)
    if some is None:
        some = points[crs] = Points()
    some.report.append(report)
    some.x.append(x)
    some.y.append(y)
