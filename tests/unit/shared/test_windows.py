"""The one rule of windows (DESIGN §2), over both clock changes and leap days."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.windows import (
    WIDTH,
    Tier,
    Window,
    end_of,
    floored,
    is_offered,
    segments,
    start_of,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SPRING = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 02:00 becomes 03:00 in Stockholm
AUTUMN = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # 03:00 becomes 02:00 in Stockholm

anywhere = st.integers(1_000_000_000, 2_500_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
near_a_clock_change = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from([SPRING, AUTUMN]),
    st.integers(-40 * 86_400, 40 * 86_400),
)
instants = anywhere | near_a_clock_change
windows = st.sampled_from(list(Window))
grains = st.sampled_from(list(Tier))


@given(instants, st.sampled_from(list(Tier)))
def test_a_floor_is_not_later_and_less_than_a_bucket_earlier(instant: datetime, tier: Tier) -> None:
    floor = floored(instant, tier)
    longest = timedelta(hours=25) if tier is Tier.DAY else WIDTH[tier]
    assert floor <= instant < floor + longest
    assert floored(floor, tier) == floor


@given(instants)
def test_a_day_is_the_stockholm_day(instant: datetime) -> None:
    floor = floored(instant, Tier.DAY).astimezone(STOCKHOLM)
    assert floor.date() == instant.astimezone(STOCKHOLM).date()
    assert (floor.hour, floor.minute) == (0, 0)


@given(instants, windows, grains)
@example(SPRING, Window.MO12, Tier.MINUTE)
@example(AUTUMN, Window.D7, Tier.DAY)
@example(datetime(2028, 2, 29, 12, tzinfo=UTC), Window.MO12, Tier.DAY)
def test_the_segments_are_the_window_without_gap_or_overlap(
    as_of: datetime, window: Window, grain: Tier
) -> None:
    parts = segments(window, as_of, grain=grain)
    assert parts[0].start == start_of(window, as_of, grain=grain)
    assert parts[-1].end == end_of(as_of)
    for earlier, later in pairwise(parts):
        assert earlier.end == later.start
    for part in parts:
        assert part.start < part.end
        assert floored(part.start, part.tier) == part.start
        assert floored(part.end, part.tier) == part.end


@given(instants, windows, grains, st.integers(-400 * 86_400, 600))
def test_an_event_counts_in_exactly_one_bucket_of_a_window_that_holds_it(
    as_of: datetime, window: Window, grain: Tier, seconds: int
) -> None:
    occurred_at = floored(as_of + timedelta(seconds=seconds), grain)
    is_inside = start_of(window, as_of, grain=grain) <= occurred_at < end_of(as_of)
    counted = sum(
        part.start <= floored(occurred_at, part.tier) < part.end
        for part in segments(window, as_of, grain=grain)
    )
    assert counted == int(is_inside)


@given(instants, windows, grains)
def test_a_window_never_reaches_less_far_back_than_its_length(
    as_of: datetime, window: Window, grain: Tier
) -> None:
    lengths = {"15m": 900, "1h": 3600, "6h": 21_600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000}
    shortest = timedelta(seconds=lengths.get(window.value, 365 * 86_400))
    assert as_of - start_of(window, as_of, grain=grain) >= shortest - timedelta(hours=1)


@given(instants)
def test_the_end_is_rounded_up_to_the_minute(as_of: datetime) -> None:
    assert timedelta() <= end_of(as_of) - as_of < timedelta(minutes=1)
    assert end_of(end_of(as_of)) == end_of(as_of)


def test_twelve_months_end_on_a_leap_day_and_begin_on_28_february() -> None:
    start = start_of(Window.MO12, datetime(2028, 2, 29, 12, tzinfo=UTC), grain=Tier.MINUTE)
    assert start.astimezone(STOCKHOLM).date() == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("as_of", "start"),
    [
        (datetime(2026, 3, 29, 12, 0, 30, tzinfo=UTC), datetime(2026, 3, 22, 12, tzinfo=UTC)),
        (datetime(2026, 10, 25, 12, 0, 30, tzinfo=UTC), datetime(2026, 10, 18, 12, tzinfo=UTC)),
    ],
)
def test_seven_days_are_168_hours_over_a_clock_change(as_of: datetime, start: datetime) -> None:
    assert start_of(Window.D7, as_of, grain=Tier.MINUTE) == start


def test_the_day_of_a_clock_change_has_23_or_25_hours() -> None:
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        today = datetime.combine(day, time(12), tzinfo=STOCKHOLM)
        length = floored(today + timedelta(days=1), Tier.DAY) - floored(today, Tier.DAY)
        assert length == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("grain", "offered"),
    [
        (Tier.MINUTE, {"15m", "1h", "6h", "24h", "7d", "30d", "12mo"}),
        (Tier.HOUR, {"6h", "24h", "7d", "30d", "12mo"}),
        (Tier.DAY, {"7d", "30d", "12mo"}),
    ],
)
def test_a_window_of_fewer_than_four_grains_is_not_offered(grain: Tier, offered: set[str]) -> None:
    assert {window.value for window in Window if is_offered(window, grain)} == offered
