"""Points of any system and order, found in the areas of one division.

What stands as it says is looked up at once. Only of a point that lies in no area is anything else
thought: that it lies in water or in a gap; that its axes are swapped or its system is another than
said, which is believed only if as given it lies far from the municipality, and if one other reading
alone leads into an area.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely

from services.anonymizer.domain.coordinates import (
    EXTENTS,
    RT_90,
    SWEREF_99_TM,
    WGS_84,
    Coordinates,
    CoordinateSystems,
)
from services.anonymizer.domain.grid import OUTSIDE, AreaGrid, Indices
from shared.messages.event import Placement
from shared.pack.geometry import Polygons
from shared.quality import Confidence

FAR_METRES = 100_000.0  # a point nearer than this to the municipality may be meant as it stands


class Reading(NamedTuple):
    """What was found of some points, side by side. Unit: `e`, `n` metres in SWEREF 99 TM."""

    areas: Indices
    e: Coordinates
    n: Coordinates


class Way(NamedTuple):
    """How a point that was not meant as it stands is read."""

    crs: int
    is_swapped: bool

    def is_of(self, given: int | None) -> bool:
        """Whether this is how the point was given."""
        return self.crs == given and not self.is_swapped


class Mended(NamedTuple):
    """A point that lay in no area as given. Shape: `area` is `OUTSIDE` if it lies in none at all."""

    area: int
    placement: Placement
    confidence: Confidence
    e: float
    n: float


class AreaPoints:
    """Finds points in the areas of a division.

    Shape: areas are numbered as in `polygons`; `own` is the municipality's own system.
    """

    def __init__(self, polygons: Polygons, *, own: int, nearest_metres: float) -> None:
        self._to_areas = CoordinateSystems(polygons.crs)
        self._to_metres = CoordinateSystems(SWEREF_99_TM)
        self._polygons = polygons
        self._grid = AreaGrid(polygons.geometries)
        self._nearest_metres = nearest_metres
        systems = dict.fromkeys((WGS_84, SWEREF_99_TM, own, RT_90))
        self._ways = [Way(crs, is_swapped) for crs in systems for is_swapped in (False, True)]
        self._near: shapely.STRtree | None = None
        self._bounds: tuple[float, float, float, float] | None = None

    def read(self, crs: int, x: Coordinates, y: Coordinates) -> Reading:
        """The area that each point lies in, as it stands; `OUTSIDE` if it lies in none."""
        areas = self._grid.find(*self._to_areas.to_own(crs, x, y))
        return Reading(areas, *self._to_metres.to_own(crs, x, y))

    def with_nearest(self, found: Reading) -> Indices:
        """The areas, for points in none the nearest within the distance, if there is one."""
        areas = found.areas.copy()
        lost = np.flatnonzero((areas == OUTSIDE) & np.isfinite(found.e) & np.isfinite(found.n))
        if not lost.size or self._nearest_metres <= 0:
            return areas
        point, area = self._tree.query_nearest(
            shapely.points(found.e[lost], found.n[lost]),
            max_distance=self._nearest_metres,
            all_matches=True,
        )
        for at, number in zip(lost[point].tolist(), area.tolist(), strict=True):
            areas[at] = number if areas[at] == OUTSIDE else min(areas[at], number)
        return areas

    def mend(self, crs: int | None, x: Coordinates, y: Coordinates) -> list[Mended]:
        """What is to be thought of points that lie in no area as given; `crs` None: not said."""
        size = x.size
        result: list[Mended | None] = [None] * size
        if crs is not None and crs in EXTENTS:
            as_given = self.read(crs, x, y)
            areas = self.with_nearest(as_given)
            believed = self._is_near(as_given)
            for at in np.flatnonzero(believed).tolist():
                result[at] = _nearest(int(areas[at]), as_given, at)
        open_ones = [at for at in range(size) if result[at] is None]
        if open_ones:
            some = np.array(open_ones)
            for at, one in zip(open_ones, self._reread(crs, x[some], y[some]), strict=True):
                result[at] = one
        return [one for one in result if one is not None]

    def _reread(self, given: int | None, x: Coordinates, y: Coordinates) -> Iterator[Mended]:
        readings = [
            (way, reading, self.with_nearest(reading))
            for way in self._ways
            if not way.is_of(given)
            for reading in [self.read(way.crs, *((y, x) if way.is_swapped else (x, y)))]
        ]
        for at in range(x.size):
            fitting = [one for one in readings if one[2][at] != OUTSIDE]
            if len(fitting) != 1:
                unknown = given is None or given not in EXTENTS
                reason = Placement.REST_UNKNOWN_CRS if unknown else Placement.REST_OUTSIDE
                yield Mended(OUTSIDE, reason, Confidence.NONE, np.nan, np.nan)
                continue
            ((way, reading, areas),) = fitting
            placement = (
                Placement.COORDINATES_SWAPPED if way.is_swapped else Placement.COORDINATES_DETECTED
            )
            inside = reading.areas[at] != OUTSIDE
            confidence = Confidence.GOOD if inside else Confidence.WEAK
            e, n = float(reading.e[at]), float(reading.n[at])
            yield Mended(int(areas[at]), placement, confidence, e, n)

    def _is_near(self, found: Reading) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Whether each point lies so near to the municipality that it makes sense as it stands."""
        west, south, east, north = self._tree_bounds
        return (
            (found.e >= west - FAR_METRES)
            & (found.e <= east + FAR_METRES)
            & (found.n >= south - FAR_METRES)
            & (found.n <= north + FAR_METRES)
        )

    @property
    def _tree(self) -> shapely.STRtree:
        """The areas in metres; made when the first point lies in none of them."""
        if self._near is None:
            self._near = shapely.STRtree(
                [
                    shapely.transform(
                        area,
                        lambda at: np.column_stack(
                            self._to_metres.to_own(self._polygons.crs, at[:, 0], at[:, 1])
                        ),
                    )
                    for area in self._polygons.geometries
                ]
            )
        return self._near

    @property
    def _tree_bounds(self) -> tuple[float, float, float, float]:
        if self._bounds is None:
            west, south, east, north = shapely.total_bounds(self._tree.geometries).tolist()
            self._bounds = west, south, east, north
        return self._bounds


def _nearest(area: int, found: Reading, at: int) -> Mended:
    """A point that is meant as it stands: in the nearest area, or outside."""
    if area == OUTSIDE:
        return Mended(OUTSIDE, Placement.REST_OUTSIDE, Confidence.NONE, np.nan, np.nan)
    e, n = float(found.e[at]), float(found.n[at])
    return Mended(area, Placement.COORDINATES_NEAREST, Confidence.WEAK, e, n)


def areas_of(points: AreaPoints, lon: Coordinates, lat: Coordinates) -> Indices:
    """The areas of a register's entries, which lie on land or at its edge. Unit: degrees."""
    return points.with_nearest(points.read(WGS_84, lon, lat))
