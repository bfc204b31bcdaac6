"""From looks at the aggregator to its figures."""

import json

import pytest

from deploy.bench.counting_figures import CountingFigures
from deploy.bench.peer import PeerResult, steady_rate
from deploy.bench.processes import shared_once_mb
from deploy.bench.samples import Course, Sample


def look(at: float, passed: int, *, rss: float = 100.0, cpu: float = 0.0) -> Sample:
    held = {"aggregator": rss} if passed else {}
    return Sample(at, passed, rss_mb=held, cpu_s={"aggregator": cpu})


def course() -> Course:
    """Twice as slow in its second half; starts at 2 s."""
    return Course(
        [
            look(0.0, 0),
            look(2.0, 0, cpu=1.0),
            look(4.0, 200_000, rss=90),
            look(12.0, 1_000_000, rss=150, cpu=5.0),
            look(32.0, 2_000_000, rss=120, cpu=21.0),
            look(33.0, 2_000_000, rss=500, cpu=99.0),
        ],
        records=2_000_000,
        events=1_600_000,
    )


def figures(*, wrong: int = 0, peer: PeerResult | None = None) -> CountingFigures:
    return CountingFigures(
        course=course(), peer=peer, load={"records": 2_000_000}, wrong=wrong, load_average=(0.1,)
    )


def test_a_rate_is_from_the_last_look_that_saw_nothing_to_the_first_that_saw_all() -> None:
    assert course().per_second == pytest.approx(2_000_000 / 30)


def test_cost_at_an_empty_table_is_that_of_the_first_records() -> None:
    assert course().us_per_event_at(0) == 10.0


def test_cost_at_a_size_is_that_of_the_records_around_it() -> None:
    assert course().us_per_event_at(400_000) == 10.0
    assert course().us_per_event_at(800_000) == 15.0
    assert course().us_per_event_at(1_000_000) == 20.0


def test_cost_at_the_last_size_is_that_of_the_last_records() -> None:
    assert course().us_per_event_at(1_600_000) == 20.0


def test_a_size_that_the_table_never_had_has_no_cost_and_says_why() -> None:
    said = figures().as_json()
    assert said["us_per_event_at"]["10000000"] is None
    assert "10000000" in said["us_per_event_missing"]["10000000"]
    assert "1000000" not in said["us_per_event_missing"]


def test_memory_is_told_at_its_most_at_a_size_and_at_the_end() -> None:
    said = figures().as_json()
    assert said["rss_mb"] == 500
    assert said["rss_mb_at"] == {"1000000": 120, "10000000": None, "end": 120}


def test_cpu_is_told_per_record_between_start_and_end() -> None:
    assert course().cpu_us == {"aggregator": 10.0}


def test_the_line_has_the_promised_keys_with_and_without_a_peer() -> None:
    peer = PeerResult(per_second=10_000.0, events=100, cpu_s=0.01, counted_right=True)
    said = json.loads(json.dumps(figures(peer=peer).as_json()))
    assert said["events_per_s"] == 66_667
    assert said["peer_events_per_s"] == 10_000
    assert said["ratio"] == 6.67
    assert said["budgets"]["ratio"] == {"goal": 4, "met": True}
    assert said["budgets"]["events_per_s"] == {"goal": 80_000, "met": False}
    alone = figures().as_json()
    assert alone["peer_events_per_s"] is alone["ratio"] is alone["budgets"]["ratio"]["met"] is None
    assert alone.keys() == said.keys()


def test_it_is_well_only_if_every_sum_is_right() -> None:
    assert figures().ok
    assert not figures(wrong=1).ok
    assert figures(wrong=1).as_json()["counted_right"] is False


def test_the_peers_start_is_not_in_its_rate() -> None:
    assert steady_rate([(1.0, 0), (9.0, 100), (10.0, 300), (12.0, 700), (50.0, 700)]) == 200.0


def test_a_peer_that_flushed_once_has_no_rate() -> None:
    with pytest.raises(ValueError, match="time"):
        steady_rate([(1.0, 100)])


def test_what_processes_share_counts_once() -> None:
    one = "RssAnon:\t 1000 kB\nRssFile:\t 500 kB\nRssShmem:\t 4000 kB\n"
    other = "RssAnon:\t 2000 kB\nRssFile:\t 700 kB\nRssShmem:\t 3000 kB\n"
    assert shared_once_mb([one, other]) == round((3000 + 700 + 4000) * 1024 / 1e6, 1)
    assert shared_once_mb([]) == 0.0
