"""Points of any system and order; in water, in gaps, on borders, far away."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from services.anonymizer.domain.locating.coordinates import (
    RT_90,
    RT_90_ZONES,
    SWEREF_99_TM,
    SWEREF_99_ZONES,
    WGS_84,
    to_metres,
)
from services.anonymizer.domain.locating.gazetteer import Gazetteer
from services.anonymizer.domain.locating.locate import Locator
from services.anonymizer.domain.locating.place import Place
from services.anonymizer.domain.locating.points import AreaPoints
from shared.messages.report import Location
from shared.pack.geometry import Polygons
from shared.pack.registers import Registers
from tests.unit.anonymizer.builders import a_pack, polygons

LAT, LON = 59.05, 17.15  # in 102
OWN = 3011  # of the pack


def locator(nearest_metres: int = 100, divided: Polygons | None = None) -> Locator:
    pack = replace(a_pack(), nearest_area_metres=nearest_metres)
    return Locator(pack, divided or polygons(), Gazetteer(pack, Registers()))


LOCATOR = locator()


def found(where: Locator | None = None, **location: Any) -> tuple[str, str, str]:
    (place,) = (where or LOCATOR).locate([Location(**location)])
    return place.area, place.placement.value, place.confidence.value


def metres(crs: int, lat: float = LAT, lon: float = LON) -> tuple[float, float]:
    e, n = Transformer.from_crs(WGS_84, crs, always_xy=True).transform(lon, lat)
    return round(float(e), 1), round(float(n), 1)


EXACT = ("102", "coordinates", "exact")
DETECTED = ("102", "coordinates_detected", "good")
SWAPPED = ("102", "coordinates_swapped", "good")
OUTSIDE = ("999", "rest_outside", "none")
NO_SYSTEM = ("999", "rest_unknown_crs", "none")


@pytest.mark.parametrize("crs", [SWEREF_99_TM, *SWEREF_99_ZONES, *RT_90_ZONES])
def test_every_system_is_read_as_it_is_said(crs: int) -> None:
    e, n = metres(crs)
    assert found(e=e, n=n, crs=crs) == EXACT


def test_rt_90_is_where_the_research_says() -> None:
    e, n = to_metres(RT_90, np.array([1_604_011.8]), np.array([6_565_233.7]))
    assert (float(e[0]), float(n[0])) == pytest.approx((649_948.7, 6_564_772.8), abs=1.0)


@pytest.mark.parametrize("crs", [SWEREF_99_TM, OWN, RT_90])
def test_a_system_that_is_not_said_is_told_by_the_numbers(crs: int) -> None:
    e, n = metres(crs)
    assert found(e=e, n=n) == DETECTED


@pytest.mark.parametrize(
    ("true", "said"),
    [(SWEREF_99_TM, OWN), (OWN, SWEREF_99_TM), (RT_90, OWN), (OWN, RT_90), (RT_90, 3020)],
)
def test_a_system_that_is_said_is_never_taken_for_another(true: int, said: int) -> None:
    e, n = metres(true)
    assert found(e=e, n=n, crs=said) == OUTSIDE
    assert found(e=n, n=e, crs=said) == OUTSIDE


@pytest.mark.parametrize("true", [SWEREF_99_TM, OWN, RT_90])
def test_a_system_that_is_not_known_is_not_taken_for_one_that_is(true: int) -> None:
    e, n = metres(true)
    assert found(e=e, n=n, crs=3857) == NO_SYSTEM


def test_swapped_axes_are_told_by_the_numbers() -> None:
    assert found(lat=LON, lon=LAT) == SWAPPED
    for crs in (SWEREF_99_TM, OWN, RT_90):
        e, n = metres(crs)
        assert found(e=n, n=e, crs=crs) == SWAPPED
        assert found(e=n, n=e) == SWAPPED


@pytest.mark.parametrize("zone", [3010, 3017, 3020, 3022])
def test_another_zone_is_never_guessed(zone: int) -> None:
    """Its numbers look the same: read as our own they would move a stranger's point to us."""
    e, n = metres(zone)
    assert found(e=e, n=n) == NO_SYSTEM


WIDE = locator(divided=Polygons(WGS_84, ("101",), (shapely.box(15.0, 59.0, 20.5, 59.2),)))
"""A municipality that is wider than a zone is apart from the next."""


@pytest.mark.parametrize(("own", "other"), [(OWN, 3010), (RT_90, 3020)])
def test_where_two_zones_lead_into_the_municipality_neither_is_believed(
    own: int, other: int
) -> None:
    e, n = metres(own, lon=17.7)
    assert found(WIDE, e=e, n=n) == found(WIDE, e=n, n=e) == NO_SYSTEM
    for said in (own, other):
        assert found(WIDE, e=e, n=n, crs=said) == ("101", "coordinates", "exact")
        assert found(WIDE, e=n, n=e, crs=said) == ("101", "coordinates_swapped", "good")
    e, n = metres(SWEREF_99_TM, lon=17.7)
    assert found(WIDE, e=e, n=n) == ("101", "coordinates_detected", "good")


def test_numbers_that_fit_in_two_systems_are_in_none() -> None:
    wide = Polygons(WGS_84, ("101",), (shapely.box(5, 50, 30, 70),))
    points = AreaPoints(wide, own=OWN, nearest_metres=0)
    (mended,) = points.mend(None, np.array([400_000.0]), np.array([6_500_000.0]))
    assert mended.placement.value == "rest_unknown_crs"


def test_of_two_areas_equally_near_the_lowest_code_counts() -> None:
    boxes = [shapely.box(6e5 + at * 100, 65e5, 6e5 + at * 100 + 100, 65e5 + 100) for at in (0, 1)]
    points = AreaPoints(
        Polygons(SWEREF_99_TM, ("101", "102"), tuple(boxes)), own=OWN, nearest_metres=60
    )
    (mended,) = points.mend(SWEREF_99_TM, np.array([600_100.0]), np.array([6_500_150.0]))
    assert (mended.area, mended.placement.value) == (0, "coordinates_nearest")


def test_a_point_near_the_municipality_is_meant_as_it_stands() -> None:
    assert found(lat=59.5, lon=17.5) == OUTSIDE
    assert found(lat=59.05, lon=17.9) == OUTSIDE


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"lat": 0.0, "lon": 0.0}, OUTSIDE),
        ({"lat": 17.15, "lon": 17.15}, OUTSIDE),
        ({"e": 0.0, "n": 0.0, "crs": SWEREF_99_TM}, OUTSIDE),
        ({"e": 1.0, "n": 1.0}, NO_SYSTEM),
        ({"e": 1.0, "n": 1.0, "crs": 3857}, NO_SYSTEM),
        ({"e": 1e8, "n": -1e8}, NO_SYSTEM),
    ],
)
def test_numbers_that_are_no_place_are_nowhere(
    given: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    assert found(**given) == expected


NORTH_M = 111_400.0  # of a degree of latitude here


def off_the_north(distance_m: float) -> dict[str, Any]:
    return {"lat": 59.2 + distance_m / NORTH_M, "lon": 17.15}


def test_a_point_in_water_is_in_the_nearest_area_within_the_distance() -> None:
    assert found(**off_the_north(90)) == ("202", "coordinates_nearest", "weak")
    assert found(**off_the_north(130)) == OUTSIDE
    assert found(locator(200), **off_the_north(130)) == ("202", "coordinates_nearest", "weak")
    assert found(locator(0), **off_the_north(1)) == OUTSIDE


def test_between_two_nearest_areas_the_lowest_code_counts() -> None:
    between = {**off_the_north(50), "lon": 17.1}
    assert found(**between)[0] == "201"


def test_a_swapped_point_in_water_is_weak() -> None:
    off = off_the_north(90)
    assert found(lat=off["lon"], lon=off["lat"]) == ("202", "coordinates_swapped", "weak")


def places(*given: dict[str, Any]) -> list[Place]:
    return LOCATOR.locate([Location(**one) for one in given])


def test_every_point_is_given_in_the_national_system() -> None:
    e, n = metres(SWEREF_99_TM)
    own_e, own_n = metres(OWN)
    ways = places(
        {"lat": LAT, "lon": LON},
        {"lat": LON, "lon": LAT},
        {"e": e, "n": n, "crs": SWEREF_99_TM},
        {"e": own_e, "n": own_n, "crs": OWN},
        {"e": own_e, "n": own_n},
    )
    assert [(one.e, one.n) for one in ways] == [pytest.approx((e, n), abs=0.2)] * 5


def test_what_has_no_point_has_no_number_for_one() -> None:
    for place in places({"nyko": "101"}, {"lat": 1.0, "lon": 1.0}, {"address": "Okändgatan 1"}):
        assert (place.e != place.e, place.n != place.n) == (True, True)


def test_lost_points_do_not_disturb_the_others_of_a_batch() -> None:
    e, n = metres(RT_90)
    batch = places(
        {"lat": 1.0, "lon": 1.0},
        {"lat": LAT, "lon": LON},
        {"e": e, "n": n},
        {"lat": LON, "lon": LAT},
        {"lat": 59.15, "lon": 17.05},
    )
    assert [one.area for one in batch] == ["999", "102", "102", "102", "201"]
