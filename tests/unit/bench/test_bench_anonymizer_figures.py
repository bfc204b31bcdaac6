"""The reports of `lagesbild bench anonymizer`, and what its figures are made of."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from deploy.bench.anonymizer_figures import AnonymizerFigures, Drained, notes, step_seconds
from deploy.bench.reports import LONGEST_AGO, Reporting, Reports
from deploy.bench.samples import Course, Sample
from deploy.bench.sealed_fill import Outcome
from deploy.bench.spelt import NUMBERS, STREETS, WAYS, Mix, Way, house
from shared.language import Language
from shared.messages.codec import decoder
from shared.messages.report import Report

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
EVENTS = 6000


@pytest.fixture(scope="module")
def reports() -> Reports:
    return Reporting(EVENTS, Mix.PRODUCTION, seed=1, now=NOW).reports()


def test_there_are_so_many_events_and_the_promised_kinds(reports: Reports) -> None:
    assert len({one.event_id for one in reports.made}) == EVENTS == reports.kinds["new"]
    total = len(reports.made)
    for kind, share in (("resend", 0.10), ("correction", 0.05), ("withdrawal", 0.02)):
        assert reports.kinds[kind] / total == pytest.approx(share, abs=0.015)
    for way, share in WAYS[Mix.PRODUCTION].items():
        assert reports.ways[way] / EVENTS == pytest.approx(share, abs=0.02)


def test_each_is_a_report_of_the_last_day_in_the_order_of_receipt(reports: Reports) -> None:
    read = decoder(Report)
    before, versions = 0, Counter[bytes]()
    for one in reports.made:
        report = read.decode(one.plain)
        assert one.received_ms == int(report.received_at.timestamp() * 1000)
        assert before <= one.received_ms
        assert NOW - LONGEST_AGO <= report.received_at < NOW
        assert report.actor == one.actor
        assert report.version - versions[one.event_id] in (0, 1)
        before, versions[one.event_id] = one.received_ms, report.version
        assert report.occurred_at is None or report.occurred_at <= report.received_at


def test_some_incidents_are_reported_by_several(reports: Reports) -> None:
    assert reports.linkable == pytest.approx(0.37, abs=0.04)  # 18 % twice, 3 % three times


def test_the_same_seed_makes_the_same_reports(reports: Reports) -> None:
    assert Reporting(EVENTS, Mix.PRODUCTION, seed=1, now=NOW).reports() == reports


def test_written_reports_have_addresses_only() -> None:
    written = Reporting(100, Mix.WRITTEN, seed=1, now=NOW).reports()
    assert set(written.ways) == {Way.ADDRESS}
    assert written.addresses
    assert not written.properties


def test_no_two_addresses_are_the_same() -> None:
    count = len(STREETS) * NUMBERS
    assert len({house(number) for number in range(count)}) == count


def a_way(*, events: int = 10, linked: int = 3, dead: int = 0, came_out: int = 10) -> Drained:
    samples = [
        Sample(at=0.0, passed=0, rss_mb={"anonymizer": 1.0}, cpu_s={"anonymizer": 0.0}),
        Sample(at=2.0, passed=12, rss_mb={"anonymizer": 2.0}, cpu_s={"anonymizer": 1.0}),
    ]
    return Drained(
        course=Course(samples, records=12, events=events),
        step_s={"open": 0.000024},
        outcome=Outcome(events=came_out, linked=linked, dead=dead, records=12),
    )


def figures(linked: Drained, unlinked: Drained) -> AnonymizerFigures:
    return AnonymizerFigures(
        linked=linked, unlinked=unlinked, linkable=0.37, load={}, load_average=(0.0,)
    )


def test_rates_and_steps_are_for_each_record() -> None:
    said = figures(a_way(), a_way(linked=0)).as_json()
    assert said["events_per_s"] == 6
    assert said["us_per_event"] == {"open": 2.0}
    assert said["distinct_events_per_s"] == {"linked": 5, "without_linking": 5}
    assert said["verified"] is True


@pytest.mark.parametrize("language", Language)
def test_people_are_told_what_a_rate_counts_and_what_is_off(language: Language) -> None:
    told = notes(figures(a_way(), a_way(linked=0))).in_(language)
    assert "17%" in told  # 12 records of 10 events
    assert "5 " in told
    assert "surplus" in told


@pytest.mark.parametrize(
    ("linked", "unlinked"),
    [
        (a_way(came_out=9), a_way(linked=0)),
        (a_way(), a_way(linked=0, came_out=9)),
        (a_way(dead=1), a_way(linked=0)),
        (a_way(), a_way(linked=1)),
    ],
    ids=["one is missing", "one is missing without linking", "a dead letter", "linked while off"],
)
def test_what_did_not_come_out_right_is_not_verified(linked: Drained, unlinked: Drained) -> None:
    assert not figures(linked, unlinked).ok


@pytest.mark.parametrize(("linked", "ok"), [(0, False), (200, False), (1500, True), (5000, False)])
def test_an_implausible_share_is_not_verified(linked: int, ok: bool) -> None:
    many = a_way(events=10_000, came_out=10_000, linked=linked)
    assert figures(many, a_way(linked=0)).ok is ok


def test_steps_are_read_from_the_metrics() -> None:
    text = (
        "# TYPE lagesbild_step_duration_seconds histogram\n"
        'lagesbild_step_duration_seconds_bucket{le="+Inf",step="open"} 2.0\n'
        'lagesbild_step_duration_seconds_count{step="open"} 2.0\n'
        'lagesbild_step_duration_seconds_sum{step="open"} 0.5\n'
        "# TYPE other histogram\n"
        'other_sum{step="open"} 7.0\n'
    )
    assert step_seconds(text) == {"open": 0.5}
