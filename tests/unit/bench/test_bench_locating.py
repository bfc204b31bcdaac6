"""The measure of locating: places are repeatable, and a wrong answer is found out."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from deploy.bench import messy
from deploy.bench.labelled import Labelled
from deploy.bench.locating import (
    Answer,
    Locate,
    LocatingOptions,
    judged,
    locating,
    made,
    meets_goals,
)
from deploy.municipalities.generate import DEMO
from services.anonymizer.measure.locating import Locating
from shared.language import Language

RIGHT, ELSEWHERE = Answer("101", "address"), Answer("102", "address")
NOWHERE = Answer("999", "rest_address")


def a_place(area: str | None) -> Labelled:
    return Labelled("address", {"address": "Storgatan 1"}, area)


@pytest.mark.parametrize(
    ("area", "answer", "expected"),
    [
        ("101", RIGHT, (1, 0, 0, 1)),
        ("101", NOWHERE, (0, 1, 0, 0)),
        ("101", ELSEWHERE, (0, 0, 1, 1)),
        (None, NOWHERE, (1, 0, 0, 0)),
        (None, RIGHT, (0, 0, 1, 1)),
    ],
)
def test_an_answer_is_right_unknown_or_wrong(
    area: str | None, answer: Answer, expected: tuple[int, int, int, int]
) -> None:
    every, kinds = judged([a_place(area)], [answer])
    assert (every.right, every.unknown, every.wrong, every.located) == expected
    assert kinds["address"].figures() == every.figures()


def test_each_goal_can_be_missed() -> None:
    good = {"right_or_unknown": 0.98, "wrong_area": 0.002, "located_share": 0.9}
    assert meets_goals(good)
    for name, value in (("right_or_unknown", 0.979), ("wrong_area", 0.003), ("located_share", 0.8)):
        assert not meets_goals(good | {name: value})


def test_the_same_seed_makes_the_same_places_and_another_others() -> None:
    first = made(DEMO, seed=5, count=300)
    assert made(DEMO, seed=5, count=300) == first
    assert made(DEMO, seed=6, count=300) != first


def test_the_demo_is_located_as_well_as_was_promised() -> None:
    places = made(DEMO, seed=11, count=5_000)
    found = Locating(DEMO).locate([one.location for one in places])
    every, kinds = judged(places, [Answer(one.area, one.placement.value) for one in found])
    assert meets_goals(every.figures())
    assert len(kinds) > 40
    assert all(tally.wrong == 0 for kind, tally in kinds.items() if kind.startswith("point"))


def test_the_truth_knows_what_nobody_can_know() -> None:
    places = made(DEMO, seed=11, count=5_000)
    nowhere = Counter(one.kind for one in places if one.area is None)
    assert {"address_unknown_street", "object_unknown", "point_outside"} <= set(nowhere)
    assert 0.04 < nowhere.total() / len(places) < 0.12


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


def test_no_places_are_wrong_use_and_not_a_crash(capsys: pytest.CaptureFixture[str]) -> None:
    def nobody(_folder: Path) -> Locate:
        raise AssertionError("nothing is located")

    assert (
        locating(LocatingOptions(seed=1, places=0, json=False, language=Language.EN), nobody) == 2
    )
    assert capsys.readouterr().err == "--places is at least 1.\n"
