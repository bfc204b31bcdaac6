"""Points of the systems that are understood, brought into the polygons' own."""

import math

import numpy as np
import pytest

from services.anonymizer.domain.locating.coordinates import SWEREF_99_TM, WGS_84, CoordinateSystems

# Lantmäteriet's control point for SWEREF 99 TM.
LATITUDE, LONGITUDE = 55.0, 12.75
NORTHING, EASTING = 6_097_106.672, 356_083.438


def to_own(own: int, crs: int, x: float, y: float) -> tuple[float, float]:
    east, north = CoordinateSystems(own).to_own(crs, np.array([x]), np.array([y]))
    return float(east[0]), float(north[0])


def test_metres_become_degrees() -> None:
    lon, lat = to_own(WGS_84, SWEREF_99_TM, EASTING, NORTHING)
    assert (lat, lon) == pytest.approx((LATITUDE, LONGITUDE), abs=1e-8)


def test_degrees_become_metres() -> None:
    east, north = to_own(SWEREF_99_TM, WGS_84, LONGITUDE, LATITUDE)
    assert (east, north) == pytest.approx((EASTING, NORTHING), abs=0.001)


def test_a_point_in_the_polygons_own_system_stays_as_it_is() -> None:
    assert to_own(WGS_84, WGS_84, 17.1, 59.2) == (17.1, 59.2)


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [
        (WGS_84, LONGITUDE + 360, LATITUDE),
        (WGS_84, LONGITUDE, 180 - LATITUDE),
        (SWEREF_99_TM, EASTING, NORTHING + 40_007_863),
        (SWEREF_99_TM, -EASTING, NORTHING),
        (SWEREF_99_TM, NORTHING, EASTING),
        (SWEREF_99_TM, 1e300, 1e300),
    ],
)
@pytest.mark.parametrize("own", [WGS_84, SWEREF_99_TM])
def test_a_point_outside_the_extent_of_its_system_is_not_finite(
    own: int, crs: int, x: float, y: float
) -> None:
    assert not any(math.isfinite(part) for part in to_own(own, crs, x, y))


@pytest.mark.parametrize("crs", [WGS_84, SWEREF_99_TM])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_point_that_is_not_finite_stays_so(crs: int, bad: float) -> None:
    for x, y in ((bad, bad), (bad, 59.0), (17.0, bad)):
        assert not all(math.isfinite(part) for part in to_own(WGS_84, crs, x, y))


def test_a_bad_point_does_not_spoil_its_neighbours() -> None:
    x, y = np.array([EASTING, math.nan, EASTING]), np.array([NORTHING, NORTHING, NORTHING])
    lon, _ = CoordinateSystems(WGS_84).to_own(SWEREF_99_TM, x, y)
    assert [math.isfinite(one) for one in lon] == [True, False, True]
