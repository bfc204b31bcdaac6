"""The time from the answer to the count."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.latency import MOST_AWAITED, Stopwatch, percentile_ms

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_it_runs_from_the_answer_to_the_count() -> None:
    watch = Stopwatch()
    watch.sending([(ONE, 1)])
    watch.acknowledged([(ONE, 1)], at=10.0)
    watch.counted({ONE: 1}, at=10.25)
    assert watch.samples == [0.25]
    assert watch.awaited == set()


def test_what_was_counted_before_the_answer_took_no_time() -> None:
    watch = Stopwatch()
    watch.sending([(ONE, 1)])
    watch.counted({ONE: 1}, at=9.0)
    assert watch.samples == []
    watch.acknowledged([(ONE, 1)], at=10.0)
    assert watch.samples == [0.0]


def test_an_older_version_is_not_what_is_awaited() -> None:
    watch = Stopwatch()
    watch.sending([(ONE, 2)])
    watch.acknowledged([(ONE, 2)], at=1.0)
    watch.counted({ONE: 1}, at=2.0)
    assert watch.awaited == {ONE}
    watch.counted({ONE: 3}, at=3.0)
    assert watch.samples == [2.0]


def test_two_versions_of_an_event_are_timed_apart() -> None:
    watch = Stopwatch()
    watch.sending([(ONE, 1), (ONE, 2)])
    watch.acknowledged([(ONE, 1)], at=1.0)
    watch.counted({ONE: 1}, at=2.0)
    watch.acknowledged([(ONE, 2)], at=3.0)
    watch.counted({ONE: 2}, at=5.0)
    assert watch.samples == [1.0, 2.0]


def test_what_ingest_did_not_take_is_not_awaited() -> None:
    watch = Stopwatch()
    watch.sending([(ONE, 1), (OTHER, 1)])
    watch.forget([(ONE, 1)])
    watch.acknowledged([(ONE, 1), (OTHER, 1)], at=1.0)
    assert watch.awaited == {OTHER}


def test_the_sample_is_bounded_and_makes_room_again() -> None:
    watch = Stopwatch()
    everything = [(UUID(int=number), 1) for number in range(2 * MOST_AWAITED)]
    watch.sending(everything)
    assert len(watch.awaited) == MOST_AWAITED
    watch.acknowledged(everything, at=1.0)
    watch.counted({event: 1 for event, _ in everything}, at=2.0)
    assert len(watch.samples) == MOST_AWAITED
    watch.sending(everything)
    assert len(watch.awaited) == MOST_AWAITED


def test_without_a_sample_there_is_no_percentile() -> None:
    assert Stopwatch().percentile_ms(0.5) is None


@pytest.mark.parametrize(("share", "milliseconds"), [(0.5, 50_000), (0.99, 99_000), (1, 100_000)])
def test_percentiles_are_of_the_nearest_rank(share: float, milliseconds: float) -> None:
    assert percentile_ms([float(one) for one in range(100, 0, -1)], share) == milliseconds


@given(st.lists(st.floats(0, 100), min_size=1))
def test_a_percentile_is_one_of_the_samples(samples: list[float]) -> None:
    assert percentile_ms(samples, 0.99) in {round(one * 1000, 1) for one in samples}
