"""Another town is never taken for ours, wherever in the text and however it is written."""

from typing import Any

import pytest

from services.anonymizer.domain.locating.gazetteer import Gazetteer
from services.anonymizer.domain.locating.locate import Locator
from shared.messages.report import Location
from tests.unit.anonymizer.builders import a_pack, polygons
from tests.unit.anonymizer.registers import REGISTERS, a_locator, answer_of

LOCATOR = a_locator()
TOWNS = [
    "Göteborg",
    "Åhus",
    "Smedjebacken",
    "Kungsgården",
    "Ankarsrum",
    "Nynäshamn",
    "Bollnäs",
    "Hallen",
    "Kallhäll",
    "Sälen",
    "Ed",
    "Ås",
    "Strängnäs",
    "Upplands Väsby",
    "Gamla Uppsala",
]
FORMS = [
    "{ours} {town}",
    "{ours}, {town}",
    "{ours} i {town}",
    "{ours} ({town})",
    "{ours}; {town}",
    "{ours}/{town}",
    "{ours} - {town}",
    "{ours}\n{town}",
    "{ours}, 411 01 {town}",
    "{town}, {ours}",
    "{town} {ours}",
    "{town}: {ours}",
    "i {town}, {ours}",
    "vid {town} {ours}",
    "{ours}, {town}, Norrby",
    "{ours}, Norrby, {town}",
    "{ours}, Norrby i {town}",
    "Norrby, {ours}, {town}",
    "{town}, Norrby, {ours}",
    "{ours}, {town}, 123 45 Norrby",
    "{ours}, Småstad/{town}",
    "{ours} lgh 1101 {town}",
    "{ours}, 3 tr, {town}",
    "c/o Karlsson, {ours}, {town}",
    "c/o Karlsson {town}, {ours}",
    "Familjen Ek, {town}, {ours}",
    "{ours}, {town} centrum",
    "{ours}, {town}s kommun",
]
OURS = [
    ("address", "Björkvägen 12 B"),
    ("address", "Björkvägen"),
    ("address", "Björkvägne 12 B"),
    ("address", "Björkv. 12"),
    ("property", "Björnen 1"),
    ("property", "kv. Björnen 1"),
    ("property", "SMÅSTAD BJÖRNEN 1"),
    ("property", "Björrnen 1"),
    ("property", "Östberga 3:14"),
    ("property", "Östberga"),
    ("object", "Ängsskolan"),
    ("object", "Ängsskoaln"),
    ("object", "Söderby torg"),
    ("object", "Sandviken"),
    ("object", "Norrbys park"),
    ("object", "väg 225"),
]


def area_of(text: str, field: str = "address") -> str:
    location: dict[str, Any] = {field: text}
    (place,) = LOCATOR.locate([Location(**location)])
    return place.area


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("field", "ours"), OURS)
def test_what_may_lie_in_another_town_is_in_no_area(field: str, ours: str, form: str) -> None:
    for town in TOWNS:
        text = form.format(ours=ours, town=town)
        for written in (text, text.upper(), text.lower()):
            assert area_of(written, field) == "999"


@pytest.mark.parametrize(("field", "ours"), OURS)
def test_the_same_without_the_town_is_in_its_area(field: str, ours: str) -> None:
    assert area_of(ours, field) != "999"


@pytest.mark.parametrize(
    "text",
    [
        "Björkvägen 12 B, Norrbyy",
        "Björkvägen 12 B (Norrby)",
        "Björkvägen 12 B; Småstad",
        "Björkvägen 12 B/Norrby",
        "Björkvägen 12 B\nNorrby",
        "Björkvägen 12 B\n123 45 Norrby",
        "Björkvägen 12 B, Småstads kommun, Sverige",
        "Björkvägen 12 B, gästparkeringen",
        "Björkvägen 12 B cykelrummet",
        "Björkvägen 12 B (tvättstugan)",
        "Björkvägen 12 B, port 3, källaren",
        "Björkvägen 12 B mot Göteborg",
        "Johansson, Björkvägen 12 B",
        "A. Ek, Björkvägen 12 B",
        "Familjen Ek, Björkvägen 12 B",
        "c/o Anna Ek, Björkvägen 12 B",
        "på gatan utanför Björkvägen 12 B",
        "kvartteret Björnen 1",
    ],
)
def test_what_explains_itself_costs_no_place(text: str) -> None:
    assert area_of(text) == "101"


def test_a_word_that_nobody_knows_costs_the_place_though_it_may_be_a_name() -> None:
    assert area_of("Lindgren, Björkvägen 12 B") == "999"
    assert area_of("Björkvägen 12 B, soptunnehörnan") == "999"


def test_a_misspelt_locality_of_ours_is_believed_where_it_contradicts() -> None:
    assert area_of("Björkvägen 1, Söderbyy") == "999"


def test_what_stands_behind_the_last_word_that_is_read_may_be_another_town() -> None:
    assert area_of("Björkvägen 12 B" + ", x" * 30 + ", Göteborg") == "999"


def test_of_objects_that_differ_in_case_only_none_is_chosen() -> None:
    for text in ("Parkhallen", "PARKHALLEN", "parkhallen", "vid Parkhallen"):
        assert area_of(text, "object") == "999"
    for text in ("Brohallen", "BROHALLEN", "vid brohallen"):
        assert area_of(text, "object") == "101"


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("address", "Björkvägen 12 B, Göteborg", "rest_unexplained"),
        ("address", "Björkvägen 12 B, soptunnehörnan", "rest_unexplained"),
        ("property", "Björnen 1, soptunnehörnan", "rest_unexplained"),
        ("object", "Ängsskolan, soptunnehörnan", "rest_unexplained"),
        ("address", "Okändgatan 3, Norrby", "rest_address"),
        ("address", "Björkvägen 1, Söderby", "rest_address"),
        ("property", "Okänd 3", "rest_property"),
        ("object", "Okända hallen", "rest_object"),
        ("address", "Björkvägen 1, 611 30 Nyköping", "rest_outside"),
    ],
)
def test_the_reason_tells_what_the_register_lacks_from_words_beside_what_it_has(
    field: str, text: str, reason: str
) -> None:
    assert answer_of(LOCATOR, text, field) == ("999", reason, "none")


def test_the_areas_of_localities_are_known_before_the_first_report() -> None:
    gazetteer = Gazetteer(a_pack(), REGISTERS)
    locator = Locator(a_pack(), polygons(), gazetteer)
    gazetteer.streets.clear()
    assert answer_of(locator, "Rv 57, Norrby") == ("101", "road", "weak")
