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
        ("Skogsvägen", "1", "", "Norrby", *IN_101),
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
        "hos hyresgäst Berglund",
        "enligt granne Berglund",
        "enligt Berglund",
        "hyresgäst Anna Berglund",
        "enligt per berglund",
    ],
)
def test_somebody_is_no_place(text: str) -> None:
    assert answer_of(LOCATOR, text, "address")[0] == "999"


def test_the_place_of_the_same_name_is_one() -> None:
    assert answer_of(LOCATOR, "Berglund", "address")[0] == "202"
    assert answer_of(LOCATOR, "hos Ängsskolan", "address")[0] == "201"
    assert answer_of(LOCATOR, "granne vid Berglund", "address")[0] == "202"
    assert answer_of(LOCATOR, "enligt polisen Berglund", "address")[0] == "202"
    assert answer_of(LOCATOR, "hos granne, Berglund", "address")[0] == "202"


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
        "Skolgatan 3 av 5 lampor",
        "Skolgatan 3 trasiga gatlampor",
        "Skolgatan 3 brinnande containrar",
        "Skolgatan 3 papperskorgar välta",
        "Skolgatan 3 butiker",
        "Skolgatan 3-tiden",
        "Skolgatan 3 maskerade män",
        "Skolgatan 3 unga män",
        "Skolgatan 3 stora hundar",
        "Skolgatan 3 råttor",
        "Skolgatan 3 eller 4 bilar",
    ],
)
def test_a_number_that_counts_or_names_something_else_is_no_house(text: str) -> None:
    assert answer_of(LOCATOR, text, "address") == ("999", "rest_ambiguous", "none")


@pytest.mark.parametrize(
    "text",
    [
        "Skolgatan 3 container brinner",
        "Skolgatan 3 brinner",
        "Skolgatan 3 stulen moped",
        "Skolgatan 3 av vakt",
        "Skolgatan 3 medvetslös ligger",
        "Skolgatan 3 boende ringer",
        "Skolgatan 3 brinnande container",
        "Skolgatan 3 brinnande ligger",
        "Skolgatan 3 trasig dator",
        "Skolgatan 3 grön traktor",
        "Skolgatan 3 traktor",
    ],
)
def test_a_house_is_one_also_beside_one_thing(text: str) -> None:
    assert answer_of(LOCATOR, text, "address")[0] == "101"


@pytest.mark.parametrize(
    "text",
    [
        "kan inte ha varit vid Ängsskolan",
        "kan omöjligt ha hänt på Skolgatan 3",
        "som på Skolgatan 3 förra veckan",
        "samma gäng som vid Ängsskolan",
        "förra gången på Skolgatan 3",
        "senaste gången var det vid Ängsskolan",
        "fel adress: Skolgatan 3",
        "felaktig adress, Ängsskolan",
        "felregistrerat på Berglund",
        "Ängsskolan är fel plats",
        "adressen fel, Skolgatan 3",
        "Skolgatan 3 var fel",
        "till fel plats: Ängsskolan",
        "larm på fel adress Skolgatan 3",
        "samma gäng som Skolgatan 3",
    ],
)
def test_where_it_was_another_time_or_by_mistake_is_no_place(text: str) -> None:
    assert answer_of(LOCATOR, text, "address")[0] == "999"


@pytest.mark.parametrize(
    "text",
    [
        "fel på belysningen, Skolgatan 3",
        "det är fel på hissen Skolgatan 3",
        "felaktig parkering Skolgatan 3",
        "Bil står på fel plats, Skolgatan 3",
        "Skolgatan 3 för första gången",
        "Skolgatan 3 som larmade",
        "mannen som var på Skolgatan 3",
        "Första gången på Skolgatan 3",
    ],
)
def test_a_fault_or_a_relative_clause_denies_nothing(text: str) -> None:
    assert answer_of(LOCATOR, text, "address")[0] == "101"


@pytest.mark.parametrize(
    "text",
    [
        "utanför Berglund",
        "strax utom Berglund",
        "bortom Berglund",
        "strax före Berglund",
        "strax innan Berglund",
        "alldeles efter Berglund",
        "en bit från Berglund",
        "på andra sidan Berglund",
        "på andra sidan av Berglund",
        "på andra sidan Skogsvägen",
    ],
)
def test_beyond_what_has_no_known_border_nobody_knows(text: str) -> None:
    assert answer_of(LOCATOR, text, "address") == ("999", "rest_ambiguous", "none")


def test_a_thing_is_not_the_street_that_is_called_as_it() -> None:
    assert answer_of(LOCATOR, "Skogsväg", "address")[0] == "101"
    assert answer_of(LOCATOR, "på en skogsväg", "address")[0] == "999"
