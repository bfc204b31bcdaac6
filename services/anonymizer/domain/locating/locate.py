"""Where a report counts: its area, or the rest area and why."""

from array import array
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from services.anonymizer.domain.locating.coordinates import EXTENTS, WGS_84
from services.anonymizer.domain.locating.gazetteer import Gazetteer
from services.anonymizer.domain.locating.grid import OUTSIDE
from services.anonymizer.domain.locating.place import Place
from services.anonymizer.domain.locating.points import AreaPoints, areas_of
from services.anonymizer.domain.locating.written import Asked, WrittenPlaces
from shared.messages.event import Placement
from shared.messages.report import Location
from shared.pack.geometry import Polygons
from shared.pack.model import Pack
from shared.quality import Confidence

Point = tuple[int, float, float]
"""The report that it belongs to, by its number; x and y in the coordinate system of its list."""


class Locator:
    """Places the reports of one municipality in one of its divisions.

    Of several ways in one location the first of these counts: degrees, metres, NYKO code,
    address, property, object.
    """

    def __init__(self, pack: Pack, polygons: Polygons, gazetteer: Gazetteer) -> None:
        self._points = AreaPoints(polygons, own=pack.crs, nearest_metres=pack.nearest_area_metres)
        self._codes = polygons.codes
        self._rest_code = pack.rest_code
        self._rest = {one: Place(pack.rest_code, one, Confidence.NONE) for one in Placement}
        self._leaf_length = pack.levels[-1]
        too_coarse = self._rest[Placement.REST_NYKO_TOO_COARSE]
        leaves = (*polygons.codes, pack.rest_code)
        self._nyko = {leaf[:length]: too_coarse for length in pack.levels for leaf in leaves} | {
            leaf: Place(leaf, Placement.NYKO, Confidence.EXACT) for leaf in leaves
        }
        entries = areas_of(self._points, gazetteer.lon, gazetteer.lat)
        areas = array("h", entries.astype(np.int16).tobytes())
        self._written = WrittenPlaces(gazetteer, areas, polygons.codes, rest=pack.rest_code)

    def locate(self, locations: Sequence[Location | None]) -> list[Place]:
        """The place of each location, in their order; all points are located together."""
        places: list[Place] = []
        points: defaultdict[int | None, list[Point]] = defaultdict(list)
        later = self._rest[Placement.REST_OUTSIDE]  # until the points are looked up
        for number, location in enumerate(locations):
            if location is None:
                places.append(self._rest[Placement.REST_NO_LOCATION])
            elif location.lat is not None and location.lon is not None:
                places.append(later)
                points[WGS_84].append((number, location.lon, location.lat))
            elif location.e is not None and location.n is not None:
                places.append(later)
                points[location.crs].append((number, location.e, location.n))
            else:
                places.append(self._by_name(location))
        for crs, some in points.items():
            self._place_points(places, crs, some)
        return places

    def _place_points(self, places: list[Place], crs: int | None, points: Sequence[Point]) -> None:
        reports, xs, ys = zip(*points, strict=True)
        x, y = np.array(xs, dtype=np.float64), np.array(ys, dtype=np.float64)
        lost = list(range(len(reports)))
        if crs is not None and crs in EXTENTS:
            found = self._points.read(crs, x, y)
            codes, how, sure = self._codes, Placement.COORDINATES, Confidence.EXACT
            for number, area, e, n in zip(
                reports, found.areas.tolist(), found.e.tolist(), found.n.tolist(), strict=True
            ):
                if area >= 0:
                    places[number] = Place(codes[area], how, sure, e, n)
            lost = np.flatnonzero(found.areas == OUTSIDE).tolist()
        if lost:
            for at, mended in zip(lost, self._points.mend(crs, x[lost], y[lost]), strict=True):
                area, how, sure, e, n = mended
                code = self._codes[area] if area != OUTSIDE else self._rest_code
                places[reports[at]] = Place(code, how, sure, e, n)

    def _by_name(self, location: Location) -> Place:
        """The place of a location that has no point."""
        if location.nyko is not None:
            return self._by_nyko(location.nyko)
        for given, asked in (
            (location.address, Asked.ADDRESS),
            (location.property, Asked.PROPERTY),
            (location.object, Asked.OBJECT),
        ):
            if given is not None:
                return self._written.place_of(given, asked)
        return self._rest[Placement.REST_NO_LOCATION]

    def _by_nyko(self, code: str) -> Place:
        """A code finer than the leaves lies in the leaf that it begins with."""
        known = self._nyko.get(code[: self._leaf_length])
        return known if known is not None else self._rest[Placement.REST_UNKNOWN_NYKO]
