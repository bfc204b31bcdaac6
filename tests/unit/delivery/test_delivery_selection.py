"""Questions and requests: every mistake at once, by its place, without what was written."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.domain.endpoint import networks
from services.delivery.domain.mistake import Mistaken
from services.delivery.domain.request import decision_of, subscription_of
from services.delivery.domain.selection import Selection, Wanted, mistakes_of, selected
from services.delivery.domain.subscription import STEPS, Act, Decision, State
from shared.windows import Window
from tests.support.delivery import a_pack

PACK = a_pack()
LOOPBACK = networks(["127.0.0.0/8"])
NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # already the 24th in Stockholm


def wanted(**changed: Any) -> dict[str, Any]:
    body = {
        "name": "Vår bild",
        "indicators": ["bins"],
        "level": 3,
        "windows": ["1h"],
        "every_s": 60,
        "channel": {"type": "webhook", "url": "https://host.se/x"},
    }
    return {name: value for name, value in (body | changed).items() if value is not ...}


def mistakes(body: dict[str, Any] | str) -> set[tuple[str, str]]:
    text = body if isinstance(body, str) else json.dumps(body)
    with pytest.raises(Mistaken) as caught:
        subscription_of(text.encode(), PACK, LOOPBACK)
    return {(one.field, one.code) for one in caught.value.mistakes}


def asked(**wish: Any) -> set[tuple[str, str]]:
    given_ = Wanted(**{"indicators": None, "areas": None, "level": None, "windows": None} | wish)
    return {(one.field, one.code) for one in mistakes_of(PACK, given_)}


def test_what_is_left_out_is_everything_that_is_counted_from_events() -> None:
    assert selected(PACK, Wanted(None, None, None, None)) == Selection(
        ("bins", "houses", "people", "special"), None, 3, tuple(Window)
    )


def test_codes_are_sorted_and_each_is_there_once() -> None:
    wish = Wanted(["houses", "bins", "bins"], ["20", "11", "20"], None, ["24h", "1h", "24h"])
    assert selected(PACK, wish) == Selection(
        ("bins", "houses"), ("11", "20"), 2, (Window.H1, Window.H24)
    )


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ({"indicators": ["bins", "x"]}, {("indicators[1]", "unknown_code")}),
        ({"indicators": ["grades"]}, {("indicators[0]", "not_an_event")}),
        ({"areas": ["101", "x"]}, {("areas[1]", "unknown_code")}),
        ({"areas": ["101", "11"]}, {("areas[1]", "mixed_levels")}),
        (
            {"areas": ["x", "11", "101"]},
            {("areas[0]", "unknown_code"), ("areas[2]", "mixed_levels")},
        ),
        ({"areas": ["101"], "level": 2}, {("areas[0]", "not_of_level")}),
        ({"level": 0}, {("level", "out_of_range")}),
        ({"level": 4}, {("level", "out_of_range")}),
        ({"windows": ["1h", "1H"]}, {("windows[1]", "unknown_code")}),
        ({"areas": ["999"]}, set()),
        ({"areas": ["11"], "level": 2}, set()),
    ],
)
def test_a_wish_that_the_pack_has_not_is_named(
    wish: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    assert asked(**wish) == found


@given(st.lists(st.text("qxzQXZ0123456789-", min_size=6), min_size=1, max_size=4))
def test_no_text_repeats_what_was_asked_for(codes: list[str]) -> None:
    found = mistakes_of(PACK, Wanted(codes, codes, None, codes))
    assert len(found) == 3 * len(codes)
    for one in found:
        assert not any(code in one.message.sv + one.message.en for code in codes)


def test_a_request_without_mistakes_is_a_selection() -> None:
    body = json.dumps(wanted(level=..., areas=["11"])).encode()
    _, found = subscription_of(body, PACK, LOOPBACK)
    assert found == Selection(("bins",), ("11",), 2, (Window.H1,))


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"name": ...}, ("name", "missing")),
        ({"name": "  "}, ("name", "out_of_range")),
        ({"name": "x" * 101}, ("name", "out_of_range")),
        ({"name": "a\x00b"}, ("name", "wrong_type")),
        ({"name": 5}, ("name", "wrong_type")),
        ({"indicators": []}, ("indicators", "out_of_range")),
        ({"indicators": "bins"}, ("indicators", "wrong_type")),
        ({"indicators": ["bins", 5]}, ("indicators[1]", "wrong_type")),
        ({"areas": [], "level": ...}, ("areas", "out_of_range")),
        ({"areas": ["101"]}, ("level", "two_ways")),
        ({"level": "3"}, ("level", "wrong_type")),
        ({"level": True}, ("level", "wrong_type")),
        ({"windows": []}, ("windows", "out_of_range")),
        ({"windows": ...}, ("windows", "missing")),
        ({"every_s": 4}, ("every_s", "out_of_range")),
        ({"every_s": 5.5}, ("every_s", "wrong_type")),
        ({"every_s": 10**30}, ("every_s", "out_of_range")),
        ({"channel": {"type": "fax", "url": "https://host.se"}}, ("channel.type", "unknown_code")),
        ({"channel": {"type": "webhook"}}, ("channel.url", "missing")),
        ({"channel": "x"}, ("channel", "wrong_type")),
        ({"CANARYFIELD": 1}, ("", "unknown_field")),
        (
            {"channel": {"type": "webhook", "url": "https://host.se/", "CANARYFIELD": 1}},
            ("", "unknown_field"),
        ),
        (
            {"channel": {"type": "webhook", "url": "http://10.0.0.1/"}},
            ("channel.url", "url_address"),
        ),
    ],
)
def test_a_request_that_is_wrong_says_where_and_how(
    changed: dict[str, Any], found: tuple[str, str]
) -> None:
    assert mistakes(wanted(**changed)) == {found}


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"name": "\\ud800"}', '"x"'])
def test_a_body_that_is_no_object_is_one_mistake(body: str) -> None:
    assert ("body", "wrong_type") in mistakes(body)


def test_every_mistake_is_told_at_once() -> None:
    body = wanted(
        every_s=1,
        areas=5,
        indicators=["x"],
        windows=["x"],
        channel={"type": "webhook", "url": "ftp://a@b.se/#c"},
    )
    assert mistakes(body) == {
        ("every_s", "out_of_range"),
        ("areas", "wrong_type"),
        ("indicators[0]", "unknown_code"),
        ("windows[0]", "unknown_code"),
        ("channel.url", "url_scheme"),
        ("channel.url", "url_credentials"),
        ("channel.url", "url_fragment"),
    }


def decided(body: dict[str, Any]) -> Decision:
    return decision_of(json.dumps(body).encode(), now=NOW)


def test_a_decision_has_a_motive() -> None:
    assert decided({"motive": " Avtal 7 "}) == Decision("Avtal 7")
    for body in ({}, {"motive": ""}, {"motive": " \n"}, {"motive": None}):
        with pytest.raises(Mistaken):
            decided(body)


def test_an_approval_ends_at_midnight_after_its_last_day_in_stockholm() -> None:
    found = decided({"motive": "x", "until": "2027-06-30"})
    assert found.until_at == datetime(2027, 6, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize("until", ["2026-11-23", "2226-01-01", "x", 5, "2026-11-24T00:00:00Z"])
def test_a_last_day_that_has_passed_or_is_no_day_is_refused(until: Any) -> None:
    with pytest.raises(Mistaken) as caught:
        decided({"motive": "x", "until": until})
    assert [one.field for one in caught.value.mistakes] == ["until"]


def test_today_in_stockholm_may_be_the_last_day() -> None:
    found = decided({"motive": "x", "until": "2026-11-24"}).until_at
    assert found is not None
    assert found - NOW == timedelta(hours=23, minutes=30)


def test_nothing_follows_from_a_refusal_or_an_end() -> None:
    starts = {state for step in STEPS.values() for state in step.before}
    assert starts == {State.REQUESTED, State.APPROVED, State.DISABLED}
    assert STEPS[Act.APPROVE].before == (State.REQUESTED,)
