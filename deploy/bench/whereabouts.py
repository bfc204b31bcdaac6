"""Points of a municipality in every system and order that they are sent in, with their true areas.

The truth asks every border in turn. What the product must find out is here known beforehand.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from random import Random
from typing import Final, TypeAlias

import numpy as np
import shapely
from pyproj import Transformer

from deploy.bench.known import Truth, owed
from shared.pack.geometry import Polygons
from shared.pack.model import Pack
from shared.pack.registers import Row

WGS_84: Final = 4326
SWEREF_99_TM: Final = 3006
RT_90: Final = 3021
RT_90_ZONES: Final = range(3019, 3025)
SWEREF_99_ZONES: Final = range(3007, 3019)
NEAR_ZONE_DEGREES = 2.5  # farther zones lie abroad, where nobody would believe them
INSIDE_METRES = 15.0  # from the border: more than RT 90's own error
CLEARLY_NEARER_METRES = 5.0
FAR_METRES = 20_000.0

Point: TypeAlias = tuple[float, float]
Location: TypeAlias = dict[str, object]
Made: TypeAlias = tuple[Location, Truth]
Kind: TypeAlias = tuple[str, tuple[int, Callable[[], Made]]]
Pointed: TypeAlias = tuple[Location, str | None]


class Whereabouts:
    """Chooses points, area first. Shape: borders in `polygons.crs`."""

    def __init__(self, pack: Pack, polygons: Polygons) -> None:
        self._local = pack.crs
        self._reach = float(pack.nearest_area_metres)
        self._codes = polygons.codes
        self._borders = polygons.geometries
        self._to_borders = _between(WGS_84, polygons.crs)
        to_metres = _between(polygons.crs, SWEREF_99_TM)
        self._shapes = [
            shapely.transform(one, lambda at: np.column_stack(to_metres(*at.T)))
            for one in polygons.geometries
        ]
        self._from_tm = {
            crs: _between(SWEREF_99_TM, crs) for crs in (WGS_84, self._local, RT_90, SWEREF_99_TM)
        }
        self._to_tm = _between(WGS_84, SWEREF_99_TM)

    def area_of(self, lon: float, lat: float) -> str | None:
        """The first area that the point touches."""
        x, y = self._to_borders(lon, lat)
        touching = shapely.intersects_xy(np.array(self._borders, dtype=object), x, y)
        return self._codes[int(np.argmax(touching))] if touching.any() else None

    def adjoin(self, one: str, other: str) -> bool:
        """Whether two areas touch, or nearly."""
        shapes = (self._shapes[self._codes.index(code)] for code in (one, other))
        return bool(shapely.distance(*shapes) < CLEARLY_NEARER_METRES)

    def is_amid(self, row: Row, metres: float) -> bool:
        """Whether a register's row lies in an area and so far from every border of it."""
        area = self.area_of_row(row)
        if area is None:
            return False
        point = shapely.Point(*self._to_tm(float(row[-1]), float(row[-2])))
        border = shapely.boundary(self._shapes[self._codes.index(area)])
        return bool(shapely.distance(border, point) > metres)

    def outline(self, code: str) -> shapely.LineString:
        """The outer border of an area, in metres of SWEREF 99 TM."""
        border = shapely.boundary(self._shapes[self._codes.index(code)])
        outer: shapely.LineString = shapely.get_parts(border)[0]
        return outer

    def degrees_of(self, point: Point) -> Point:
        """Longitude and latitude of a point in metres of SWEREF 99 TM, as a register has them."""
        lon, lat = self._from_tm[WGS_84](*point)
        return round(float(lon), 6), round(float(lat), 6)

    def kinds(self, rng: Random) -> Iterator[Kind]:
        """Each kind with its weight and its maker."""
        for kind, weight, made in (
            ("point_degrees", 60, self.degrees),
            ("point_tm", 35, self.metres_tm),
            ("point_local", 25, self.metres_local),
            ("point_rt90", 15, self.metres_rt90),
            ("point_no_system", 20, self.without_system),
            ("point_wrong_system", 10, self.wrong_system),
            ("point_swapped", 20, self.swapped),
            ("point_off_the_coast", 15, self.off_the_coast),
            ("point_outside", 12, self.outside),
            ("point_other_zone", 6, self.other_zone),
            ("point_nonsense", 3, self.nonsense),
        ):
            yield kind, (weight, partial(_with_truth, made, rng))

    def area_of_row(self, row: Row) -> str | None:
        """The area of a register's row, whose last columns are latitude and longitude."""
        return self.area_of(float(row[-1]), float(row[-2]))

    def degrees(self, rng: Random) -> Pointed:
        """In degrees."""
        point, area = self._inside(rng)
        return self._lat_lon(point), area

    def metres_tm(self, rng: Random) -> Pointed:
        """In metres of the national system."""
        return self._metres(SWEREF_99_TM, rng)

    def metres_local(self, rng: Random) -> Pointed:
        """In metres of the municipality's own zone."""
        return self._metres(self._local, rng)

    def metres_rt90(self, rng: Random) -> Pointed:
        """In metres of the system of old files."""
        return self._metres(RT_90, rng)

    def without_system(self, rng: Random) -> Pointed:
        """In metres, and no word of the system."""
        location, area = self._metres(self._any_system(rng), rng)
        return {name: location[name] for name in ("e", "n")}, area

    def wrong_system(self, rng: Random) -> Pointed:
        """In metres of one system, said to be another."""
        true = self._any_system(rng)
        said = rng.choice([one for one in (SWEREF_99_TM, self._local, RT_90) if one != true])
        return {**self._metres(true, rng)[0], "crs": said}, self._last_area

    def other_zone(self, rng: Random) -> Pointed:
        """In metres of our zone, said to be a near one's: the place is where they say it is."""
        system, zones = rng.choice(((RT_90, RT_90_ZONES), (self._local, SWEREF_99_ZONES)))
        point, _ = self._inside(rng)
        e, n = (round(float(one), 1) for one in self._from_tm[system](*point))
        ours = self.degrees_of(point)[0]
        near = []
        for crs in zones:
            lon, lat = (float(one) for one in _between(crs, WGS_84)(e, n))
            if crs != system and abs(lon - ours) < NEAR_ZONE_DEGREES:
                near.append((crs, self.area_of(lon, lat)))
        said, area = rng.choice(near)
        return {"e": e, "n": n, "crs": said}, area

    def swapped(self, rng: Random) -> Pointed:
        """With north for east."""
        if rng.random() < 0.5:
            location, area = self.degrees(rng)
            return {"lat": location["lon"], "lon": location["lat"]}, area
        location, area = self._metres(self._any_system(rng), rng)
        turned = {"e": location["n"], "n": location["e"]}
        return (turned | {"crs": location["crs"]} if rng.random() < 0.7 else turned), area

    def off_the_coast(self, rng: Random) -> Pointed:
        """In the water or a gap, but nearest to one area."""
        while True:
            at = rng.randrange(len(self._shapes))
            x, y = self._on_border(at, rng)
            point = x + rng.uniform(-1, 1) * self._reach, y + rng.uniform(-1, 1) * self._reach
            distances = shapely.distance(self._shapes, shapely.Point(point))
            first, second = np.argsort(distances)[:2].tolist()
            if (
                0 < distances[first] < self._reach - 1
                and distances[second] > distances[first] + CLEARLY_NEARER_METRES
            ):
                return self._lat_lon(point), self._codes[first]

    def outside(self, rng: Random) -> Pointed:
        """Beyond the reach of every area, near or far."""
        west, south, east, north = shapely.total_bounds(self._shapes).tolist()
        wide = rng.choice((1_000.0, FAR_METRES, 10 * FAR_METRES))
        while True:
            point = rng.uniform(west - wide, east + wide), rng.uniform(south - wide, north + wide)
            if shapely.distance(self._shapes, shapely.Point(point)).min() > self._reach + 1:
                return self._lat_lon(point), None

    def nonsense(self, rng: Random) -> Pointed:
        """Numbers that are no place."""
        made: tuple[Pointed, ...] = (
            ({"lat": 0.0, "lon": 0.0}, None),
            ({"e": 0.0, "n": 0.0, "crs": SWEREF_99_TM}, None),
            ({"e": 1.0, "n": 1.0}, None),
            ({"e": rng.uniform(1e5, 2e5), "n": rng.uniform(1e5, 2e5)}, None),
        )
        return rng.choice(made)

    _last_area: str | None = None

    def _any_system(self, rng: Random) -> int:
        return rng.choice((SWEREF_99_TM, self._local, RT_90))

    def _metres(self, crs: int, rng: Random) -> Pointed:
        point, area = self._inside(rng)
        self._last_area = area
        e, n = self._from_tm[crs](*point)
        return {"e": round(float(e), 1), "n": round(float(n), 1), "crs": crs}, area

    def _lat_lon(self, point: Point) -> dict[str, object]:
        lon, lat = self.degrees_of(point)
        return {"lat": lat, "lon": lon}

    @cached_property
    def _insides(self) -> list[tuple[str, shapely.Geometry]]:
        shrunk = [shapely.buffer(shape, -INSIDE_METRES) for shape in self._shapes]
        return [
            (code, one) for code, one in zip(self._codes, shrunk, strict=True) if not one.is_empty
        ]

    def _inside(self, rng: Random) -> tuple[Point, str]:
        code, shape = rng.choice(self._insides)
        west, south, east, north = shapely.bounds(shape).tolist()
        while True:
            x, y = rng.uniform(west, east), rng.uniform(south, north)
            if shapely.contains_xy(shape, x, y):
                return (x, y), code

    def _on_border(self, at: int, rng: Random) -> Point:
        line = shapely.get_parts(shapely.boundary(self._shapes[at]))[0]
        point = line.interpolate(rng.random(), normalized=True)
        return float(point.x), float(point.y)


def _with_truth(pointed: Callable[[Random], Pointed], rng: Random) -> Made:
    """A point lies in its area, and whoever can compute knows it."""
    location, area = pointed(rng)
    return location, owed(area)


def _between(source: int, target: int) -> Callable[..., Sequence[np.ndarray]]:
    if source == target:
        return lambda x, y: (x, y)
    made: Callable[..., Sequence[np.ndarray]] = Transformer.from_crs(
        source, target, always_xy=True
    ).transform
    return made
