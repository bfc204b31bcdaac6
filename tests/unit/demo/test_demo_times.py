"""When things happen."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from deploy.demo import times

NOW = st.builds(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds),
    st.integers(0, 600_000_000),
)


@given(NOW, st.integers())
def test_nothing_lies_so_far_ahead_that_it_is_refused(now: datetime, seed: int) -> None:
    rng = Random(seed)
    for _ in range(20):
        assert times.recently(now, rng, delay_s=60) <= now + timedelta(minutes=4)
        assert times.some_time_ago(now, rng) <= now


@given(NOW, st.integers())
def test_every_instant_is_aware_and_of_the_last_years(now: datetime, seed: int) -> None:
    instant = times.recently(now, Random(seed), delay_s=60)
    assert instant.utcoffset() is not None
    assert instant > now - timedelta(days=800)


def test_most_of_it_is_recent_and_some_of_it_last_year() -> None:
    now, rng = datetime(2026, 11, 23, 12, tzinfo=UTC), Random(6)
    ages = [now - times.recently(now, rng, delay_s=300) for _ in range(2_000)]
    assert sum(age < timedelta(minutes=30) for age in ages) > 1_200
    assert sum(timedelta(0) > age for age in ages) > 20
    assert sum(age > timedelta(days=200) for age in ages) > 2


def test_some_of_it_is_in_the_hour_that_comes_twice() -> None:
    now, rng = datetime(2026, 11, 23, 12, tzinfo=UTC), Random(7)
    change = datetime(2026, 10, 25, 1, tzinfo=UTC)
    hour = timedelta(hours=1)
    instants = [times.some_time_ago(now, rng) for _ in range(5_000)]
    assert sum(change - hour <= one < change for one in instants) > 2
    assert sum(change <= one < change + hour for one in instants) > 2


def test_offsets_and_precision_differ() -> None:
    now, rng = datetime(2026, 7, 1, 12, 0, 0, 123_456, tzinfo=UTC), Random(8)
    instants = [times.recently(now, rng, delay_s=300) for _ in range(500)]
    assert {one.utcoffset() for one in instants} == {
        timedelta(hours=2),
        timedelta(0),
        timedelta(hours=-3, minutes=-30),
    }
    assert any(one.microsecond == 0 for one in instants)
    assert any(one.microsecond % 1000 for one in instants)
