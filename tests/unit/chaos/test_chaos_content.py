"""What a version says depends on its number and version alone."""

import json
from datetime import datetime, timedelta

from deploy.chaos.content import Content, minutes_ago, own_id
from tests.unit.chaos.scene import BEGAN, SCENERY

CONTENT = Content(SCENERY)
NUMBERS = range(400)


def test_a_resend_is_equal_byte_for_byte() -> None:
    assert [CONTENT.row(number, 2) for number in NUMBERS] == [
        Content(SCENERY).row(number, 2) for number in NUMBERS
    ]


def test_the_truth_is_what_the_row_says() -> None:
    for number in NUMBERS:
        row, said = json.loads(CONTENT.row(number, 1)), CONTENT.said(number, 1)
        assert said is not None
        assert row["id"] == own_id(SCENERY.seed, number)
        assert row["indicator"] == said.indicator
        assert row.get("location", {}).get("nyko", "999") == said.area
        at = datetime.fromisoformat(row["occurred_at"])
        assert at.timestamp() // 60 == said.minute


def test_only_later_versions_withdraw_and_some_of_them_do() -> None:
    assert all(CONTENT.said(number, 1) for number in NUMBERS)
    withdrawn = [number for number in NUMBERS if CONTENT.said(number, 2) is None]
    assert 0.2 < len(withdrawn) / len(NUMBERS) < 0.4
    assert all(json.loads(CONTENT.row(number, 2))["withdrawn"] for number in withdrawn)


def test_a_correction_mostly_says_something_else() -> None:
    same = [number for number in NUMBERS if CONTENT.said(number, 1) == CONTENT.said(number, 2)]
    assert len(same) < len(NUMBERS) / 50


def test_every_actor_says_only_its_own_codes() -> None:
    for number in NUMBERS:
        said = CONTENT.said(number, 1)
        assert said is not None
        assert said.indicator in tuple(SCENERY.codes.values())[number % 2]


def test_nothing_lies_ahead_and_some_of_it_lies_weeks_back() -> None:
    rows = [json.loads(CONTENT.row(number, 1)) for number in NUMBERS]
    ages = [BEGAN - datetime.fromisoformat(row["occurred_at"]) for row in rows]
    assert min(ages) > -timedelta(minutes=1)
    assert max(ages) > timedelta(days=14)
    assert sorted(ages)[len(ages) // 2] < timedelta(hours=2)


def test_an_age_is_never_negative() -> None:
    assert all(minutes_ago(bits) >= 0 for bits in range(1000))
