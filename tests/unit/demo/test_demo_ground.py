"""Places whose area is known before they are sent."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias

import pytest
import shapely
from pyproj import Transformer

from deploy.demo.ground import Ground, Spot, Way
from tests.unit.demo import towns

Metres: TypeAlias = Callable[[Spot], shapely.Point]

MARGIN = 20.0  # metres; what is nearer to a border may be judged otherwise with good reason


@pytest.fixture(scope="module")
def spots() -> list[Spot]:
    ground, rng = towns.ground(), Random(4)
    liveliness = ground.liveliness(rng)
    return [ground.spot(rng, liveliness) for _ in range(2_000)]


@pytest.fixture(scope="module")
def metres() -> Metres:
    """Where a spot with coordinates is, in SWEREF 99 TM."""
    to_metres = Transformer.from_crs(4326, 3006, always_xy=True)

    def located(spot: Spot) -> shapely.Point:
        location: Any = spot.location
        if spot.way is Way.SWEREF:
            return shapely.Point(location["e"], location["n"])
        return shapely.Point(*to_metres.transform(location["lon"], location["lat"]))

    return located


def test_actors_write_places_in_every_way(spots: list[Spot]) -> None:
    used = Counter(spot.way for spot in spots)
    assert set(used) == set(Way)
    assert {spot.area for spot in spots} == {*towns.CODES, towns.REST}


def test_coordinates_lie_well_inside_the_area_that_was_chosen(
    spots: list[Spot], metres: Metres
) -> None:
    inside = {
        code: shapely.buffer(square, -MARGIN)
        for code, square in zip(towns.CODES, towns.squares(), strict=True)
    }
    chosen = [spot for spot in spots if spot.way in {Way.LAT_LON, Way.SWEREF}]
    assert all(inside[spot.area].contains(metres(spot)) for spot in chosen)


def test_coordinates_outside_are_far_from_every_area(spots: list[Spot], metres: Metres) -> None:
    town = shapely.buffer(shapely.union_all(towns.squares()), 10 * MARGIN)
    outside = [spot for spot in spots if spot.way is Way.OUTSIDE]
    assert not any(town.intersects(metres(spot)) for spot in outside)


def test_what_has_no_area_belongs_to_the_rest(spots: list[Spot]) -> None:
    placed = {Way.LAT_LON, Way.SWEREF, Way.NYKO, Way.ADDRESS, Way.PROPERTY, Way.OBJECT}
    assert all((spot.area == towns.REST) is (spot.way not in placed) for spot in spots)


def test_the_reference_system_is_written_as_a_number_and_by_name(spots: list[Spot]) -> None:
    systems = {spot.location["crs"] for spot in spots if spot.location and "crs" in spot.location}
    assert systems == {3006, "EPSG:3006"}


@pytest.mark.parametrize("seed", range(5))
def test_the_same_generator_chooses_the_same_places(seed: int) -> None:
    ground = towns.ground()
    liveliness = ground.liveliness(Random(seed))
    one, other = Random(seed), Random(seed)
    for _ in range(20):
        assert ground.spot(one, liveliness) == ground.spot(other, liveliness)


def test_an_area_too_narrow_for_any_margin_is_never_chosen() -> None:
    sliver = shapely.box(17.0, 59.0, 17.000_01, 59.1)
    ground = Ground(
        (*towns.CODES, "300"),
        (*towns.borders(), sliver),
        rest_code=towns.REST,
        written=towns.WRITTEN,
    )
    rng = Random(5)
    liveliness = ground.liveliness(rng)
    assert "300" not in {ground.spot(rng, liveliness).area for _ in range(500)}
