"""Numbers in written places: which are houses or units, several of them, and houses that are missing."""

import pytest

from shared.pack.registers import Registers
from tests.unit.anonymizer.registers import IN_101, IN_102, IN_201, IN_202, a_locator, answer_of

REGISTERS = Registers(
    addresses=[
        *(("Storgatan", str(n), "", "Norrby", *IN_101) for n in (1, 3, 5, 9, 11)),
        *(("Storgatan", str(n), "", "Norrby", *IN_202) for n in (2, 4, 8, 12)),
        ("Storgatan", "25", "", "Norrby", *IN_102),
        ("Ringgatan", "12", "", "Norrby", *IN_101),
        ("Ringgatan", "14", "", "Norrby", *IN_101),
        ("Ringgatan", "16", "", "Norrby", *IN_201),
        ("Ringgatan", "18", "", "Norrby", *IN_101),
        ("Ringgatan", "21", "", "Norrby", *IN_202),
        ("Björkvägen", "1", "", "Norrby", *IN_101),
        ("Björkvägen", "3", "", "Norrby", *IN_101),
        ("Björkvägen", "8", "B", "Norrby", *IN_101),
        ("Udda stigen", "1", "", "Norrby", *IN_101),
        ("Udda stigen", "3", "", "Norrby", *IN_101),
    ],
    properties=[
        ("SMÅSTAD BJÖRNEN 1", *IN_101),
        ("SMÅSTAD BJÖRNEN 2", *IN_101),
        ("SMÅSTAD BJÖRNEN 11", *IN_202),
        ("SMÅSTAD ÖSTBERGA 3:14", *IN_201),
        ("SMÅSTAD ÖSTBERGA 3:15", *IN_202),
        ("SMÅSTAD ÖSTBERGA 4:1", *IN_201),
    ],
    places=[("Sandviken", *IN_102)],
)
LOCATOR = a_locator(REGISTERS)
AMBIGUOUS = ("999", "rest_ambiguous", "none")


@pytest.mark.parametrize(
    "text",
    [
        "Storgatan 5 och 25",
        "Storgatan 5, 25",
        "Storgatan 5 / 25",
        "Storgatan 5 & 25",
        "Storgatan 5 samt 25",
        "Storgatan 5 och nr 25",
        "Storgatan 5-25",
        "Storgatan 5 - 25",
        "Storgatan 5\u201325",
        "Storgatan 5 till 25",
        "Storgatan 5-2",
        "Storgatan 5 25",
        "Storgatan 5, 9 och 25",
        "Ringgatan 12-18",
        "Ringgatan 12 - 18",
        "Ringgatan 12\u201318",
        "Stoorgatan 5 och 25",
        "5 och 25 Storgatan",
        "5-25 Storgatan",
    ],
)
def test_several_houses_that_lie_in_several_areas_are_ambiguous(text: str) -> None:
    assert answer_of(LOCATOR, text) == AMBIGUOUS


@pytest.mark.parametrize(
    "text", ["Storgatan 5 och 9", "Storgatan 1-11", "Ringgatan 12, 14", "Ringgatan 12 och 18"]
)
def test_several_houses_of_one_area_are_in_it(text: str) -> None:
    assert answer_of(LOCATOR, text) == ("101", "street", "weak")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Björnen 1 och 11", AMBIGUOUS),
        ("Björnen 1, 11", AMBIGUOUS),
        ("Björnen 1-11", AMBIGUOUS),
        ("Björrnen 1 och 11", AMBIGUOUS),
        ("Östberga 3:14-15", AMBIGUOUS),
        ("Östberga 3:14, 3:15", AMBIGUOUS),
        ("Björnen 1 och 99", ("999", "rest_property", "none")),
        ("Björnen 1 och 2", ("101", "property", "weak")),
        ("Östberga 3:14 och 4:1", ("201", "property", "weak")),
        ("Björnen 1, 123 45 Småstad", ("101", "property", "exact")),
        ("Björnen 1, lgh 1101", ("101", "property", "exact")),
    ],
)
def test_all_units_are_read(text: str, expected: tuple[str, str, str]) -> None:
    assert answer_of(LOCATOR, text, "property") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Storgatan 7", ("101", "street", "weak")),
        ("Storgatan 6", ("202", "street", "weak")),
        ("Storgatan 10", ("202", "street", "weak")),
        ("Storgatan 13", AMBIGUOUS),
        ("Storgatan 14", AMBIGUOUS),
        ("Storgatan 99", AMBIGUOUS),
        ("Ringgatan 15", AMBIGUOUS),
        ("Björkvägen 2", ("101", "street", "weak")),
        ("Björkvägen 99", ("101", "street", "weak")),
        ("Udda stigen 2", AMBIGUOUS),
        ("Udda stigen 99", ("101", "street", "weak")),
    ],
)
def test_a_missing_house_lies_between_its_neighbours_on_the_same_side(
    text: str, expected: tuple[str, str, str]
) -> None:
    assert answer_of(LOCATOR, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "E4 Storgatan",
        "väg 4 Storgatan",
        "2026-05-12 Storgatan",
        "26-05-12 Storgatan",
        "12/5 Storgatan",
        "12.5.2026 Storgatan",
        "Storgatan 2026-05-12",
        "21.30 Storgatan",
        "Storgatan 21.30",
        "Storgatan 21:30",
        "Storgatan kl 11",
        "Storgatan kl 9-11",
        "Storgatan kl. 21.30",
        "Storgatan 2 tr",
        "Storgatan 2 trappor",
        "Storgatan 2 van",
        "11 meter från Storgatan",
        "Storgatan 11 m efter",
        "Storgatan 070-123",
        "Storgatan 011-1234",
        "Storgatan 11.30",
        "Storgatan 11:30",
        "Storgatan 11-9-1",
        "Storgatan 11-2026",
    ],
)
def test_a_number_that_is_no_house_is_not_read_as_one(text: str) -> None:
    assert answer_of(LOCATOR, text)[0] == "999"


@pytest.mark.parametrize(
    "text",
    [
        "Storgatan 5, 2 tr",
        "Storgatan 5, 1101",
        "2026-05-12 kl 21.30 Storgatan 5",
        "Storgatan 5 kl 21.30",
        "Storgatan 5, 2026-05-12",
        "12/5 Storgatan 5",
        "5 Storgatan",
        "Norrby, 5 Storgatan",
    ],
)
def test_the_house_is_found_among_other_numbers(text: str) -> None:
    assert answer_of(LOCATOR, text) == ("101", "address", "exact")


def test_a_number_belongs_to_the_name_before_it() -> None:
    assert answer_of(LOCATOR, "Björkvägen 1 Udda stigen")[0] == "101"
    assert answer_of(LOCATOR, "Ringgatan 12 Storgatan")[0] == "101"
    assert answer_of(LOCATOR, "Björnen 2 Storgatan")[0] == "101"


def test_a_time_beside_a_place_costs_nothing_and_a_road_that_is_not_ours_does() -> None:
    assert answer_of(LOCATOR, "Sandviken, kl 21.30", "object")[0] == "102"
    assert answer_of(LOCATOR, "E4 vid Sandviken", "object")[0] == "999"
    assert answer_of(LOCATOR, "Sandviken 3:14", "object")[0] == "999"
