"""From what was seen to figures."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.bench.figures import BUDGETS, STAGES, Budget, Climb, Figures, Load, percent, rate

SERVICES = ("ingest", "anonymizer", "aggregator", "delivery")


def figures(*, pipeline: float = 21_000, counted: int = 10, idle: float = 1.0) -> Figures:
    return Figures(
        rates={**dict.fromkeys(STAGES, 50_000.4), "pipeline": pipeline},
        latency_s=tuple(at / 1000 for at in range(1, 101)),
        rss_mb=dict.fromkeys(SERVICES, 90.5),
        idle_cpu=dict.fromkeys(SERVICES, idle),
        load=Load(
            events=1000, seconds=2.0, drain_s=0.5, cpu_s={"ingest": 0.02, "generator": 0.001}
        ),
        accepted=10,
        counted=counted,
        load_average=(0.1, 0.2, 0.3),
    )


def test_the_line_has_the_promised_keys_and_is_json() -> None:
    said = json.loads(json.dumps(figures().as_json()))
    assert {*STAGES, "latency_ms", "rss_mb", "idle_cpu"} <= said.keys()
    assert said["ingest"] == 50_000
    assert set(said["rss_mb"]) == set(said["idle_cpu"]) == set(SERVICES)
    assert set(said["budgets"]) == set(BUDGETS)


def test_latency_is_told_by_nearest_rank_in_milliseconds() -> None:
    assert figures().as_json()["latency_ms"] == {"p50": 50.0, "p99": 99.0}


def test_cpu_is_told_as_a_share_of_one_core_and_per_event() -> None:
    load = figures().as_json()["load"]
    assert load["cpu"] == {"ingest": 1.0, "generator": 0.1}
    assert load["us_per_event"] == {"ingest": 20.0, "generator": 1.0}


def test_budgets_are_judged_whole_way_latency_idle_and_memory() -> None:
    verdicts = figures(pipeline=19_999, idle=1.3).as_json()["budgets"]
    assert {name for name, one in verdicts.items() if not one["met"]} == {
        "pipeline",
        "aggregator",
        "latency_p50_ms",
        "idle_cpu",
    }


def test_a_figure_that_is_missing_is_not_judged() -> None:
    assert Budget(1, is_ceiling=True).is_met_by(None) is None


def test_it_is_well_only_if_exactly_what_was_accepted_is_counted() -> None:
    assert figures().ok
    assert not figures(counted=9).ok
    assert not figures(counted=11).ok


def test_a_climb_is_timed_from_the_last_look_without_progress() -> None:
    climb = Climb(start=0, goal=100)
    for at, count in ((1.0, 0), (2.0, 0), (3.0, 40), (4.0, 100), (9.0, 150)):
        climb.see(count, at=at)
    assert climb.is_over
    assert climb.rate() == 50.0


def test_a_climb_whose_start_was_not_seen_is_timed_from_the_first_look() -> None:
    climb = Climb(start=0, goal=100)
    climb.see(40, at=1.0)
    climb.see(100, at=2.0)
    assert climb.rate() == 100.0


def test_a_climb_that_is_not_over_has_no_rate() -> None:
    climb = Climb(start=0, goal=100)
    climb.see(99, at=1.0)
    with pytest.raises(ValueError, match="not climbed"):
        climb.rate()


@given(st.lists(st.integers(0, 50), min_size=1), st.floats(0.01, 10))
def test_a_climb_is_never_told_faster_than_it_was(steps: list[int], pace: float) -> None:
    goal = sum(steps) + 1
    climb = Climb(start=0, goal=goal)
    climb.see(0, at=0.0)
    count, at, still_at = 0, 0.0, 0.0
    for step in (*steps, 1):
        count, at = count + step, at + pace
        still_at = still_at if count else at
        climb.see(count, at=at)
    assert climb.rate() == pytest.approx(goal / (at - still_at))


def test_a_rate_needs_time() -> None:
    assert rate(10, 2.0) == 5.0
    assert percent(0.5, 2.0) == 25.0
    with pytest.raises(ValueError, match="time"):
        rate(1, 0.0)
