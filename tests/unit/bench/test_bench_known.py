"""The truth of the bench of locating: what a person with the register knows, by number and side."""

import pytest

from deploy.bench.known import (
    NOBODY_KNOWS,
    House,
    Known,
    Truth,
    all_agree,
    arguable,
    house_number,
    only,
    owed,
)


def houses(street: str, locality: str, areas: dict[str, str | None]) -> list[House]:
    return [
        House(street, house_number(one), one.lstrip("0123456789"), locality, area)
        for one, area in areas.items()
    ]


@pytest.fixture
def known() -> Known:
    return Known(
        [
            *houses(  # along a border: odd numbers in A, even ones in B; 7, 8, 8C are not registered
                "Långgatan",
                "Norrby",
                {"1": "A", "2": "B", "3": "A", "4": "B", "5": "A", "6": "B", "9": "A", "10": "B"},
            ),
            *houses(  # over a border between 4 and 10
                "Tvärgatan", "Norrby", {"1": "A", "2": "A", "4": "A", "10": "B", "12": "B"}
            ),
            *houses("Brogatan", "Norrby", {"4": "A", "8": "A", "10": "B", "12": "B", "16": "B"}),
            *houses("Kortgatan", "Norrby", {"1": "A", "2": "A", "4B": "A"}),
            *houses("Långgatan", "Söderby", {"1": "C", "40": "C"}),
        ]
    )


@pytest.mark.parametrize(
    ("number", "letter", "truth"),
    [
        (3, "", owed("A")),
        (4, "", owed("B")),
        (7, "", owed("A")),
        (8, "", owed("B")),
        (8, "C", owed("B")),
        (11, "", arguable("A")),
        (12, "", arguable("B")),
    ],
)
def test_a_missing_number_lies_with_the_houses_of_its_own_side(
    known: Known, number: int, letter: str, truth: Truth
) -> None:
    assert known.of_house("Långgatan", number, letter, "Norrby") == truth


def test_between_houses_of_two_areas_nobody_knows(known: Known) -> None:
    assert known.of_house("Tvärgatan", 6, "", "Norrby") == NOBODY_KNOWS
    assert known.of_house("Tvärgatan", 3, "", "Norrby") == arguable("A")
    assert known.of_house("Tvärgatan", 8, "", "Norrby") == NOBODY_KNOWS


def test_only_the_nearest_houses_of_the_side_count(known: Known) -> None:
    assert known.of_house("Brogatan", 6, "", "Norrby") == owed("A")
    assert known.of_house("Brogatan", 14, "", "Norrby") == owed("B")
    assert known.of_house("Brogatan", 20, "", "Norrby") == NOBODY_KNOWS


def test_a_number_on_a_street_of_one_area_is_known_though_it_is_not_registered(
    known: Known,
) -> None:
    assert known.of_house("Kortgatan", 99, "", "Norrby") == owed("A")


def test_a_letter_that_is_not_registered_lies_at_its_number(known: Known) -> None:
    assert known.of_house("Tvärgatan", 10, "B", "Norrby") == owed("B")


def test_without_a_locality_the_other_street_of_the_name_leaves_doubt(known: Known) -> None:
    assert known.of_house("Långgatan", 40, "", None) == arguable("C")
    assert known.of_house("Långgatan", 1, "", None) == NOBODY_KNOWS
    assert known.of_house("Kortgatan", 1, "", None) == owed("A")


def test_a_street_alone_is_known_if_it_lies_in_one_area(known: Known) -> None:
    assert known.of_street("Kortgatan", "Norrby") == owed("A")
    assert known.of_street("Långgatan", "Norrby") == NOBODY_KNOWS
    assert known.of_street("Långgatan", "Söderby") == owed("C")
    assert known.of_street("Okänd gata", "Söderby") == NOBODY_KNOWS


def test_a_street_alone_may_be_another_thing_of_its_name(known: Known) -> None:
    known.name("Kortgatan", "D")
    assert known.of_street("Kortgatan") == NOBODY_KNOWS
    assert known.of_street("Kortgatan", "Norrby") == owed("A")


def test_a_locality_that_names_an_area_too_may_mean_the_part_of_the_street_in_it(
    known: Known,
) -> None:
    known.name_district("Norrby", "B")
    known.name_district("Norrby", "E")
    assert known.of_street("Långgatan", "Norrby") == arguable("B")


def test_a_range_of_one_side_is_that_side_and_a_mixed_one_is_both(known: Known) -> None:
    assert known.between("Långgatan", 2, 10, "Norrby") == owed("B")
    assert known.between("Långgatan", 1, 7, "Norrby") == owed("A")
    assert known.between("Långgatan", 1, 4, "Norrby") == NOBODY_KNOWS
    assert known.between("Tvärgatan", 2, 4, "Norrby") == owed("A")
    assert known.between("Tvärgatan", 2, 12, "Norrby") == NOBODY_KNOWS
    assert known.between("Tvärgatan", 4, 4, "Norrby") == owed("A")


def test_all_houses_of_a_range_count_and_not_only_its_ends() -> None:
    there_and_back = Known(houses("Krokgatan", "Norrby", {"2": "A", "4": "B", "6": "A"}))
    assert there_and_back.between("Krokgatan", 2, 6, "Norrby") == NOBODY_KNOWS


def test_a_crossing_lies_in_the_one_area_of_both_streets(known: Known) -> None:
    assert known.crossing("Kortgatan", "Långgatan", "Norrby") == owed("A")
    assert known.crossing("Tvärgatan", "Långgatan", "Norrby") == NOBODY_KNOWS
    assert known.crossing("Kortgatan", "Långgatan", "Söderby") == NOBODY_KNOWS


def test_things_named_together_have_an_area_if_all_agree() -> None:
    assert all_agree([owed("A"), owed("A")]) == owed("A")
    assert all_agree([owed("A"), arguable("A")]) == arguable("A")
    assert all_agree([owed("A"), owed("B")]) == NOBODY_KNOWS
    assert all_agree([owed("A"), NOBODY_KNOWS]) == NOBODY_KNOWS
    assert all_agree([]) == NOBODY_KNOWS
    assert only(["A", "A"]) == owed("A")
    assert only(["A", None]) == only([]) == only([None]) == NOBODY_KNOWS


def test_names_know_the_areas_of_all_that_has_them(known: Known) -> None:
    known.name("Norrby", "E")
    assert known.areas_named("norrby") == {"A", "B", "E"}
    assert known.localities_of("Långgatan") == {"Norrby", "Söderby"}
    assert known.areas_named("Nirgends") == frozenset()
