"""How long each key lives, and when a clock is not believed."""

from datetime import UTC, datetime, timedelta

import pytest

from services.anonymizer.domain.lifetimes import (
    ClockWatch,
    Purpose,
    goes_at,
    has_had_its_time,
    hours_wanted,
    period_of,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_reports_key_goes_24_hours_after_its_hour() -> None:
    assert goes_at(Purpose.REPORT, NOON) == NOON + timedelta(hours=25)


def test_a_dead_letters_key_goes_14_days_after_its_day_began() -> None:
    midnight = NOON.replace(hour=0)
    assert goes_at(Purpose.DEAD_LETTER, midnight) == midnight + timedelta(days=14)


def test_a_linking_key_goes_48_hours_after_its_day_began() -> None:
    midnight = NOON.replace(hour=0)
    assert goes_at(Purpose.LINKING, midnight) == midnight + timedelta(hours=48)


def test_periods_are_hours_and_days_of_utc() -> None:
    stockholm = datetime.fromisoformat("2026-11-24T00:59:59.5+01:00")
    assert period_of(Purpose.REPORT, stockholm) == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert period_of(Purpose.LINKING, stockholm) == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "hours"), [(0, 1), (54, 1), (54.99, 1), (55, 2), (59.99, 2), (60, 1)]
)
def test_the_next_hours_key_is_there_five_minutes_before(minutes: float, hours: int) -> None:
    assert len(hours_wanted(NOON + timedelta(minutes=minutes))) == hours


@pytest.mark.parametrize(
    ("start", "had"),
    [(NOON - HOUR, True), (NOON, False), (NOON + HOUR, False), (NOON + 2 * HOUR, True)],
)
def test_a_key_is_for_its_hour_and_may_be_there_one_before(start: datetime, had: bool) -> None:
    assert has_had_its_time(start, NOON + timedelta(minutes=59)) is had


def test_a_clock_is_not_believed_at_first_nor_after_a_jump() -> None:
    watch = ClockWatch()
    looks = [(1000, 10), (1010, 20), (1020, 30), (1085, 35), (1095, 45), (1040, 55), (1050, 65)]
    assert [watch.has_jumped(wall, monotonic) for wall, monotonic in looks] == [
        True,
        False,
        False,
        False,
        False,
        True,
        False,
    ]


def test_a_clock_that_is_put_right_little_by_little_has_not_jumped() -> None:
    watch = ClockWatch()
    watch.has_jumped(0, 0)
    assert not any(watch.has_jumped(at * 1.5, at) for at in range(10, 1000, 10))
