"""Points of any system and order, found in the areas of one division.

What stands as it says is looked up at once. Only of a point that lies in no area is anything else
thought: that it lies in water or in a gap, or, if it lies far from the municipality, that its axes are
swapped. A system that was said is never taken for another one. Where none was said, the reading that
alone leads into an area is believed, unless another zone of its system would lead into one as well.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from services.anonymizer.domain.locating.coordinates import (
    EXTENTS,
    RT_90,
    SWEREF_99_TM,
    WGS_84,
    Coordinates,
    CoordinateSystems,
    look_alikes,
)
from services.anonymizer.domain.locating.grid import OUTSIDE, AreaGrid, Indices
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
    """How a point that was not meant as it stands is read; by a rival it could as well be."""

    crs: int
    is_swapped: bool
    rivals: tuple[int, ...] = ()


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
        self._unsaid = [
            Way(crs, is_swapped, look_alikes(crs))
            for crs in systems
            for is_swapped in (False, True)
        ]
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
        if crs is None:
            return list(self._reread(self._unsaid, x, y, Placement.REST_UNKNOWN_CRS))
        if crs not in EXTENTS:
            return [_nowhere(Placement.REST_UNKNOWN_CRS)] * x.size
        as_given = self.read(crs, x, y)
        areas = self.with_nearest(as_given)
        believed = self._is_within(FAR_METRES, as_given.e, as_given.n)  # makes sense as it stands
        far = np.flatnonzero(~believed)
        swapped = self._reread([Way(crs, is_swapped=True)], x[far], y[far], Placement.REST_OUTSIDE)
        return [
            _nearest(int(areas[at]), as_given, at) if is_near else next(swapped)
            for at, is_near in enumerate(believed.tolist())
        ]

    def _reread(
        self, ways: Sequence[Way], x: Coordinates, y: Coordinates, otherwise: Placement
    ) -> Iterator[Mended]:
        """The points by the one way that leads into an area; `otherwise` where none or several do."""
        readings = [(way, *self._by(way.crs, way, x, y)) for way in ways] if x.size else []
        fits = np.zeros(x.size, dtype=np.int64)
        for way, _, areas in readings:
            fits += areas != OUTSIDE
            self._add_rivals(fits, way, areas, x, y)
        for at in range(x.size):
            if fits[at] != 1:
                yield _nowhere(otherwise)
                continue
            ((way, reading, areas),) = [one for one in readings if one[2][at] != OUTSIDE]
            placement = (
                Placement.COORDINATES_SWAPPED if way.is_swapped else Placement.COORDINATES_DETECTED
            )
            inside = reading.areas[at] != OUTSIDE
            confidence = Confidence.GOOD if inside else Confidence.WEAK
            e, n = float(reading.e[at]), float(reading.n[at])
            yield Mended(int(areas[at]), placement, confidence, e, n)

    def _by(self, crs: int, way: Way, x: Coordinates, y: Coordinates) -> tuple[Reading, Indices]:
        reading = self.read(crs, *((y, x) if way.is_swapped else (x, y)))
        return reading, self.with_nearest(reading)

    def _add_rivals(
        self, fits: Indices, way: Way, areas: Indices, x: Coordinates, y: Coordinates
    ) -> None:
        """Count also the zones that look like a way's and lead into an area where it does."""
        found = np.flatnonzero(areas != OUTSIDE)
        for crs in way.rivals if found.size else ():
            first, second = (y, x) if way.is_swapped else (x, y)
            e, n = self._to_metres.to_own(crs, first[found], second[found])
            some = found[self._is_within(self._nearest_metres, e, n)]  # mostly none: zones are wide
            if some.size:
                fits[some] += self._by(crs, way, x[some], y[some])[1] != OUTSIDE

    def _is_within(
        self, metres: float, e: Coordinates, n: Coordinates
    ) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Whether each point lies at most so far outside the municipality's rectangle."""
        west, south, east, north = self._tree_bounds
        return (
            (e >= west - metres)
            & (e <= east + metres)
            & (n >= south - metres)
            & (n <= north + metres)
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
        return _nowhere(Placement.REST_OUTSIDE)
    e, n = float(found.e[at]), float(found.n[at])
    return Mended(area, Placement.COORDINATES_NEAREST, Confidence.WEAK, e, n)


def _nowhere(reason: Placement) -> Mended:
    return Mended(OUTSIDE, reason, Confidence.NONE, np.nan, np.nan)


def areas_of(points: AreaPoints, lon: Coordinates, lat: Coordinates) -> Indices:
    """The areas of a register's entries, which lie on land or at its edge. Unit: degrees."""
    return points.with_nearest(points.read(WGS_84, lon, lat))
