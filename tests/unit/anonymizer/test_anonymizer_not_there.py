"""Where a text says that it was not, people who are called as places are, and numbers that count."""

import pytest

from shared.pack.registers import Registers
from tests.unit.anonymizer.registers import IN_101, IN_102, IN_201, IN_202, a_locator, answer_of

REGISTERS = Registers(
    addresses=[
        ("Ringgatan", "3", "", "Norrby", *IN_102),
        ("Ringgatan", "3", "", "Söderby", *IN_201),
        ("Skolgatan", "3", "", "Norrby", *IN_101),
        ("Skolgatan", "25", "", "Norrby", *IN_202),
    ],
    properties=[],
    objects=[("Ängsskolan", "school", *IN_201)],
    places=[("Berglund", *IN_202)],
)
AREAS = {"101": "Hamnkajen", "202": "Kullen", "301": "Gamla varvet", "999": "Resten"}
LOCATOR = a_locator(REGISTERS, AREAS)


@pytest.mark.parametrize(
    "text",
    [
        "Ringgatan 3, inte Söderby",
        "Ringgatan 3, ej i Söderby",
        "Ringgatan 3 inte på Söderby",
        "Ringgatan, icke Norrby",
        "Ringgatan 3, inte Söderby och Norrby",
        "Ringgatan 3 utanför Söderby",
        "Ringgatan 3 utom Norrby",
        "Ringgatan 3 intill Söderby",
        "Skolgatan, inte Kullen",
        "Skolgatan utanför Hamnkajen",
        "Skolgatan nära Kullen",
    ],
)
def test_where_it_was_not_chooses_no_area(text: str) -> None:
    assert answer_of(LOCATOR, text, "address") == ("999", "rest_ambiguous", "none")


def test_a_school_or_a_house_may_be_what_it_was_outside_of() -> None:
    assert answer_of(LOCATOR, "utanför Ängsskolan", "address")[0] == "201"
    assert answer_of(LOCATOR, "utanför Skolgatan 3", "address")[0] == "101"


@pytest.mark.parametrize(
    "text",
    [
        "Hos Berglund",
        "hemma hos Berglund",
        "Pojken Berglund",
        "flickan Berglund",
        "Herr Berglund",
        "grannen Berglund",
    ],
)
def test_somebody_is_no_place(text: str) -> None:
    assert answer_of(LOCATOR, text, "address")[0] == "999"


def test_the_place_of_the_same_name_is_one() -> None:
    assert answer_of(LOCATOR, "Berglund", "address")[0] == "202"
    assert answer_of(LOCATOR, "hos Ängsskolan", "address")[0] == "201"


@pytest.mark.parametrize(
    "text",
    [
        "Skolgatan 3 bilar",
        "Skolgatan 3 killar",
        "Skolgatan 3 fönster",
        "buss 3 Skolgatan",
        "trappa 3 Skolgatan",
        "rum 3 Skolgatan",
        "Skolgatan, ingång 3",
    ],
)
def test_a_number_that_counts_or_names_something_else_is_no_house(text: str) -> None:
    assert answer_of(LOCATOR, text, "address") == ("999", "rest_ambiguous", "none")
