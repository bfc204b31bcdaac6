"""The tripwire: what it finds, what it leaves alone, and how often it is wrong on generated text."""

import pytest

from shared.tripwire import NAME_KINDS, Found, Kind, found_in, kinds_in_code
from tests.support.tripwire_rates import missed, mistaken

MOST_MISSED = {
    Kind.PERSONAL_NUMBER: 0.04,
    Kind.COORDINATION_NUMBER: 0.04,
    Kind.ORGANISATION_NUMBER: 0.04,
    Kind.PHONE: 0.03,
    Kind.EMAIL: 0.04,
    Kind.NUMBER_PLATE: 0.14,
    Kind.PROPERTY: 0.08,
    Kind.STREET_ADDRESS: 0.17,
    Kind.COORDINATES: 0.03,
}
"""Of 1,000 of each; docs/decisions/0023 has the shares of 10,000."""


def kinds(text: str) -> set[Kind]:
    return {found.kind for found in found_in(text)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("880320-0016", Kind.PERSONAL_NUMBER),
        ("Anmälare 19880320-0016 ringde", Kind.PERSONAL_NUMBER),
        ("198803200016", Kind.PERSONAL_NUMBER),
        ("880320+0016", Kind.PERSONAL_NUMBER),
        ("880320–0016", Kind.PERSONAL_NUMBER),
        ("880320\u20110016", Kind.PERSONAL_NUMBER),  # Word's hyphen that does not break
        ("880320\u20100016", Kind.PERSONAL_NUMBER),
        ("880320\u22120016", Kind.PERSONAL_NUMBER),
        ("880320\u00a00016", Kind.PERSONAL_NUMBER),
        ("880320\u200b-\u200b0016", Kind.PERSONAL_NUMBER),
        ("88\u00ad03200016", Kind.PERSONAL_NUMBER),
        (
            "\uff18\uff18\uff10\uff13\uff12\uff10\uff0d\uff10\uff10\uff11\uff16",
            Kind.PERSONAL_NUMBER,
        ),
        ("\u0668\u0668\u0660\u0663\u0662\u0660-\u0660\u0660\u0661\u0666", Kind.PERSONAL_NUMBER),
        ("880320 -\x000016", Kind.PERSONAL_NUMBER),
        ("1988-03-20-0016", Kind.PERSONAL_NUMBER),
        ("880320-T014", Kind.PERSONAL_NUMBER),  # interim: the letter counts as 1
        ("701063-2391", Kind.COORDINATION_NUMBER),
        ("556036-0793", Kind.ORGANISATION_NUMBER),
        ("556036\u20110793", Kind.ORGANISATION_NUMBER),
        ("165560360793", Kind.ORGANISATION_NUMBER),
        ("SE556036079301", Kind.ORGANISATION_NUMBER),
        ("070-123 45 67", Kind.PHONE),
        ("+46 (0)70-123 45 67", Kind.PHONE),
        ("46701234567", Kind.PHONE),
        ("46 8-123 456 78", Kind.PHONE),
        ("070\u00a0123\u00a045\u00a067", Kind.PHONE),
        ("070\t123\u202f45\u202f67", Kind.PHONE),
        ("08-123 456 78", Kind.PHONE),
        ("070.123.45.67", Kind.PHONE),
        ("Ring 070-123 45 67 2 personer", Kind.PHONE),
        ("anna.berg@example.se", Kind.EMAIL),
        ("anna.berg (at) example.se", Kind.EMAIL),
        ("anna.berg\uff20example.se", Kind.EMAIL),
        ("ABC\u00a0123", Kind.NUMBER_PLATE),
        ("ABC 123", Kind.NUMBER_PLATE),
        ("MLB84A", Kind.NUMBER_PLATE),
        ("Skoby Berga 1:2", Kind.PROPERTY),
        ("BERGA 12:30", Kind.PROPERTY),
        ("kv.\u00a0Björnen\u00a012.", Kind.PROPERTY),
        ("kv. Björnen 12.", Kind.PROPERTY),
        ("EXEMPELSTAD BJÖRNEN 11", Kind.PROPERTY),
        ("Storgatan 12", Kind.STREET_ADDRESS),
        ("Storgatan\u00a012", Kind.STREET_ADDRESS),
        ("Storva\u0308gen 12", Kind.STREET_ADDRESS),
        ("storgatan 12b", Kind.STREET_ADDRESS),
        ("Norra vägen 3", Kind.STREET_ADDRESS),
        ("Storg. 12", Kind.STREET_ADDRESS),
        ("59.1955, 17.6253", Kind.COORDINATES),
        ("17,6253 59,1955", Kind.COORDINATES),
        ('{"lat":59.1955,"lon":17.6253}', Kind.COORDINATES),
        ("N 6564772.8 E 649948.7", Kind.COORDINATES),
        ("649948 6564772", Kind.COORDINATES),
        ("6 564 772, 649 948", Kind.COORDINATES),
        ("59\u00ba11'44\"N 17\u00ba37'31\"E", Kind.COORDINATES),
        ("59°11'44\"N 17°37'31\"E", Kind.COORDINATES),
    ],
)
def test_an_identifier_is_found_as_what_it_is(text: str, kind: Kind) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "880320-0017",  # the check digit is wrong
        "881320-0016",  # no such month
        "556036-0794",
        "070-123",
        "0000000000",
        "468123456",  # too short to be told from a count
        "46 gånger 2026",
        "880320\n0016",  # another line is another text
        "880320\u20280016",
        "2026-11-24 14:30",
        "2026-11-24T14:30:00Z",
        "Fredag 12:30",
        "skala 1:500",
        "SFS 2023:196",
        "på gatan 3 gånger",
        "Storgatan",
        "på Storgatan stod 3 bilar",
        "tel 070",
        "abc 123",
        "112 och 114 14",
        "0.123456789",
        "59.1955",
        "E4 norrut, väg 73",
        "1 200 kr",
        "",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert found_in(text) == []


def test_a_hit_says_where_and_never_what() -> None:
    assert found_in("Se 880320-0016.") == [Found(Kind.PERSONAL_NUMBER, 3, 14)]
    assert "0016" not in repr(found_in("Se 880320-0016."))


def test_one_identifier_within_the_digits_of_another_text_is_found() -> None:
    assert Kind.PERSONAL_NUMBER in kinds("id 12 880320-0016 och 556036-0793")
    assert Kind.ORGANISATION_NUMBER in kinds("id 12 880320-0016 och 556036-0793")


def test_only_the_kinds_that_are_asked_for_are_found() -> None:
    text = "Storgatan 12, 070-123 45 67, Berga 1:2, ABC 123"
    assert {one.kind for one in found_in(text, NAME_KINDS)} == {Kind.PHONE}
    assert (
        frozenset(Kind)
        - {
            Kind.STREET_ADDRESS,
            Kind.PROPERTY,
            Kind.NUMBER_PLATE,
        }
        == NAME_KINDS
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("8803200016", Kind.PERSONAL_NUMBER),
        ("kund-880320-0016", Kind.PERSONAL_NUMBER),
        ("kund_880320_0016", Kind.PERSONAL_NUMBER),
        ("5560360793", Kind.ORGANISATION_NUMBER),
        ("0701234567", Kind.PHONE),
        ("070_123_45_67", Kind.PHONE),
        ("storgatan_12", Kind.STREET_ADDRESS),
        ("skade_bjorkvagen3b", Kind.STREET_ADDRESS),
        ("kv_bjornen_12", Kind.PROPERTY),
        ("070-123-45-67", Kind.PHONE),
        ("6564772_649948", Kind.COORDINATES),
    ],
)
def test_a_code_is_read_in_every_form_that_it_could_stand_for(code: str, kind: Kind) -> None:
    assert kind in kinds_in_code(code)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ABC123", Kind.NUMBER_PLATE),
        ("fire_ABC_12D", Kind.NUMBER_PLATE),
        ("Lekplatsen 1", Kind.STREET_ADDRESS),
        ("lekplatsen 1", Kind.STREET_ADDRESS),
        ("berga 1:2", Kind.PROPERTY),
    ],
)
def test_a_text_in_a_codes_place_is_searched_for_everything(text: str, kind: Kind) -> None:
    assert kind in kinds_in_code(text)


ORDINARY = (
    "9998 111 0180 owner fire_outdoors_public grades_low_year9 kind_01 lekplatsen_1 stadsparken_2 "
    "parkplan_1 sporthallen_3 skidbacken_2 torget_1 day365 top100 brf123 rum101 max100 bus_745 "
    "fastighet_typ_2 age_16_24 score0_100 sfs_2023_196 vag_73 e4_norr q_2026_11 zone-12-a year2026"
)


@pytest.mark.parametrize("code", ORDINARY.split())
def test_an_ordinary_code_is_clean(code: str) -> None:
    assert kinds_in_code(code) == frozenset()


def test_few_identifiers_in_messy_writing_are_missed() -> None:
    found = missed(seed=4, count=1000)
    shares = {one.kind: one.at_all / one.written for one in found}
    assert {kind for kind, share in shares.items() if share > MOST_MISSED[kind]} == set()
    assert shares.keys() == set(Kind)
    typeset = {one.kind: one.typeset_missed / one.typeset for one in found}
    assert {kind for kind, share in typeset.items() if share > 2 * MOST_MISSED[kind]} == set()
    assert all(one.typeset > 20 for one in found)


def test_what_may_leave_is_never_hit_and_ids_would_be() -> None:
    hits = {one.what: one.hit for one in mistaken(seed=4, count=1000)}
    looked_at = {what: hit for what, hit in hits.items() if "not looked at" not in what}
    assert len(looked_at) == 6
    assert set(looked_at.values()) == {0}
    assert hits["UUIDs (not looked at)"] > 0
    assert hits["YYYYMMDDHHMM (not looked at)"] > 50
