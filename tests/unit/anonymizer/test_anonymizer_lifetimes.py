"""How long each key lives, and when a clock is not believed."""

from datetime import UTC, datetime, timedelta

import pytest

from services.anonymizer.domain.lifetimes import (
    ClockWatch,
    Purpose,
    Spans,
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


def test_this_hour_and_all_in_which_ingest_goes_on_without_an_anonymizer_have_a_key() -> None:
    hours = hours_wanted(NOON + timedelta(minutes=59))
    assert hours == [NOON + at * HOUR for at in range(14)]
    dies, oldest_waiting, heard = timedelta(minutes=59.9), 12 * HOUR, timedelta(minutes=1)
    assert period_of(Purpose.REPORT, NOON + dies + oldest_waiting + heard) in hours


@pytest.mark.parametrize(
    ("hours", "had"), [(-1, True), (0, False), (1, False), (14, False), (15, True)]
)
def test_a_key_is_for_its_hour_and_for_none_that_is_far_ahead(hours: int, had: bool) -> None:
    assert has_had_its_time(NOON + hours * HOUR, NOON + timedelta(minutes=59)) is had


def test_a_span_goes_on_from_what_is_written_down_and_never_back() -> None:
    spans = Spans()
    assert [spans.of("a", 20, 100), spans.of("a", 20, 105), spans.of("b", 0, 105)] == [20, 25, 0]
    assert spans.of("a", 40, 110) == 40  # by another one, who has been there longer
    spans.forget()
    assert [spans.of("a", 40, 500), spans.of("b", 0, 500)] == [40, 0]


def test_a_clock_has_jumped_when_it_differs_by_a_minute_between_two_looks() -> None:
    watch = ClockWatch()
    looks = [(1000, 10), (1010, 20), (1020, 30), (1085, 35), (1095, 45), (1040, 55), (1050, 65)]
    assert [watch.has_jumped(wall, monotonic) for wall, monotonic in looks] == [
        False,
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
