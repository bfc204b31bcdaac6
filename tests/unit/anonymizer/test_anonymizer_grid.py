"""The table of squares answers as the borders themselves would, only faster."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from services.anonymizer.domain.locating.grid import OUTSIDE, AreaGrid
from shared.pack import load_pack
from shared.pack.geometry import load_polygons

DEMO = Path(__file__).parents[3] / "deploy/municipalities/demo"

Points = NDArray[np.float64]


def by_brute_force(areas: Sequence[shapely.Geometry], points: Points) -> list[int]:
    """The first area that intersects each point."""
    found = []
    for x, y in points:
        hit = shapely.intersects(np.array(areas, dtype=object), shapely.Point(x, y))
        found.append(int(np.argmax(hit)) if hit.any() else OUTSIDE)
    return found


def by_grid(areas: Sequence[shapely.Geometry], points: Points, *, side: int = 256) -> list[int]:
    found: list[int] = AreaGrid(areas, side=side).find(points[:, 0], points[:, 1]).tolist()
    return found


def on_the_borders(areas: Sequence[shapely.Geometry]) -> Points:
    """Every vertex and the middle of every edge."""
    vertices = shapely.get_coordinates(list(areas))
    return np.concatenate([vertices, (vertices[:-1] + vertices[1:]) / 2])


def on_the_edges_of_squares(areas: Sequence[shapely.Geometry], side: int) -> Points:
    """The corners of every square, and their neighbours among the floating-point numbers."""
    west, south, east, north = shapely.total_bounds(list(areas))
    x = west + (east - west) / side * np.arange(side + 1)
    y = south + (north - south) / side * np.arange(side + 1)
    corners = np.array(np.meshgrid(x, y)).reshape(2, -1).T
    return np.concatenate([corners, np.nextafter(corners, -np.inf), np.nextafter(corners, np.inf)])


def cut_into(
    seeds: Sequence[tuple[float, float]], shape: shapely.Geometry
) -> list[shapely.Geometry]:
    """A partition of the shape: what is nearest to each seed."""
    cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=shape)
    cut = shapely.intersection(shapely.get_parts(cells), shape)
    return [cell for cell in cut if shapely.area(cell) > 1e-9]


coordinate = st.floats(0, 1, width=32)
# Seeds of a hundredth apart: GEOS's own Voronoi fails on points 1e-38 apart, which is not our rule.
hundredth = st.integers(0, 100).map(lambda n: n / 100)
seeds = st.lists(st.tuples(hundredth, hundredth), min_size=2, max_size=12, unique=True)


@settings(max_examples=40, deadline=None)
@given(seeds=seeds, inside=st.lists(st.tuples(coordinate, coordinate), max_size=40))
def test_the_grid_agrees_with_the_borders(
    seeds: list[tuple[float, float]], inside: list[tuple[float, float]]
) -> None:
    areas = cut_into(seeds, shapely.Point(0.5, 0.5).buffer(0.45, quad_segs=5))
    points = np.concatenate(
        [
            np.array(inside, dtype=np.float64).reshape(-1, 2),
            on_the_borders(areas),
            on_the_edges_of_squares(areas, side=8),
        ]
    )
    assert by_grid(areas, points, side=8) == by_brute_force(areas, points)


def test_the_grid_agrees_with_the_borders_of_the_demo_municipality() -> None:
    areas = load_polygons(load_pack(DEMO)).geometries
    west, south, east, north = shapely.total_bounds(list(areas))
    chance = np.random.default_rng(1)
    anywhere = chance.uniform((west, south), (east, north), (3000, 2))
    borders = on_the_borders(areas)
    points = np.concatenate([anywhere, chance.choice(borders, 3000, replace=False)])
    assert by_grid(areas, points) == by_brute_force(areas, points)


def test_a_point_on_a_common_border_belongs_to_the_first_area() -> None:
    areas = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    points = np.array([(1.0, 0.5), (1.0, 0.0), (1.0, 1.0)])
    assert by_grid(areas, points) == [0, 0, 0]
    assert by_grid(areas[::-1], points) == [0, 0, 0]


def test_the_outer_border_belongs_to_its_area() -> None:
    areas = [shapely.box(0, 0, 1, 1)]
    points = np.array([(0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (1.0, 0.5)])
    assert by_grid(areas, points) == [0] * 5


def test_a_point_where_areas_overlap_belongs_to_the_first() -> None:
    areas = [shapely.box(0, 0, 1, 1), shapely.box(0.25, 0.25, 0.75, 0.75)]
    assert by_grid(areas, np.array([(0.5, 0.5)])) == [0]
    assert by_grid(areas[::-1], np.array([(0.5, 0.5)])) == [0]


def test_a_hole_in_an_area_is_outside() -> None:
    ring = shapely.box(0, 0, 1, 1).difference(shapely.box(0.4, 0.4, 0.6, 0.6))
    assert by_grid([ring], np.array([(0.5, 0.5), (0.4, 0.5), (0.2, 0.2)])) == [OUTSIDE, 0, 0]


def test_an_area_of_several_parts_is_found_in_each() -> None:
    parts = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)])
    assert by_grid([parts], np.array([(0.5, 0.5), (5.5, 5.5), (3.0, 3.0)])) == [0, 0, OUTSIDE]


def test_a_point_on_the_other_side_of_the_world_is_outside() -> None:
    points = np.array([(-60.0, -40.0), (1e300, 1e300), (-1e300, 0.5)])
    assert by_grid([shapely.box(0, 0, 1, 1)], points) == [OUTSIDE] * 3


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_point_that_is_not_finite_is_outside(bad: float) -> None:
    points = np.array([(bad, 0.5), (0.5, bad), (bad, bad), (0.5, 0.5)])
    assert by_grid([shapely.box(0, 0, 1, 1)], points) == [OUTSIDE, OUTSIDE, OUTSIDE, 0]


def test_no_points_give_no_areas() -> None:
    assert by_grid([shapely.box(0, 0, 1, 1)], np.empty((0, 2))) == []


def test_a_border_within_rounding_of_the_edge_of_a_square_is_seen() -> None:
    """Rounding puts some of these points into the square beside their own."""
    chance = np.random.default_rng(0)
    for _ in range(50):
        west = chance.uniform(-10, 0)
        width = -west * chance.uniform(1, 2)
        edge = west + width / 8 * chance.integers(1, 8)
        border = np.nextafter(edge, -np.inf)
        areas = [shapely.box(west, 0, border, 1), shapely.box(border, 0, west + width, 1)]
        points = np.concatenate([on_the_borders(areas), on_the_edges_of_squares(areas, side=8)])
        assert by_grid(areas, points, side=8) == by_brute_force(areas, points)
