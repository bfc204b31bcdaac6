"""Steps of a series: whole hours, and days, weeks and months as the clocks of Stockholm have them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.domain.series import (
    LEAST,
    Kept,
    SeriesQuestion,
    Step,
    answered,
    offered_steps,
    start_of,
    step_from,
    step_of,
)
from services.delivery.domain.series_wish import SeriesWish, question_of
from services.delivery.domain.view import Count
from shared.buckets import number_of
from shared.windows import Tier

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOUR = timedelta(hours=1)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
instants = st.integers(1, 229 * 365 * 86_400).map(lambda second: EPOCH + timedelta(seconds=second))


def question(step: Step, begins: str, ends: str) -> SeriesQuestion:
    return question_of(SeriesWish("bins", "101", begins, ends, step))


def lengths(step: Step, begins: str, ends: str) -> list[timedelta]:
    asked = question(step, begins, ends)
    kept = Kept(datetime(1970, 1, 1, tzinfo=UTC), {}, is_cleared=True)
    found = answered(asked, kept, as_of=datetime(2030, 1, 1, tzinfo=UTC)).points
    assert (found[0].start, found[-1].end) == (asked.begins, asked.ends)
    return [one.end - one.start for one in found]


@given(instants, st.sampled_from(Step))
def test_every_instant_lies_in_one_step_that_begins_as_the_calendar_says(
    instant: datetime, step: Step
) -> None:
    number = step_of(instant, step)
    start, end = start_of(number, step), start_of(number + 1, step)
    assert start <= instant < end
    assert step_of(end, step) == step_from(end, step) == number + 1
    assert end - start >= LEAST[step]
    assert step_from(start, step) == number
    local = start.astimezone(STOCKHOLM)
    assert (local.minute, local.second, local.microsecond) == (0, 0, 0)
    if step is not Step.HOUR:
        assert local.hour == 0
    if step is Step.WEEK:
        assert local.isoweekday() == 1
    if step is Step.MONTH:
        assert local.day == 1


def test_a_day_has_23_or_25_hours_when_the_clock_is_changed() -> None:
    assert lengths(Step.DAY, "2026-03-28", "2026-03-31") == [24 * HOUR, 23 * HOUR, 24 * HOUR]
    assert lengths(Step.DAY, "2026-10-24", "2026-10-27") == [24 * HOUR, 25 * HOUR, 24 * HOUR]
    assert lengths(Step.HOUR, "2026-10-25", "2026-10-26") == 25 * [HOUR]
    assert lengths(Step.WEEK, "2026-03-23", "2026-03-30") == [(7 * 24 - 1) * HOUR]
    assert lengths(Step.MONTH, "2026-10-01", "2026-11-01") == [(31 * 24 + 1) * HOUR]


@pytest.mark.parametrize(
    ("grain", "offered"),
    [
        (Tier.MINUTE, {"hour", "day", "week", "month"}),
        (Tier.HOUR, {"day", "week", "month"}),
        (Tier.DAY, {"week", "month"}),
    ],
)
def test_a_step_of_fewer_than_four_grains_is_not_offered(grain: Tier, offered: set[str]) -> None:
    assert {*offered_steps(grain)} == offered


def test_a_week_over_new_year_is_one_step_and_bounds_are_moved_out_to_whole_steps() -> None:
    week = question(Step.WEEK, "2026-12-31", "2027-01-01T12:00:00Z")
    assert week.begins == datetime(2026, 12, 28, tzinfo=STOCKHOLM)
    assert week.ends == datetime(2027, 1, 4, tzinfo=STOCKHOLM)
    month = question(Step.MONTH, "2026-12-31", "2027-01-01")
    assert (month.begins, month.ends) == (
        datetime(2026, 12, 1, tzinfo=STOCKHOLM),
        datetime(2027, 1, 1, tzinfo=STOCKHOLM),
    )


@pytest.mark.parametrize("step", [Step.DAY, Step.WEEK])
def test_what_is_not_kept_whole_or_has_not_begun_is_not_zero(step: Step) -> None:
    asked = question(step, "2026-11-02", "2026-12-07")
    cut = datetime(2026, 11, 10, 5, tzinfo=UTC)  # whole days from the 11th, weeks from the 16th
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    every_day = {
        number_of(datetime(2026, 11, day, 12, tzinfo=UTC), Tier.DAY): Count(day, 1)
        for day in range(2, 26)
    }
    points = answered(asked, Kept(cut, every_day, is_cleared=True), as_of=now).points
    known = {
        one.start.astimezone(STOCKHOLM).day: one.reports
        for one in points
        if one.reports is not None and one.incidents is not None
    }
    assert len(points) == {Step.DAY: 35, Step.WEEK: 5}[step]
    assert (
        known
        == {
            Step.DAY: {day: day for day in range(11, 26)},
            Step.WEEK: {16: sum(range(16, 23)), 23: 23 + 24 + 25},
        }[step]
    )


def test_the_step_that_begins_just_now_has_begun() -> None:
    asked = question(Step.HOUR, "2026-11-02T11:00Z", "2026-11-02T13:00Z")
    kept = Kept(datetime(1970, 1, 1, tzinfo=UTC), {}, is_cleared=True)
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    for now, shown in ((noon, [0, 0]), (noon - timedelta(microseconds=1), [0, None])):
        points = answered(asked, kept, as_of=now).points
        assert [one.reports for one in points] == shown
        assert [one.incidents for one in points] == shown


@pytest.mark.parametrize("is_cleared", [None, False])
def test_without_clearance_there_are_no_numbers_and_nothing_that_depends_on_them(
    is_cleared: bool | None,
) -> None:
    asked = question(Step.DAY, "2026-11-02", "2026-11-03")
    counts = {number_of(asked.begins, Tier.DAY): Count(1, 1)}
    kept = None if is_cleared is None else Kept(asked.begins, counts, is_cleared=is_cleared)
    answer = answered(asked, kept, as_of=asked.ends)
    assert (answer.points, answer.kept_from, answer.withheld) == ((), None, ("bins",))
