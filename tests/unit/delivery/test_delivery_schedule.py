"""The grid, the retries and the folding of deliveries."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.domain.schedule import (
    DeliveryState,
    Due,
    Outcome,
    Verdict,
    judged,
    next_on_grid,
    outcome_of,
    parse_retry_after,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DELAYS = (timedelta(seconds=5), timedelta(seconds=15))
FAILURES = [one for one in Outcome if one not in {Outcome.DELIVERED, Outcome.GONE}]

periods = st.integers(5, 366 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
waits = st.timedeltas(timedelta(0), timedelta(days=800))


def due(*, every: timedelta = MINUTE, seen: timedelta = timedelta(0)) -> Due:
    return Due(NOON, NOON + seen, every)


def judged_at(
    after: timedelta, outcome: Outcome, *, attempt: int = 1, **more: timedelta
) -> Verdict:
    return judged(outcome, attempt=attempt, due=due(), now=NOON + after, delays=DELAYS, **more)


@given(every=periods, after=waits)
def test_the_next_due_time_is_the_first_on_the_grid_that_lies_ahead(
    every: timedelta, after: timedelta
) -> None:
    found = next_on_grid(due(every=every), NOON + after)
    assert (found - NOON) % every == timedelta(0)
    assert found > NOON + after
    assert found - every <= NOON + after
    assert found > NOON


def test_a_clock_behind_the_due_time_still_goes_forward_on_the_grid() -> None:
    assert next_on_grid(due(), NOON - timedelta(hours=1)) == NOON + MINUTE


@given(every=periods, seen=waits, sending=waits)
def test_every_due_time_is_delivered_or_coalesced_and_none_is_both(
    every: timedelta, seen: timedelta, sending: timedelta
) -> None:
    verdict = judged(
        Outcome.DELIVERED,
        attempt=1,
        due=due(every=every, seen=seen),
        now=NOON + seen + sending,
        delays=DELAYS,
    )
    assert verdict.due_at == NOON + (1 + verdict.coalesced) * every
    assert verdict.try_at == verdict.due_at


@given(every=periods, seen=waits)
def test_a_delivered_view_covers_the_due_times_that_it_saw_and_no_other(
    every: timedelta, seen: timedelta
) -> None:
    verdict = judged(
        Outcome.DELIVERED, attempt=1, due=due(every=every, seen=seen), now=NOON, delays=DELAYS
    )
    assert verdict.due_at - every <= NOON + seen < verdict.due_at


def test_a_slow_receiver_is_due_again_at_once_with_the_newest_view() -> None:
    verdict = judged_at(timedelta(minutes=3), Outcome.DELIVERED)
    assert verdict == Verdict(DeliveryState.DELIVERED, NOON + MINUTE, NOON + MINUTE)


@pytest.mark.parametrize("outcome", FAILURES)
def test_the_first_failure_is_repeated_after_five_seconds(outcome: Outcome) -> None:
    verdict = judged_at(timedelta(seconds=1), outcome)
    assert verdict == Verdict(DeliveryState.OPEN, NOON, NOON + timedelta(seconds=6))


@pytest.mark.parametrize("outcome", FAILURES)
def test_the_second_failure_is_repeated_after_fifteen_seconds(outcome: Outcome) -> None:
    verdict = judged_at(timedelta(seconds=7), outcome, attempt=2)
    assert verdict == Verdict(DeliveryState.OPEN, NOON, NOON + timedelta(seconds=22))


@given(every=periods, passed=waits)
def test_the_third_failure_folds_the_delivery_into_the_next_on_the_grid(
    every: timedelta, passed: timedelta
) -> None:
    verdict = judged(
        Outcome.FAILED,
        attempt=3,
        due=due(every=every),
        now=NOON + passed,
        delays=DELAYS,
    )
    assert verdict.state is DeliveryState.FOLDED
    assert NOON + passed < verdict.due_at <= NOON + passed + every
    assert verdict.due_at == NOON + verdict.coalesced * every


def test_an_endpoint_that_is_gone_is_not_tried_again() -> None:
    assert judged_at(timedelta(seconds=1), Outcome.GONE).state is DeliveryState.GONE


@pytest.mark.parametrize(
    ("wish_s", "wait_s"),
    [(0, 5), (3, 5), (30, 30), (59, 59), (3600, 59)],
)
def test_retry_after_is_honoured_up_to_the_next_due_time(wish_s: int, wait_s: int) -> None:
    verdict = judged_at(
        timedelta(seconds=1), Outcome.THROTTLED, retry_after=timedelta(seconds=wish_s)
    )
    assert verdict.try_at == NOON + timedelta(seconds=1 + wait_s)


def test_with_no_retries_the_first_failure_folds() -> None:
    verdict = judged(Outcome.TIMED_OUT, attempt=1, due=due(), now=NOON, delays=())
    assert verdict == Verdict(DeliveryState.FOLDED, NOON + MINUTE, NOON + MINUTE, coalesced=1)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (204, Outcome.DELIVERED),
        (301, Outcome.REDIRECTED),
        (304, Outcome.REDIRECTED),
        (400, Outcome.REFUSED),
        (410, Outcome.GONE),
        (429, Outcome.THROTTLED),
        (500, Outcome.FAILED),
        (503, Outcome.THROTTLED),
        (199, Outcome.FAILED),
        (999, Outcome.FAILED),
    ],
)
def test_a_status_means_what_the_standard_says(status: int, outcome: Outcome) -> None:
    assert outcome_of(status) is outcome


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", 0),
        (" 120 ", 120),
        ("9" * 40, 366 * 86_400),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert parse_retry_after(header, NOON) == expected


HUGE = "9" * 20
dates = st.builds(
    "Mon, {} {} {} {}:{}:{} {}".format,
    st.integers(),
    st.sampled_from(["Jan", "Feb", "Dec", "x"]),
    *[st.integers()] * 4,
    st.integers().map("{:+05d}".format) | st.sampled_from(["GMT", "-0000", "x"]),
)


@pytest.mark.parametrize(
    "header",
    [
        f"Mon, 1 Jan 2024 00:00:00 +{HUGE}",
        f"Mon, {HUGE} Jan 2024 00:00:00 GMT",
        f"Mon, 1 Jan {HUGE} 00:00:00 GMT",
        f"Mon, 1 Jan 2024 00:00:{HUGE} GMT",
    ],
)
def test_a_date_that_is_out_of_all_bounds_asks_for_nothing(header: str) -> None:
    assert parse_retry_after(header, NOON) is None


@given(st.text() | dates)
def test_no_retry_after_header_breaks_the_sender(header: str) -> None:
    found = parse_retry_after(header, NOON)
    assert found is None or found >= timedelta(0)
