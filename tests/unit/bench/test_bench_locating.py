"""The measure of locating: places are repeatable, and a wrong answer is found out."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from deploy.bench import messy, messy_phrases, ordinary_names
from deploy.bench.known import NOBODY_KNOWS, Truth, arguable, owed
from deploy.bench.labelled import Labelled
from deploy.bench.locating import (
    AS_IT_IS,
    HARDER,
    Judged,
    Locate,
    LocatingOptions,
    as_it_is,
    figures,
    locating,
    made_harder,
)
from deploy.bench.locating_score import Answer, Tally, meets_goals
from deploy.bench.messy_addresses import MessyAddresses
from deploy.bench.messy_pairs import MessyPairs
from deploy.bench.other_towns import OtherTowns
from deploy.bench.recut import harder
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Location, Whereabouts
from deploy.municipalities.generate import DEMO
from services.anonymizer.measure.locating import Locating
from shared.language import Language
from shared.pack import load_pack
from shared.pack.geometry import load_polygons
from shared.pack.registers import Registers, Row, load_registers

RIGHT = Answer("101", "address", "good")
ELSEWHERE = Answer("102", "address", "good")
SURELY_ELSEWHERE = Answer("102", "address", "exact")
NOWHERE = Answer("999", "rest_address", "none")
OUTSIDE = Answer("999", "rest_outside", "none")
NO_LOCATION = Answer("999", "rest_no_location", "none")
COUNTS = ("right", "unknown", "not_honest", "wrong", "wrong_exact", "located", "locatable")


def a_place(truth: Truth, kind: str = "address_typo") -> Labelled:
    return Labelled(kind, {"address": "Storgatan 1"}, truth)


@pytest.mark.parametrize(
    ("truth", "answer", "expected"),
    [
        (owed("101"), RIGHT, (1, 0, 0, 0, 0, 1, 1)),
        (owed("101"), NOWHERE, (0, 1, 0, 0, 0, 0, 1)),
        (owed("101"), ELSEWHERE, (0, 0, 0, 1, 0, 1, 1)),
        (owed("101"), SURELY_ELSEWHERE, (0, 0, 0, 1, 1, 1, 1)),
        (owed("101"), OUTSIDE, (0, 1, 1, 0, 0, 0, 1)),
        (owed("101"), NO_LOCATION, (0, 1, 1, 0, 0, 0, 1)),
        (arguable("101"), RIGHT, (1, 0, 0, 0, 0, 1, 0)),
        (arguable("101"), NOWHERE, (0, 1, 0, 0, 0, 0, 0)),
        (arguable("101"), ELSEWHERE, (0, 0, 0, 1, 0, 1, 0)),
        (arguable("101"), OUTSIDE, (0, 1, 1, 0, 0, 0, 0)),
        (NOBODY_KNOWS, NOWHERE, (1, 0, 0, 0, 0, 0, 0)),
        (NOBODY_KNOWS, OUTSIDE, (1, 0, 0, 0, 0, 0, 0)),
        (NOBODY_KNOWS, NO_LOCATION, (0, 1, 1, 0, 0, 0, 0)),
        (NOBODY_KNOWS, ELSEWHERE, (0, 0, 0, 1, 0, 1, 0)),
        (NOBODY_KNOWS, SURELY_ELSEWHERE, (0, 0, 0, 1, 1, 1, 0)),
    ],
)
def test_an_answer_is_right_honestly_unknown_or_neither(
    truth: Truth, answer: Answer, expected: tuple[int, ...]
) -> None:
    tally = Tally.of([(a_place(truth), answer)])
    assert tuple(getattr(tally, name) for name in COUNTS) == expected


@pytest.mark.parametrize("kind", ["address", "object", "property", "point_tm"])
def test_what_stands_in_the_register_as_written_is_never_honestly_unknown(kind: str) -> None:
    assert Tally.of([(a_place(owed("101"), kind), NOWHERE)]).not_honest == 1


def test_right_or_unknown_is_more_than_the_absence_of_wrong_areas() -> None:
    lies = Tally.of([(a_place(owed("101")), RIGHT)] * 96 + [(a_place(owed("101")), OUTSIDE)] * 4)
    told = lies.figures()
    assert (told["wrong_area"], told["located_of_locatable"]) == (0, 0.96)
    assert told["right_or_unknown"] == 0.96
    assert not meets_goals(told)


def test_located_is_asked_of_what_a_person_could_locate() -> None:
    places = [(a_place(owed("101")), RIGHT)] * 9 + [(a_place(owed("101")), NOWHERE)]
    nobodys = [(a_place(NOBODY_KNOWS), NOWHERE)] * 90
    assert meets_goals(Tally.of([*places, *nobodys]).figures())
    assert not meets_goals(Tally.of([*places[1:], *nobodys]).figures())


def test_each_goal_can_be_missed() -> None:
    good = {"right_or_unknown": 0.98, "wrong_area": 0.002, "located_of_locatable": 0.9}
    assert meets_goals(good)
    for name, value in (
        ("right_or_unknown", 0.979),
        ("wrong_area", 0.003),
        ("located_of_locatable", 0.89),
    ):
        assert not meets_goals(good | {name: value})


def test_both_registers_must_meet_the_goals_and_both_are_told() -> None:
    good = Judged([a_place(owed("101"))] * 5, [RIGHT] * 5, 0.001)
    bad = Judged([a_place(owed("101"))] * 3, [ELSEWHERE] * 3, 0.001)
    assert figures(1, {AS_IT_IS: good, HARDER: good})["ok"] is True
    told = figures(1, {AS_IT_IS: good, HARDER: bad})
    assert (told["ok"], told["places"], told["right"], told["wrong"]) == (False, 8, 5, 3)
    registers = told["by_register"]
    assert isinstance(registers, dict)
    assert [(name, one["ok"], one["places"]) for name, one in registers.items()] == [
        (AS_IT_IS, True, 5),
        (HARDER, False, 3),
    ]


def nowhere(_folder: Path) -> Locate:
    return lambda places: [NOWHERE] * len(places)


def places_of(register: str, seed: int = 11, count: int = 5_000) -> Sequence[Labelled]:
    made = as_it_is if register == AS_IT_IS else made_harder
    return made(DEMO, nowhere, seed=seed, count=count).labelled


@pytest.fixture(scope="module")
def of_demo() -> Sequence[Labelled]:
    return places_of(AS_IT_IS)


@pytest.fixture(scope="module")
def of_harder() -> Sequence[Labelled]:
    return places_of(HARDER)


@pytest.mark.parametrize("register", [AS_IT_IS, HARDER])
def test_the_same_seed_makes_the_same_places_and_another_others(register: str) -> None:
    first = places_of(register, 5, 300)
    assert places_of(register, 5, 300) == first
    assert places_of(register, 6, 300) != first


@pytest.mark.parametrize("made", [as_it_is, made_harder])
def test_the_demo_is_located_as_well_as_was_promised(made: Callable[..., Judged]) -> None:
    def locator_of(folder: Path) -> Locate:
        locate = Locating(folder).locate
        return lambda places: [
            Answer(one.area, one.placement.value, one.confidence.value) for one in locate(places)
        ]

    judged = made(DEMO, locator_of, seed=11, count=4_000)
    assert meets_goals(judged.tally().figures())
    assert all(
        tally.wrong == 0 for kind, tally in judged.by_kind().items() if kind.startswith("point")
    )


NEVER_KNOWN = {
    "address_elsewhere",
    "address_here_and_elsewhere",
    "denied",
    "earlier_place",
    "far_or_towards",
    "firm",
    "object_elsewhere",
    "object_unknown",
    "outside_of_district",
    "person",
    "place_qualified",
    "point_nonsense",
    "point_other_zone",
    "point_outside",
    "property_elsewhere",
    "property_ordinary_quarter",
    "property_qualified",
    "property_unknown",
    "qualified_street",
}
ALWAYS_OWED = {
    "address",
    "address_ascii",
    "address_other_order",
    "denied_and_corrected",
    "direction",
    "earlier_and_now",
    "firm_at_house",
    "names_agree",
    "number_beside_house",
    "number_corrected",
    "object",
    "one_thing_after_house",
    "person_at_house",
    "phrase_at",
    "phrase_near",
    "place",
    "point_degrees",
    "property",
    "road_with_place",
    "road_with_place_direction",
}
SOMETIMES_KNOWN = {
    "between_houses",
    "between_places",
    "between_streets",
    "object_and_locality",
    "outside_of_place",
    "place_and_locality",
    "property_and_locality",
    "property_two_units",
    "road_around_place",
}


def test_the_truth_knows_what_nobody_can_know(
    of_demo: Sequence[Labelled], of_harder: Sequence[Labelled]
) -> None:
    for places in (of_demo, of_harder):
        known: dict[str, set[bool]] = {}
        for one in places:
            known.setdefault(one.kind, set()).add(one.truth.area is not None)
        assert {kind for kind in known if known[kind] == {False}} >= NEVER_KNOWN
        assert all(one.truth.is_owed for one in places if one.kind in ALWAYS_OWED)
        assert not any(one.truth.is_owed for one in places if one.kind == "address_ordinary_street")


def test_two_names_or_numbers_agree_in_some_texts_and_not_in_others(
    of_demo: Sequence[Labelled], of_harder: Sequence[Labelled]
) -> None:
    for kind in SOMETIMES_KNOWN:
        places = [one for one in (*of_demo, *of_harder) if one.kind == kind]
        assert {one.truth.area is not None for one in places} == {True, False}


def test_a_contradiction_is_owed_to_nobody_and_has_an_area_only_next_door(
    of_demo: Sequence[Labelled],
) -> None:
    pack = load_pack(DEMO)
    whereabouts = Whereabouts(pack, load_polygons(pack))
    points = {row[0]: whereabouts.area_of_row(row) for row in load_registers(DEMO).objects}
    places = [one for one in of_demo if one.kind == "names_contradict"]
    assert not any(one.truth.is_owed for one in places)
    assert sum(one.truth == NOBODY_KNOWS for one in places) > 0.8 * len(places)
    for one in places:
        text = " ".join(str(value) for value in one.location.values())
        named = [area for name, area in points.items() if name in text and area is not None]
        if one.truth.area is not None and named:
            assert whereabouts.adjoin(one.truth.area, named[0])
        if named and not any(letter.isdigit() for letter in text):
            assert one.truth == NOBODY_KNOWS


def test_in_the_harder_register_a_street_or_a_number_does_not_always_tell_the_area(
    of_demo: Sequence[Labelled], of_harder: Sequence[Labelled]
) -> None:
    for kind in (
        "address_no_number",
        "number_no_house",
        "number_range",
        "two_numbers",
    ):
        assert all(one.truth.is_owed for one in of_demo if one.kind == kind)
        assert {one.truth.is_owed for one in of_harder if one.kind == kind} == {True, False}
    held_out = [one.truth for one in of_harder if one.kind == "address_held_out"]
    assert NOBODY_KNOWS in held_out
    assert sum(truth.is_owed for truth in held_out) > len(held_out) / 2
    assert "address_held_out" not in {one.kind for one in of_demo}


def test_the_way_somebody_drove_says_nothing_of_where_on_a_long_road_it_was(
    of_demo: Sequence[Labelled],
) -> None:
    places = [one for one in of_demo if one.kind == "road_direction"]
    long = [one for one in places if "99" in str(one.location["address"]).split("1998")[0]]
    assert {one.truth for one in long} == {NOBODY_KNOWS}
    assert any(one.truth.is_owed for one in places)


def small(*rows: Row) -> RegisterHouses:
    pack = load_pack(DEMO)
    whereabouts = Whereabouts(pack, load_polygons(pack))
    return RegisterHouses(pack, Registers(addresses=rows), whereabouts, Random(1))


def test_a_locality_without_the_street_does_not_agree_with_it() -> None:
    row = next(iter(load_registers(DEMO).addresses))
    houses = small((*row[:3], "Norrby", *row[4:]), ("Annangatan", "1", "", "Söderby", *row[4:]))
    _, agree = dict(MessyPairs(houses, Random(1)).kinds())["names_agree"]
    made = [(str(next(iter(at.values()))), truth) for at, truth in (agree() for _ in range(300))]
    assert all(truth.is_owed for _, truth in made)
    assert not [text for text, _ in made if row[0] in text and "Söderby" in text]
    assert [text for text, _ in made if row[0] in text and "Norrby" in text]


def test_a_house_that_the_register_lacks_is_never_said_to_lie_where_it_does_not(
    of_harder: Sequence[Labelled],
) -> None:
    pack = load_pack(DEMO)
    whereabouts = Whereabouts(pack, load_polygons(pack))
    made = harder(pack, load_registers(DEMO), whereabouts, Random(f"{HARDER} 11"))
    real = {
        (f"{street} {number}{letter}", locality): whereabouts.area_of_row(row)
        for row in made.held_out
        for street, number, letter, locality, *_ in [row]
    }
    places = [one for one in of_harder if one.kind == "address_held_out"]
    for one in places:
        text = str(one.location["address"])
        (area,) = [
            area
            for (house, locality), area in real.items()
            if re.match(rf"{house}\b(?! ?[B-Z]\b)", text) and locality in text
        ]
        assert one.truth.area in (area, None)
    assert places


def test_a_slip_that_makes_a_street_of_other_towns_leaves_nobody_knowing() -> None:
    (row,) = [one for one in load_registers(DEMO).addresses if one[:2] == ("Skolvägen", "1")]
    houses, rng = small(row), Random(1)
    others = OtherTowns(load_pack(DEMO), Registers(), rng)
    addresses = MessyAddresses(houses, others, rng)
    _, slip = dict(addresses.kinds())["address_typo"]
    made = [slip() for _ in range(2_000)]
    truths = {str(at["address"]).split(" ", 1)[0]: truth for at, truth in made}
    assert truths["Solvägen"] == NOBODY_KNOWS
    assert truths["Skolvgen"] == owed(houses.any().area)


def test_the_names_and_phrases_are_many_and_each_of_them_once() -> None:
    streets = ordinary_names.streets()
    beside = (*messy_phrases.AT, *messy_phrases.NEAR)
    assert len(streets) >= 200
    assert len(beside) >= 80
    for every in (streets, ordinary_names.QUARTERS, beside, messy_phrases.DIRECTIONS):
        assert len(set(every)) == len(every)
    assert all(one.count("{a}") == 1 for one in (*beside, *messy_phrases.BESIDE_A_HOUSE))


def test_an_ordinary_street_is_none_of_ours(of_demo: Sequence[Labelled]) -> None:
    ours = {line.split(",", 1)[0] for line in (DEMO / "addresses.csv").read_text().splitlines()}
    for one in of_demo:
        if one.kind == "address_ordinary_street":
            street = str(one.location["address"]).split(" ", 1)[0]
            assert street not in ours


@pytest.mark.parametrize(
    "spoil",
    [
        messy.typo,
        messy.cased,
        messy.hyphened,
        messy.abbreviated,
        messy.in_ascii,
        messy.misread,
        messy.lost,
        messy.decomposed,
        messy.with_home,
        messy.with_person,
        messy.with_words,
    ],
    ids=lambda one: one.__name__,
)
def test_every_distortion_changes_something(spoil: messy.Spoil) -> None:
    rng = Random(3)
    text = "Björkvägen 12 B, Ängbacken"
    assert {spoil(text, rng) for _ in range(20)} != {text}
    assert isinstance(spoil("", rng), str)


def options(places: int, *, json: bool = True) -> LocatingOptions:
    return LocatingOptions(seed=1, places=places, json=json, language=Language.EN)


def test_the_exit_code_says_whether_the_goals_are_met(capsys: pytest.CaptureFixture[str]) -> None:
    truths: dict[str, Truth] = {}

    def remembers(_folder: Path) -> Locate:
        return lambda places: [perfect(one) for one in places]

    def perfect(location: Location) -> Answer:
        truth = truths.get(json.dumps(location, sort_keys=True), NOBODY_KNOWS)
        return NOWHERE if truth.area is None else Answer(truth.area, "address", "exact")

    for made in (as_it_is, made_harder):
        for one in made(DEMO, nowhere, seed=1, count=100).labelled:
            truths[json.dumps(one.location, sort_keys=True)] = one.truth
    assert locating(options(200), remembers) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert locating(options(200), nowhere) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_a_person_reads_how_each_register_fared(capsys: pytest.CaptureFixture[str]) -> None:
    assert locating(options(200, json=False), nowhere) == 1
    told = capsys.readouterr().out
    assert "The pack as it is: 100 places" in told
    assert "The harder register: 100 places" in told
    assert told.count("(at most 0.002)") == 2


@pytest.mark.parametrize("places", [0, 1])
def test_too_few_places_are_wrong_use_and_not_a_crash(
    places: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody(_folder: Path) -> Locate:
        raise AssertionError("nothing is located")

    assert locating(options(places), nobody) == 2
    assert capsys.readouterr().err == "--places is at least 2.\n"
