"""The harder register: streets along borders and across them, and houses that it lacks."""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from deploy.bench.known import house_number
from deploy.bench.recut import HELD_OUT, Harder, harder
from deploy.bench.whereabouts import Whereabouts
from deploy.municipalities.generate import DEMO
from shared.pack import Pack, check, load_pack
from shared.pack.geometry import load_polygons
from shared.pack.registers import load_registers

STREETS = 146  # of the demo


@pytest.fixture(scope="module")
def demo() -> Pack:
    return load_pack(DEMO)


@pytest.fixture(scope="module")
def whereabouts(demo: Pack) -> Whereabouts:
    return Whereabouts(demo, load_polygons(demo))


@pytest.fixture(scope="module")
def made(demo: Pack, whereabouts: Whereabouts) -> Harder:
    return harder(demo, load_registers(DEMO), whereabouts, Random(4))


@pytest.fixture(scope="module")
def streets(made: Harder, whereabouts: Whereabouts) -> list[dict[int, str | None]]:
    """The area of each number of each street, those held out among them."""
    found: dict[tuple[str, str], dict[int, str | None]] = defaultdict(dict)
    for row in (*made.registers.addresses, *made.held_out):
        found[row[0], row[3]][house_number(row[1])] = whereabouts.area_of_row(row)
    return list(found.values())


def is_cut_by_sides(street: dict[int, str | None]) -> bool:
    sides = [{area for number, area in street.items() if number % 2 == side} for side in (0, 1)]
    return all(len(side) == 1 for side in sides) and sides[0] != sides[1]


def test_many_streets_have_their_sides_in_two_areas_and_many_run_through_two(
    streets: list[dict[int, str | None]],
) -> None:
    cut = [street for street in streets if len(set(street.values())) == 2]
    by_sides = [street for street in cut if is_cut_by_sides(street)]
    assert len(streets) == STREETS
    assert len(by_sides) > STREETS / 4
    assert len(cut) - len(by_sides) > STREETS / 8
    assert all(len(set(street.values())) <= 2 for street in streets)


def test_a_street_changes_its_area_once_on_each_side(
    streets: list[dict[int, str | None]],
) -> None:
    for street in streets:
        for side in (0, 1):
            areas = [street[number] for number in sorted(street) if number % 2 == side]
            assert sum(one != after for one, after in pairwise(areas)) <= 1


def test_a_tenth_of_the_addresses_exist_and_are_not_registered(made: Harder) -> None:
    kept, before = list(made.registers.addresses), list(load_registers(DEMO).addresses)
    assert len(made.held_out) == int(HELD_OUT * len(before))
    named = [row[:4] for row in (*kept, *made.held_out)]
    assert sorted(named) == sorted(row[:4] for row in before)


def test_streets_stay_in_the_area_that_their_locality_names(
    demo: Pack, made: Harder, whereabouts: Whereabouts
) -> None:
    codes = {name: code for code, name in demo.area_names.items()}
    for row in (*made.registers.addresses, *made.held_out):
        assert str(whereabouts.area_of_row(row)).startswith(codes[row[3]])


def test_the_harder_register_is_a_pack_without_mistakes(made: Harder, tmp_path: Path) -> None:
    folder = made.write(DEMO, tmp_path / "pack")
    assert check(folder) == []
    assert tuple(load_registers(folder).addresses) == made.registers.addresses


def test_the_same_seed_makes_the_same_register_and_another_another(
    demo: Pack, whereabouts: Whereabouts, made: Harder
) -> None:
    registers = load_registers(DEMO)
    again, other = (harder(demo, registers, whereabouts, Random(seed)) for seed in (4, 5))
    assert (again.registers.addresses, again.held_out) == (
        made.registers.addresses,
        made.held_out,
    )
    assert other.held_out != made.held_out
