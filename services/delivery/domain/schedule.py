"""When a subscription is due, when an attempt is repeated, and when a delivery is folded.

The grid of a subscription begins when it is approved, so that grids are spread as approvals are,
and its points are one period apart for ever. A *state* subscription sends the newest view, so a
due time that was missed is covered by the view of a later one: it is counted as coalesced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

NOTHING = timedelta(0)


class Outcome(StrEnum):
    """How one attempt ended; also the label of the metrics."""

    DELIVERED = "delivered"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    GONE = "gone"
    THROTTLED = "throttled"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    NOT_RESOLVED = "not_resolved"
    NOT_ALLOWED = "not_allowed"
    NOT_CONNECTED = "not_connected"
    NOT_TRUSTED = "not_trusted"
    BROKEN_OFF = "broken_off"


class DeliveryState(StrEnum):
    """Where a delivery is: on its way, or closed in one of three ways."""

    OPEN = "open"
    DELIVERED = "delivered"
    FOLDED = "folded"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery at its due time. Unit: `every` is the subscription's period."""

    due_at: datetime
    as_of: datetime
    every: timedelta


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an attempt.

    Shape: an open delivery has `try_at` before or after the next due time and keeps `due_at`;
    a closed one has both at the next due time. `coalesced` are the due times that get no
    delivery of their own.
    """

    state: DeliveryState
    due_at: datetime
    try_at: datetime
    coalesced: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a receiver, or why nothing did: without a status nobody answered."""

    outcome: Outcome
    status: int | None = None
    answer_bytes: int = 0
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, as it is written down. Shape: `number` counts from 1 within the delivery."""

    number: int
    started_at: datetime
    duration: timedelta
    answer: Answer


def outcome_of(status: int) -> Outcome:
    """What a status line means (Standard Webhooks 1.0.0): 2xx is success, 3xx never."""
    if 200 <= status < 300:
        return Outcome.DELIVERED
    if 300 <= status < 400:
        return Outcome.REDIRECTED
    if status == 410:
        return Outcome.GONE
    if status in {429, 503}:
        return Outcome.THROTTLED
    return Outcome.REFUSED if 400 <= status < 500 else Outcome.FAILED


def next_on_grid(due: Due, after: datetime) -> datetime:
    """The first due time that lies after `after` and after this one."""
    return due.due_at + (max(0, (after - due.due_at) // due.every) + 1) * due.every


def judged(
    outcome: Outcome,
    *,
    attempt: int,
    due: Due,
    now: datetime,
    delays: Sequence[timedelta],
    retry_after: timedelta | None = None,
) -> Verdict:
    """What follows from attempt number `attempt` (from 1).

    Delivered: due again at the first grid point that the view did not see, which is at once when
    the sending took longer than the period. Failed: again after the delay of that attempt, or
    as late as the receiver wishes up to the next due time; after the last delay it is folded.
    """
    if outcome is Outcome.DELIVERED:
        return _closed(DeliveryState.DELIVERED, due, next_on_grid(due, due.as_of))
    following = next_on_grid(due, now)
    if outcome is Outcome.GONE:
        return _closed(DeliveryState.GONE, due, following)
    if attempt > len(delays):
        return _closed(DeliveryState.FOLDED, due, following)
    wished = min(retry_after or NOTHING, following - now)
    return Verdict(DeliveryState.OPEN, due.due_at, now + max(delays[attempt - 1], wished))


def parse_retry_after(header: str | None, now: datetime) -> timedelta | None:
    """The wait that a Retry-After header asks for, seconds or a date; `None` says nothing."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:10]), 366 * 86_400))
    try:
        at = parsedate_to_datetime(text)
        return max(NOTHING, (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None  # the parser promises ValueError alone, but a huge zone or day overflows


def _closed(state: DeliveryState, due: Due, following: datetime) -> Verdict:
    """Every due time before the following one is covered, but only a delivered one is served."""
    passed = (following - due.due_at) // due.every
    served = 1 if state is DeliveryState.DELIVERED else 0
    return Verdict(state, following, following, coalesced=passed - served)
