"""A leak that is planted in the event is found, wherever it stands and whatever it is made of."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tracing import walk as walking
from services.tracing.given import fields_of
from services.tracing.leaks import Expected, leaks_in
from services.tracing.writing import written
from shared.messages.codec import encode
from tests.unit.tracing.walking import a_report, event_of, ground, question, walk_of

WALK = walk_of(a_report())
EVENT = event_of(WALK)
WORDS = st.text(st.characters(categories=("L", "N")), min_size=4, max_size=20)


def found_in(event: dict[str, Any], report: dict[str, Any]) -> list[tuple[str, str | None]]:
    expected = Expected(ground().pack, UUID(EVENT["event_id"]), 1, fields_of(report))
    wire = json.dumps(event, ensure_ascii=False).encode(errors="surrogatepass")
    return [(one.field, one.of) for one in leaks_in(wire, expected)]


def test_the_event_as_it_is_has_none() -> None:
    assert found_in(EVENT, a_report()) == []


@given(word=WORDS, where=st.sampled_from((*sorted(EVENT), "text", "street")), around=st.booleans())
def test_a_word_of_the_report_in_any_part_is_found_and_its_field_named(
    word: str, where: str, around: bool
) -> None:
    report = a_report(id="12", text=f"se {word} här", extra=None)
    planted = f"x-{word}-x" if around else word
    leaks = found_in({**EVENT, where: planted}, report)
    name = where if where in EVENT else "?1"
    assert (name, "text") in leaks


@given(word=WORDS)
def test_a_name_of_the_senders_own_that_becomes_a_field_is_found(word: str) -> None:
    assert ("?1", "extra") in found_in(
        {**EVENT, f"x{word}": 1}, a_report(extra={word: 1}, text=None)
    )


def test_a_name_of_a_field_that_a_withdrawal_passes_over_is_a_word_of_the_report() -> None:
    report = {"id": "12", "version": 2, "withdrawn": True, "Bengtsson": 1}
    assert found_in({**EVENT, "area": "Bengtsson"}, report) == [("area", "?1")]


@pytest.mark.parametrize(
    ("where", "value", "of"),
    [
        ("occurred_at", "2026-11-28T06:42:00Z", "occurred_at"),  # the minute of an S2 event
        ("occurred_at", "2026-11-28T07:42:31+01:00", "occurred_at"),
        ("area", "1114567", "location.nyko"),
        ("area", "Storgatan 12", "text"),
        ("indicator", "Bengt", "text"),
        ("municipality", "anna@example.se", "extra"),
        ("placement", "59.20417,17.10233", "text"),
        ("version", 7, None),
        ("version", "0709988776", "text"),
        ("confirmed", "K1234567-26", "id"),
        ("event_id", "68d8bedf-3428-4fd9-9508-2ce7b7355246", None),
        ("incident_id", "850412-1234", "text"),
        ("incident_id", "00000000-0000-0000-0000-008504121234", "text"),
    ],
)
def test_a_part_that_does_not_prove_itself_is_a_leak(
    where: str, value: Any, of: str | None
) -> None:
    text = "Bengt, Storgatan 12, 59.20417,17.10233, tel 070-998 87 76, 850412-1234, 008504121234"
    report = a_report(location={"nyko": "1114567"}, text=text)
    assert (where, of) in found_in({**EVENT, where: value}, report)


def test_an_s3_area_finer_than_its_class_is_a_leak() -> None:
    event = {**EVENT, "indicator": "obstructing_justice", "occurred_at": "2026-11-27T23:00:00Z"}
    assert found_in({**event, "area": "11"}, a_report()) == []
    assert found_in({**event, "area": "111"}, a_report()) == [("area", None)]


def test_a_version_like_a_persons_number_is_a_leak() -> None:
    walk = walk_of(a_report(version=8803200016))
    assert [(one.field, one.of) for one in walk.leaks] == [("version", "version")]
    assert not walk.ok


@pytest.mark.parametrize("version", [1, 12, 4711, 1_764_323_400, 2**53])
def test_a_count_or_this_years_seconds_as_a_version_are_no_leak(version: int) -> None:
    assert walk_of(a_report(version=version)).leaks == ()


def test_a_broken_event_is_told_and_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(event: Any) -> bytes:
        return json.dumps({**json.loads(encode(event)), "note": "Bengt"}).encode()

    monkeypatch.setattr(walking, "encode", broken)
    walk = walk_of(a_report())
    assert [one.as_json() for one in walk.leaks] == [{"field": "?1", "of": "text"}]
    assert not walk.ok
    assert "LEAK" in written(walk, question())


@settings(max_examples=40)
@given(text=WORDS, extra=st.dictionaries(WORDS, WORDS | st.floats() | st.booleans(), max_size=3))
def test_whatever_is_written_the_real_event_has_nothing_of_it(
    text: str, extra: dict[str, Any]
) -> None:
    walk = walk_of(a_report(text=text, extra=extra))
    assert walk.leaks == ()
