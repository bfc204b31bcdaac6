"""A street or quarter that is ordinary in Sweden is meant as itself, and not as one of ours."""

import pytest

from services.anonymizer.domain.locating.ordinary_names import ORDINARY_STEMS, ordinary
from shared.pack.registers import Registers
from tests.unit.anonymizer.registers import IN_101, IN_102, IN_202, a_locator, answer_of

OURS = (
    "Björkvägen",
    "Askvägen",
    "Skolvägen",
    "Lindgatan",
    "Vallvägen",
    "Brogatan",
    "Skolstigen",
    "Åsvägen",
    "Movägen",
    "Rovägen",
    "Gågatan",
    "Norrhagsvägen",
    "Öringvägen",
    "Backgatan",
    "Ölandsgatan",
    "Alvägen",
    "Lingatan",
    "Järnvägen",
    "Bergatan",
    "Korgatan",
    "Hagsgatan",
    "Dugatan",
    "Ågatan",
)
LOCATOR = a_locator(
    Registers(
        addresses=[(street, "3", "", "Norrby", *IN_101) for street in OURS],
        properties=[("SMÅSTAD DUVAN 1", *IN_102), ("SMÅSTAD LÄRKAN 1", *IN_102)],
        objects=[("Björkskolan", "school", *IN_202), ("Lindhallen", "sports", *IN_202)],
        places=[("Ås", *IN_202)],
    )
)


def area_of(text: str, field: str = "address") -> str:
    return answer_of(LOCATOR, text, field)[0]


@pytest.mark.parametrize(
    "street",
    [
        "Björnvägen",
        "Aspvägen",
        "Solvägen",
        "Lundgatan",
        "Vallavägen",
        "Borgatan",
        "Skogsstigen",
        "Askvägens",
        "Åvägen",
        "Åkvägen",
        "Mossvägen",
        "Rosvägen",
        "Gåsgatan",
        "Norrängsvägen",
        "Norrhagvägen",
        "Ringvägen",
        "Bäckgatan",
        "Landsgatan",
        "Älvägen",
        "Björnv.",
        "BJÖRNVÄGEN",
        "Bjornvagen",
        "Björn vägen",
        "Lindgatans",
        "Korsgatan",
        "Hamgatan",
    ],
)
def test_another_ordinary_street_is_not_ours(street: str) -> None:
    known = {"Askvägens", "Lindgatans", "Norrhagvägen"}
    assert area_of(f"{street} 3") in ({"101", "999"} if street in known else {"999"})
    assert area_of(f"{street} 3, Norrby") in ({"101", "999"} if street in known else {"999"})


def test_another_ordinary_quarter_or_object_is_not_ours() -> None:
    assert area_of("Druvan 1", "property") == "999"
    assert area_of("Lärkan 1", "property") == "102"
    assert area_of("Björnskolan", "object") == "999"
    assert area_of("Lundhallen", "object") == "999"


def test_a_surname_or_a_thing_is_no_abbreviated_street() -> None:
    assert area_of("Järnväg. 3") == "101"
    for word in ("Borg 3", "Bro 3", "Berg 3", "gatan 3"):
        assert area_of(word) == "999"


@pytest.mark.parametrize(
    "text",
    [
        "Björkkvägen 3",
        "Björvägen 3",
        "Björkvägne 3",
        "Björkväge 3",
        "Björkvägn 3",
        "Skolvägn 3",
        "Skolvägenn 3",
        "Björkkv. 3",
        "Björk vägenn 3",
        "Norrhaggsvägen 3",
        "Norrhagsvgen 3",
        "Ölandsgatn 3",
        "lndsgatan 3",
    ],
)
def test_a_slip_that_makes_no_other_name_is_mended(text: str) -> None:
    if text == "lndsgatan 3":
        assert area_of(text) == "999"
    else:
        assert answer_of(LOCATOR, text)[::2] == ("101", "weak")


def test_who_writes_marks_means_them_and_who_writes_none_may_mean_either() -> None:
    assert area_of("Bäckgatan 3") == "999"
    assert area_of("Backgatan 3, Söderby") == "999"
    assert area_of("Bjorkvagen 3") == "101"
    assert area_of("Olandsgatan 3") == "101"
    assert area_of("Björkvagen 3") == "101"


def test_an_s_is_a_genitive_of_longer_names_only() -> None:
    assert answer_of(LOCATOR, "Skolsvägen 3") == ("101", "address", "good")
    assert answer_of(LOCATOR, "Dusgatan 3") == ("101", "address", "weak")
    assert area_of("Norrhagvägen 3") == "101"
    assert area_of("Ås", "object") == "202"
    assert area_of("Å", "object") == "999"


def test_ordinary_names_are_told_by_their_stems() -> None:
    assert ordinary("björn", marked=True, is_whole=False) == "björn"
    assert ordinary("bjorn", marked=False, is_whole=False) == "bjorn"
    assert ordinary("bjorn", marked=True, is_whole=False) is None
    assert ordinary("druvan", marked=True, is_whole=True) == "druv"
    assert ordinary("norrängs", marked=True, is_whole=False) == "norräng"
    assert ordinary("björrk", marked=True, is_whole=False) is None
    assert ordinary("björnviken", marked=True, is_whole=True) == "björnviken"
    assert ordinary("björnvikken", marked=True, is_whole=True) is None
    assert ordinary("bäcken", marked=True, is_whole=True) == "bäck"


def test_the_list_has_stems_in_lower_case_only() -> None:
    assert all(stem.isalpha() and stem == stem.lower() for stem in ORDINARY_STEMS)
