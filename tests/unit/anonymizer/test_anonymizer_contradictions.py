"""Names of ours that contradict each other, and names that say where somebody was going."""

import pytest

from shared.pack.registers import Registers
from tests.unit.anonymizer.registers import IN_101, IN_102, IN_201, IN_202, a_locator, answer_of

REGISTERS = Registers(
    addresses=[
        ("Storgatan", "5", "", "Norrby", *IN_101),
        ("Storgatan", "25", "", "Norrby", *IN_201),
        ("Askbacken", "1", "", "Norrby", *IN_201),
        ("Björkvägen", "3", "", "Söderby", *IN_101),
        ("Björkvägen", "4", "", "Söderby", *IN_101),
        ("Ringgatan", "3", "", "Norrby", *IN_102),
        ("Ringgatan", "3", "", "Söderby", *IN_201),
        ("Klövervägen", "2", "", "Söderby", *IN_202),
        ("Korsgatan", "7", "", "Norrby", *IN_101),
        ("Korsgatan", "7", "", "Söderby", *IN_102),
        ("Korsgatan", "9", "", "Söderby", *IN_101),
    ],
    properties=[
        ("SMÅSTAD BJÖRNEN 1", *IN_101),
        ("SMÅSTAD BJÖRNEN 2", *IN_101),
        ("SMÅSTAD BJÖRNEN 11", *IN_202),
        ("SMÅSTAD ÖSTBERGA 3:14", *IN_201),
        ("SMÅSTAD ÖSTBERGA 3:15", *IN_202),
        ("SMÅSTAD ÖSTBERGA 4:1", *IN_201),
    ],
    objects=[
        ("Resecentrum", "station", *IN_202),
        ("Ängsskolan", "school", *IN_201),
        ("Parkskolan", "school", *IN_101),
        ("Parkskolan", "school", *IN_202),
        ("Parkhuset", "house", *IN_101),
    ],
    places=[("Sandviken", *IN_102), ("Ekholmen", *IN_202), ("Berglund", *IN_202)],
    roads=[("E20", *IN_101), ("E20", *IN_102), ("E22", *IN_202), ("57", *IN_101), ("57", *IN_201)],
)
AREAS = {"101": "Hamnkajen", "202": "Kullen", "301": "Gamla varvet", "999": "Resten"}
LOCATOR = a_locator(REGISTERS, AREAS)


def area_of(text: str, field: str = "address") -> str:
    return answer_of(LOCATOR, text, field)[0]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("address", "mellan Askbacken 1 och Björkvägen 3"),
        ("address", "mellan Björkvägen 3 och Askbacken 1"),
        ("address", "mellan Björkvägen och Askbacken"),
        ("address", "mellan Storgatan 5 och Resecentrum"),
        ("address", "mellan Resecentrum och Storgatan 5"),
        ("address", "mellan Askbacken 1 och Kullen"),
        ("object", "mellan Ängsskolan och Resecentrum"),
    ],
)
def test_what_lies_between_two_places_is_in_neither_unless_both_are_in_one_area(
    field: str, text: str
) -> None:
    assert answer_of(LOCATOR, text, field) == ("999", "rest_ambiguous", "none")


def test_between_two_places_of_one_area_it_is_there() -> None:
    assert area_of("mellan Björkvägen 3 och Björkvägen 4") == "101"
    assert area_of("mellan Storgatan 5 och Björkvägen") == "101"
    assert area_of("mellan Klövervägen och Resecentrum") == "202"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("address", "Askbacken 1, Hamnkajen"),
        ("object", "Parkskolan, Storgatan 25"),
        ("object", "Parkhuset, Storgatan 25"),
        ("address", "Hamnkajen, Askbacken 1"),
        ("address", "Askbacken 1, Ekholmen"),
        ("address", "Askbacken 1, Hamnkajjen"),
        ("address", "Ringgatan 3, Hamnkajen"),
        ("address", "Björkvägen vid Ängsskolan"),
        ("address", "Björkvägen 3, Askbacken"),
        ("address", "Björkvägen 3, kv. Björnen 11"),
        ("address", "Björkvägen 3, E22"),
        ("address", "E20 vid Kullen"),
        ("address", "E20 / E22"),
        ("address", "E20, Kullen, Norrby"),
        ("address", "Storgatan 77, Kullen"),
        ("address", "Storgatan, Kullen"),
        ("address", "Hamnkajen, Ekholmen"),
        ("address", "Askbackenn 1, Hamnkajen"),
        ("object", "Ängsskolan, Hamnkajen"),
        ("object", "Ängsskolan, Ringgatan 3, Norrby"),
        ("object", "Ängsskoaln, Hamnkajen"),
        ("object", "Resecentrum, Norrby"),
        ("object", "Parkskolan, Ekholmen, Hamnkajen"),
        ("property", "Björnen 1, Kullen"),
        ("property", "Björrnen 1, Kullen"),
        ("property", "Björnen, Sandviken"),
    ],
)
def test_a_text_that_contradicts_itself_is_in_no_area(field: str, text: str) -> None:
    assert answer_of(LOCATOR, text, field) == ("999", "rest_ambiguous", "none")


@pytest.mark.parametrize(
    ("field", "text", "area"),
    [
        ("address", "Björkvägen 3, Hamnkajen", "101"),
        ("address", "Björkvägen 3, Hamnkajen, Söderby", "101"),
        ("address", "Björkvägen 3, E20", "101"),
        ("address", "Björkvägen 3, kv. Björnen 1", "101"),
        ("address", "Storgatan, Hamnkajen", "101"),
        ("address", "Storgatan 77, Hamnkajen", "101"),
        ("address", "Ringgatan 3, Sandviken", "102"),
        ("address", "E20 vid Sandviken", "102"),
        ("address", "Rv 57, Hamnkajen", "101"),
        ("address", "c/o Berglund, Björkvägen 3", "101"),
        ("address", "Familjen Berglund, Björkvägen 3", "101"),
        ("address", "A. Berglund, Björkvägen 3", "101"),
        ("address", "Björkvägen 3, Småstad", "101"),
        ("address", "Björkvägen 3, Gamla varvet", "101"),
        ("address", "Björkvägen 3, Resten", "101"),
        ("address", "Korsgatan 7, Björkvägen", "101"),
        ("object", "Ängsskolan, Norrby", "201"),
        ("object", "Ängsskolan, Småstad", "201"),
        ("object", "Parkskolan, Hamnkajen", "101"),
        ("property", "SMÅSTAD BJÖRNEN 1, Hamnkajen", "101"),
        ("property", "Björnen, Hamnkajen", "101"),
    ],
)
def test_names_that_agree_tell_the_area_also_where_one_alone_does_not(
    field: str, text: str, area: str
) -> None:
    assert area_of(text, field) == area


@pytest.mark.parametrize(
    "text",
    [
        "Ringgatan 3 mot Söderby",
        "Ringgatan 3 från Söderby",
        "Ringgatan 3 till Söderby",
        "Ringgatan 3 i riktning mot Söderby",
        "Ringgatan 3 riktning Norrby och Söderby",
        "E20 mot Sandviken",
        "E20 från Sandviken mot Göteborg",
        "E20 mot stadsdelen Hamnkajen",
        "E20 mot Norrby/Hamnkajen",
        "E20 mot E22",
        "Rv 57 mot Hamnkajen",
    ],
)
def test_where_somebody_was_going_does_not_choose_among_areas(text: str) -> None:
    assert answer_of(LOCATOR, text) == ("999", "rest_ambiguous", "none")


@pytest.mark.parametrize("text", ["mot Sandviken", "från Hamnkajen", "till Resecentrum", "mot E22"])
def test_where_somebody_was_going_is_no_place_by_itself(text: str) -> None:
    assert area_of(text) == "999"
    assert area_of(text, "object") == "999"


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Björkvägen 3 mot Kullen", "101"),
        ("mot Kullen, Björkvägen 3", "101"),
        ("Björkvägen mot Askbacken", "101"),
        ("E20 mot Kullen vid Sandviken", "102"),
        ("E20 till plats vid Sandviken", "102"),
        ("Ringgatan 3, Norrby mot Söderby", "102"),
        ("E22 från Sandviken", "202"),
    ],
)
def test_the_rest_of_the_text_says_where_it_was(text: str, area: str) -> None:
    assert area_of(text) == area


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("object", "Norra Ekholmen"),
        ("object", "N. Ekholmen"),
        ("object", "Ö. Ekholmen"),
        ("object", "N:a Ekholmen"),
        ("object", "Gamla Berglund"),
        ("object", "Nya Ängsskolan"),
        ("object", "Inre Hamnkajen"),
        ("property", "Norra Björnen"),
        ("property", "Norra Östberga 4:1"),
        ("property", "V. Östberga 4:1"),
        ("address", "Ringgatan 3, Norra Söderby"),
        ("address", "Ringgatan 3, S. Söderby"),
        ("address", "Björkvägen 3, Norra Söderby"),
        ("address", "Norra Björkvägen 3"),
        ("address", "Björkvägen 3, 123 45 Norra Söderby"),
    ],
)
def test_norra_x_is_not_x(field: str, text: str) -> None:
    assert area_of(text, field) == "999"


def test_an_address_is_in_one_locality_also_where_two_are_named() -> None:
    assert area_of("Ringgatan 3, Norrby, Söderby") == "999"
    assert area_of("Ringgatan 3, Norrbyy, Söderbyy") == "999"
    assert area_of("Storgatan 5, Norrby, Söderby") == "999"


def test_a_letter_in_front_of_a_name_may_be_a_houses_or_an_and() -> None:
    assert area_of("Björkvägen 3 S Söderby") == "101"
    assert area_of("Björkvägen o Storgatan 5") == "101"
    assert area_of("c/o Resecentrum, Klövervägen 2") == "202"
