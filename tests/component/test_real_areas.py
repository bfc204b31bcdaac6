"""Stockholm's real division in its own system: every point where shapely itself would put it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from services.anonymizer.domain.locating.gazetteer import Gazetteer
from services.anonymizer.domain.locating.locate import Locator
from shared.messages.report import Location
from shared.pack import check, load_pack
from shared.pack.drawing import area_collection
from shared.pack.geometry import load_polygons
from shared.pack.registers import Registers
from tests.support.stockholm import CRS, REAL_AREAS, real_areas, write_pack

pytestmark = pytest.mark.skipif(
    not REAL_AREAS.exists(), reason="the real areas are not in the repository"
)

POINTS = 200_000
OUTSIDE = "999"

Points = NDArray[np.float64]


@pytest.fixture(scope="module")
def areas() -> dict[str, shapely.Geometry]:
    return real_areas()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, areas: dict[str, shapely.Geometry]) -> Path:
    made = tmp_path_factory.mktemp("stockholm") / "pack"
    write_pack(made, areas)
    return made


@pytest.fixture(scope="module")
def points(areas: dict[str, shapely.Geometry]) -> Points:
    """Random points, every vertex of a border, and the middle of every edge."""
    west, south, east, north = shapely.total_bounds(list(areas.values()))
    vertices = np.unique(shapely.get_coordinates(list(areas.values())), axis=0)
    middles = np.concatenate(
        [(at[:-1] + at[1:]) / 2 for at in map(shapely.get_coordinates, areas.values())]
    )
    chance = np.random.default_rng(11)
    count = POINTS - len(vertices) - len(middles)
    assert count > POINTS / 2
    anywhere = chance.uniform((west, south), (east, north), (count, 2))
    return np.concatenate([anywhere, vertices, middles])


def exact(areas: dict[str, shapely.Geometry], points: Points) -> list[str]:
    """The lowest code that intersects each point, asked of shapely alone."""
    found = np.full(len(points), OUTSIDE, dtype=object)
    for code, area in reversed(areas.items()):
        shapely.prepare(area)
        found[shapely.intersects_xy(area, points[:, 0], points[:, 1])] = code
    codes: list[str] = found.tolist()
    return codes


def located(folder: Path, points: Points, crs: int) -> list[str]:
    """As each point stands: none is moved to the nearest area."""
    pack = replace(load_pack(folder), nearest_area_metres=0)
    locator = Locator(pack, load_polygons(pack), Gazetteer(pack, Registers()))
    return [
        place.area
        for place in locator.locate([Location(e=e, n=n, crs=crs) for e, n in points.tolist()])
    ]


def test_the_pack_has_no_mistakes(folder: Path) -> None:
    assert check(folder) == []
    assert len(load_pack(folder).areas) == 25


def test_200_000_points_are_in_the_area_that_shapely_says_borders_included(
    folder: Path, areas: dict[str, shapely.Geometry], points: Points
) -> None:
    assert located(folder, points, CRS) == exact(areas, points)


@pytest.mark.parametrize("crs", [3006, 4326])
def test_coordinates_in_other_systems_agree_but_for_a_millimetre_at_the_borders(
    folder: Path, areas: dict[str, shapely.Geometry], points: Points, crs: int
) -> None:
    points = points[::4]
    east, north = Transformer.from_crs(CRS, crs, always_xy=True).transform(*points.T)
    found = located(folder, np.column_stack([east, north]), crs)
    borders = shapely.union_all([shapely.boundary(area) for area in areas.values()])
    wanted = exact(areas, points)
    differing = [n for n in range(len(points)) if found[n] != wanted[n]]
    away = shapely.distance(shapely.points(points[differing]), borders)
    assert differing
    assert (away < 0.001).all()


def test_the_areas_are_given_in_degrees(folder: Path) -> None:
    features = area_collection(load_pack(folder))["features"]
    drawn = [one for one in features if one["geometry"]]
    assert {one["properties"]["level"] for one in drawn} == {1, 2, 3}
    longitude, latitude = np.array(drawn[-1]["geometry"]["coordinates"][0][0]).ravel()[:2]
    assert 17 < longitude < 19
    assert 59 < latitude < 60
