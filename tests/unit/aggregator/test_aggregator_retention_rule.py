"""No window reaches what retention drops, with the least that may be kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.aggregator.config import AggregatorSettings
from services.aggregator.domain.retention import LEAST_DAYS, kept_from
from shared.windows import Tier, Window, floored, segments

BEHIND = timedelta(minutes=10)  # a reader's `as_of` may be older than the round that drops

seconds = st.integers(1_000_000_000, 2_500_000_000)
anywhere = seconds.map(lambda s: datetime.fromtimestamp(s, UTC))
near_a_clock_change = st.builds(
    lambda change, apart: change + timedelta(seconds=apart),
    st.sampled_from([datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]),
    st.integers(-400 * 86_400, 400 * 86_400),
)
near_a_leap_day = st.builds(
    lambda leap, apart: leap + timedelta(seconds=apart),
    st.sampled_from([datetime(2024, 2, 29, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)]),
    st.integers(-2 * 86_400, 368 * 86_400),
)


@pytest.mark.parametrize("grain", Tier)
@pytest.mark.parametrize("window", Window)
@given(now=anywhere | near_a_clock_change | near_a_leap_day, behind=st.integers(0, 600))
@example(now=datetime(2028, 2, 29, 22, 59, 59, tzinfo=UTC), behind=600)
@example(now=datetime(2029, 2, 28, 23, 0, tzinfo=UTC), behind=600)
@example(now=datetime(2026, 10, 26, 22, 59, 59, tzinfo=UTC), behind=600)
def test_no_segment_of_a_window_begins_before_what_is_kept(
    window: Window, grain: Tier, now: datetime, behind: int
) -> None:
    kept = kept_from(now, LEAST_DAYS)
    for part in segments(window, now - timedelta(seconds=behind), grain=grain):
        assert part.start >= kept[part.tier]


@given(now=anywhere | near_a_clock_change)
def test_what_is_kept_begins_with_a_whole_bucket(now: datetime) -> None:
    for tier, first in kept_from(now, LEAST_DAYS).items():
        assert floored(first, tier) == first


@pytest.mark.parametrize("tier", Tier)
def test_one_day_less_would_not_be_enough_or_leaves_no_room(tier: Tier) -> None:
    """The least are not larger than they must be: for each there is a window that needs it."""
    less = {**LEAST_DAYS, tier: LEAST_DAYS[tier] - 1}
    moments = [datetime(2024, 1, 1, 3, tzinfo=UTC) + timedelta(hours=11 * n) for n in range(4000)]
    slack = timedelta(days=1)
    assert any(
        part.start < kept_from(now, less)[tier] + slack
        for now in moments
        for window in Window
        for grain in Tier
        for part in segments(window, now - BEHIND, grain=grain)
        if part.tier is tier
    )


@pytest.mark.parametrize(
    ("setting", "days"), [("keep_minute_days", 1), ("keep_hour_days", 31), ("keep_day_days", 366)]
)
def test_fewer_days_than_windows_need_cannot_be_set(setting: str, days: int) -> None:
    with pytest.raises(ValidationError):
        AggregatorSettings(kafka="k", postgres="p", packs=(), port=1, **{setting: days})  # type: ignore[arg-type]
