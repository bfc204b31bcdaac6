"""Land and borders of a place that does not exist: noisy outlines cut into a coverage.

The areas share every vertex of their common borders, so there are no gaps and no overlaps. All
randomness comes from the generator that is handed in, and points are rounded to the grid of the
file before they are put together.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import shapely
from shapely import LineString, MultiPoint, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from deploy.municipalities.plan import SQUARE_LAT, SQUARE_LON, Point

KM_PER_DEGREE = 111.2
DECIMALS = 6
SHORTEST_KM = 0.1  # a border bends at most this often
BENDS = (0.11, 0.06, 0.03, 0.0)
ON_SHORE_KM = 1e-5


def degrees(point: Sequence[float]) -> Point:
    """Longitude and latitude of a point in kilometres from the square, on the file's grid."""
    x, y = point
    lon = SQUARE_LON + x / (KM_PER_DEGREE * math.cos(math.radians(SQUARE_LAT)))
    return round(lon, DECIMALS), round(SQUARE_LAT + y / KM_PER_DEGREE, DECIMALS)


def rough(line: Sequence[Point], random: Random, *, bend: float, shortest: float) -> list[Point]:
    """The line with every stretch bent at its middle, again and again.

    Shape: the first and last point stay. Unit: `bend` as a share of a stretch's length.
    """
    points = [line[0]]
    for start, end in pairwise(line):
        points.extend(_bent(start, end, random, bend=bend, shortest=shortest))
    return points


def _bent(start: Point, end: Point, random: Random, *, bend: float, shortest: float) -> list[Point]:
    length = math.dist(start, end)
    if length < shortest:
        return [end]
    aside = random.uniform(-bend, bend)
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    middle = (
        (start[0] + end[0]) / 2 - along_y * aside,
        (start[1] + end[1]) / 2 + along_x * aside,
    )
    return [
        *_bent(start, middle, random, bend=bend, shortest=shortest),
        *_bent(middle, end, random, bend=bend, shortest=shortest),
    ]


def ring(points: Sequence[Point], random: Random, *, bend: float, shortest: float) -> Polygon:
    """A rough closed outline, free of loops."""
    outline = Polygon(rough([*points, points[0]], random, bend=bend, shortest=shortest))
    return _largest(shapely.make_valid(outline))


def _largest(geometry: BaseGeometry) -> Polygon:
    return max(_polygons(geometry), key=lambda one: one.area)


def _polygons(geometry: BaseGeometry) -> list[Polygon]:
    return [one for one in shapely.get_parts(geometry) if isinstance(one, Polygon)]


def divide(land: Polygon, seeds: Sequence[Point], random: Random) -> list[Polygon]:
    """Cut the land into one area around each seed, in the seeds' order, in degrees.

    Raises:
        ValueError: water cuts an area, or the borders close more or fewer areas than seeds.
    """
    cells = _cells(land, seeds)
    borders = shapely.line_merge(
        shapely.union_all([cell.boundary for cell in cells], grid_size=1e-6)
    )
    lines = sorted(
        (list(line.coords) for line in shapely.get_parts(borders)),
        key=lambda coords: [(round(x, 3), round(y, 3)) for x, y in (coords[0], coords[-1])],
    )
    closed = _polygons(shapely.polygonize(_bent_borders(lines, land, random)))
    ponds = [Polygon([degrees(at) for at in hole.coords]) for hole in land.interiors]
    areas = [area for area in closed if not any(pond.covers(area) for pond in ponds)]
    if len(areas) != len(seeds):
        raise ValueError(f"{len(areas)} areas of {len(seeds)} seeds")
    return _in_order(areas, cells)


def _cells(land: Polygon, seeds: Sequence[Point]) -> list[Polygon]:
    """The part of the land nearest to each seed.

    Raises:
        ValueError: water cuts one of them in two.
    """
    points = MultiPoint(list(seeds))
    pieces = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=land, ordered=True))
    cells = [part for piece in pieces for part in _polygons(piece & land)]
    if len(cells) != len(seeds):
        raise ValueError("water cuts an area in two")
    return cells


def _bent_borders(lines: Sequence[list[Point]], land: Polygon, random: Random) -> list[LineString]:
    """The borders in degrees, bent as much as they can be without crossing.

    The shore is rough already and stays; a border inside the land that would meet another one
    is bent less, at last not at all.
    """
    middles = [LineString(line).interpolate(0.5, normalized=True) for line in lines]
    inner = [land.boundary.distance(middle) > ON_SHORE_KM for middle in middles]
    drawn = [_on_grid(line) for line in lines]
    again = [at for at in range(len(lines)) if inner[at]]
    for bend in BENDS:
        for at in again:
            drawn[at] = _on_grid(rough(lines[at], random, bend=bend, shortest=SHORTEST_KM))
        again = [at for at in _crossing(drawn) if inner[at]]
    return drawn


def _on_grid(line: Sequence[Point]) -> LineString:
    points = [degrees(point) for point in line]
    return LineString([points[0], *(after for at, after in pairwise(points) if at != after)])


def _crossing(lines: Sequence[LineString]) -> list[int]:
    """The lines that meet another line, or themselves, elsewhere than at their ends."""
    tree = shapely.STRtree(list(lines))
    found = {at for at, line in enumerate(lines) if not line.is_simple}
    for one, other in zip(*tree.query(list(lines), predicate="intersects"), strict=True):
        meeting = lines[one] & lines[other]
        if one != other and not (lines[one].boundary & lines[other].boundary).covers(meeting):
            found |= {int(one), int(other)}
    return sorted(found)


def _in_order(areas: Sequence[Polygon], cells: Sequence[Polygon]) -> list[Polygon]:
    """The areas in the order of the cells that they were bent from."""
    ordered: list[Polygon] = []
    for cell in cells:
        straight = shapely.make_valid(Polygon([degrees(at) for at in cell.exterior.coords]))
        ordered.append(max(areas, key=lambda area: area.intersection(straight).area))
    if len(set(map(id, ordered))) != len(areas):
        raise ValueError("an area has no cell of its own")
    return ordered


def is_coverage(areas: Sequence[Polygon | MultiPolygon]) -> bool:
    """Whether neighbours share every vertex of their border."""
    return bool(shapely.coverage_is_valid(list(areas)))
