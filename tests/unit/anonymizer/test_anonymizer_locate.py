"""Every report has a place: its area, or the rest area and why."""

from typing import Any

import pytest
from pyproj import Transformer

from services.anonymizer.domain.locating.gazetteer import Gazetteer
from services.anonymizer.domain.locating.locate import Locator
from shared.messages.report import Location
from shared.pack.registers import Registers
from tests.unit.anonymizer.builders import a_pack, polygons


@pytest.fixture(scope="module")
def locator() -> Locator:
    return Locator(a_pack(), polygons(), Gazetteer(a_pack(), Registers()))


def place_of(locator: Locator, location: Location | None) -> tuple[str, str]:
    (place,) = locator.locate([location])
    return place.area, place.placement.value


def in_metres(lat: float, lon: float) -> dict[str, Any]:
    e, n = Transformer.from_crs(4326, 3006, always_xy=True).transform(lon, lat)
    return {"e": float(e), "n": float(n), "crs": 3006}


@pytest.mark.parametrize(
    ("lat", "lon", "area"),
    [(59.05, 17.05, "101"), (59.05, 17.15, "102"), (59.15, 17.05, "201"), (59.15, 17.15, "202")],
)
def test_coordinates_give_their_area_in_degrees_and_in_metres(
    locator: Locator, lat: float, lon: float, area: str
) -> None:
    assert place_of(locator, Location(lat=lat, lon=lon)) == (area, "coordinates")
    assert place_of(locator, Location(**in_metres(lat, lon))) == (area, "coordinates")


def test_a_point_on_a_border_has_the_lowest_code(locator: Locator) -> None:
    assert place_of(locator, Location(lat=59.05, lon=17.1)) == ("101", "coordinates")
    assert place_of(locator, Location(lat=59.1, lon=17.15)) == ("102", "coordinates")
    assert place_of(locator, Location(lat=59.1, lon=17.1)) == ("101", "coordinates")


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (None, ("999", "rest_no_location")),
        (Location(), ("999", "rest_no_location")),
        (Location(lat=59.05), ("999", "rest_no_location")),
        (Location(e=1.0, crs=3006), ("999", "rest_no_location")),
        (Location(lat=57.0, lon=17.05), ("999", "rest_outside")),
        (Location(lat=95.0, lon=17.05), ("999", "rest_outside")),
        (Location(lat=59.05, lon=377.05), ("999", "rest_outside")),
        (Location(e=1e308, n=-1e308, crs=3006), ("999", "rest_outside")),
        (Location(e=1_600_000.0, n=6_500_000.0, crs=3021), ("999", "rest_outside")),
        (Location(e=1_600_000.0, n=6_500_000.0, crs=3857), ("999", "rest_unknown_crs")),
        (Location(e=150_000.0, n=6_500_000.0, crs=3011), ("999", "rest_outside")),
        (Location(e=150_000.0, n=6_500_000.0), ("999", "rest_unknown_crs")),
        (Location(e=17.05, n=59.05, crs=4326), ("101", "coordinates")),
        (Location(nyko="101"), ("101", "nyko")),
        (Location(nyko="999"), ("999", "nyko")),
        (Location(nyko="10177"), ("101", "nyko")),
        (Location(nyko="10"), ("999", "rest_nyko_too_coarse")),
        (Location(nyko="1"), ("999", "rest_nyko_too_coarse")),
        (Location(nyko="103"), ("999", "rest_unknown_nyko")),
        (Location(nyko="10377"), ("999", "rest_unknown_nyko")),
        (Location(nyko="3"), ("999", "rest_unknown_nyko")),
        (Location(nyko=""), ("999", "rest_unknown_nyko")),
        (Location(address="Storgatan 1"), ("999", "rest_address")),
        (Location(property="BERGA 1:2"), ("999", "rest_property")),
        (Location(object="Ängsskolan"), ("999", "rest_object")),
    ],
)
def test_what_cannot_be_located_is_in_the_rest_area_with_its_reason(
    locator: Locator, location: Location | None, expected: tuple[str, str]
) -> None:
    assert place_of(locator, location) == expected


def test_of_several_ways_the_most_exact_counts(locator: Locator) -> None:
    everything = Location(lat=59.05, lon=17.15, nyko="101", address="Storgatan 1", object="Skola")
    assert place_of(locator, everything) == ("102", "coordinates")
    assert place_of(locator, Location(nyko="101", address="Storgatan 1")) == ("101", "nyko")
    assert place_of(locator, Location(lat=59.05, nyko="102")) == ("102", "nyko")


def test_a_batch_keeps_its_order(locator: Locator) -> None:
    batch = [
        Location(lat=59.15, lon=17.15),
        None,
        Location(**in_metres(59.05, 17.05)),
        Location(nyko="102"),
        Location(lat=1.0, lon=1.0),
        Location(**in_metres(59.15, 17.05)),
    ]
    assert [(one.area, one.placement.value) for one in locator.locate(batch)] == [
        ("202", "coordinates"),
        ("999", "rest_no_location"),
        ("101", "coordinates"),
        ("102", "nyko"),
        ("999", "rest_outside"),
        ("201", "coordinates"),
    ]


def test_an_empty_batch_has_no_places(locator: Locator) -> None:
    assert locator.locate([]) == []
