"""The verdict: every single thing that may go wrong makes it no."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.demo.audit import Findings, compared
from deploy.demo.draft import Telling
from deploy.demo.receiver import Agreed, Fault, Inbox, Push, PushedCell
from deploy.demo.tally import Sent, Tally
from deploy.demo.truth import Cell, Coarse, Truth, Width
from deploy.demo.verdict import Summary, push_problems, report_problems, wrong_numbers
from shared.language import Language, Text

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOOD = Findings(events_counted=2, events_true=2, events_wrong=0, cells_checked=6, cells_wrong=0)
CELL = Cell("minute", "arson", NOW, "111")
AGREED = Agreed(
    subscriber="fire",
    subscription="3f0c",
    secret="whsec_c2VjcmV0",
    indicators=frozenset({"arson", "robbery"}),
    windows=frozenset({"15m", "1h"}),
    withheld=frozenset({"robbery"}),
)


def a_tally() -> Tally:
    return Tally(sent={"fire": Sent(accepted=3, rejected=1)})


def a_truth(minutes_ago: int = 20) -> Truth:
    truth = Truth({"arson": Coarse(Width.MINUTE, 3), "robbery": Coarse(Width.HOUR, 3)})
    when = NOW - timedelta(minutes=minutes_ago)
    truth.accept(Telling("police", "1", 1, "arson", when, "111"))
    truth.accept(Telling("police", "2", 1, "robbery", when, "111"))
    return truth


def a_push(*cells: PushedCell, as_of: datetime = NOW) -> Push:
    return Push("fire", NOW, seq=1, due_at=as_of, as_of=as_of, cells=cells)


def an_inbox(*pushes: Push) -> Inbox:
    inbox = Inbox(AGREED)
    for push in pushes:
        inbox.recent.append(push)
        inbox.total += 1
        inbox.verified += push.fault is None
        inbox.faults |= {push.fault} if push.fault else set()
    return inbox


RIGHT = a_push(PushedCell("111", "arson", "1h", 1, 1))


def test_a_good_run_has_no_problems() -> None:
    assert list(report_problems(a_tally(), GOOD, drained=True)) == []
    assert list(push_problems(an_inbox(RIGHT), a_truth(), composed_after=NOW)) == []
    assert GOOD.ok


@pytest.mark.parametrize(
    "change",
    [{"misjudged": 1}, {"unexpected": Counter({500: 1})}, {"sent": {"fire": Sent(rejected=1)}}],
)
def test_a_wrong_answer_of_ingest_is_a_problem(change: dict[str, Any]) -> None:
    assert len(list(report_problems(replace(a_tally(), **change), GOOD, drained=True))) == 1


@pytest.mark.parametrize("change", [{"cells_wrong": 1}, {"events_wrong": 1}, {"events_counted": 1}])
def test_a_wrong_count_is_a_problem(change: dict[str, Any]) -> None:
    findings = replace(GOOD, **change)
    assert not findings.ok
    assert len(list(report_problems(a_tally(), findings, drained=True))) == 1


def test_what_is_never_counted_is_a_problem() -> None:
    assert len(list(report_problems(a_tally(), GOOD, drained=False))) == 1


@pytest.mark.parametrize(
    "inbox",
    [
        an_inbox(),
        an_inbox(RIGHT, Push("fire", NOW, Fault.SIGNATURE)),
        an_inbox(a_push()),
        an_inbox(a_push(PushedCell("111", "arson", "1h", 2, 2))),
        an_inbox(a_push(*RIGHT.cells, as_of=NOW - timedelta(seconds=1))),
    ],
    ids=["none", "unsigned", "missing number", "wrong number", "no final view"],
)
def test_a_push_that_is_missing_or_wrong_is_a_problem(inbox: Inbox) -> None:
    assert list(push_problems(inbox, a_truth(), composed_after=NOW))


def test_a_view_is_compared_with_the_windows_at_its_own_instant() -> None:
    later = NOW + timedelta(minutes=41)
    assert wrong_numbers(RIGHT, AGREED, a_truth()) == 0
    assert wrong_numbers(replace(RIGHT, as_of=later), AGREED, a_truth()) == 1
    assert wrong_numbers(a_push(as_of=later), AGREED, a_truth()) == 0
    both = tuple(PushedCell("111", "arson", window, 1, 1) for window in ("15m", "1h"))
    assert wrong_numbers(a_push(*both), AGREED, a_truth(minutes_ago=15)) == 0


def test_a_cell_is_wrong_when_either_side_lacks_it() -> None:
    assert compared({CELL: 1}, {CELL: 1}) == (1, 0)
    assert compared({CELL: 1}, {}) == (1, 1)
    assert compared({}, {CELL: 1}) == (1, 1)
    assert compared({CELL: 1}, {CELL: 2}) == (1, 1)


def a_summary(*problems: Text) -> Summary:
    return Summary(
        reports_accepted=3,
        reports_rejected=1,
        findings=GOOD,
        pushes=2,
        pushes_verified=2,
        first_push_s=7.5,
        p50_ms=8.0,
        p99_ms=40.0,
        problems=problems,
    )


def test_the_json_has_the_keys_of_the_contract() -> None:
    assert a_summary().as_json() == {
        "ok": True,
        "reports_accepted": 3,
        "reports_rejected": 1,
        "events_counted": 2,
        "cells_checked": 6,
        "cells_wrong": 0,
        "pushes": 2,
        "pushes_verified": 2,
        "first_push_s": 7.5,
        "latency_ms": {"p50": 8.0, "p99": 40.0},
    }


@pytest.mark.parametrize("language", list(Language))
def test_the_text_says_whether_all_is_well(language: Language) -> None:
    assert a_summary().as_text(language).startswith("✔")
    assert a_summary(Text("Fel", "Wrong")).as_text(language).startswith("✘")
    assert a_summary(Text("Fel", "Wrong")).as_json()["ok"] is False
