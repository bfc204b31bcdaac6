"""Grains and windows: what is counted when. The one rule for every count (DESIGN §2).

A window of length L at `as_of` is `[start, end)`: `end` is `as_of` rounded up to the minute;
`start` is `as_of` minus L, floored to the minute (15m 1h 6h 24h), the hour (7d 30d) or the
Stockholm day (12mo), and floored to the grain of the indicator too, which the pack says.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MINUTE = timedelta(minutes=1)
FEWEST_GRAINS = 4  # a window of fewer grains would show single grains by subtraction


class Tier(StrEnum):
    """The width of a count cell's bucket, also the grain of a class and the floor of a window."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class Window(StrEnum):
    """The rolling windows that counts are given for."""

    M15 = "15m"
    H1 = "1h"
    H6 = "6h"
    H24 = "24h"
    D7 = "7d"
    D30 = "30d"
    MO12 = "12mo"


LENGTH = {
    Window.M15: timedelta(minutes=15),
    Window.H1: timedelta(hours=1),
    Window.H6: timedelta(hours=6),
    Window.H24: timedelta(hours=24),
    Window.D7: timedelta(days=7),
    Window.D30: timedelta(days=30),
    Window.MO12: timedelta(days=365),  # only to compare with grains; its start is by calendar
}
FLOOR = {
    Window.M15: Tier.MINUTE,
    Window.H1: Tier.MINUTE,
    Window.H6: Tier.MINUTE,
    Window.H24: Tier.MINUTE,
    Window.D7: Tier.HOUR,
    Window.D30: Tier.HOUR,
    Window.MO12: Tier.DAY,
}
WIDTH = {
    Tier.MINUTE: MINUTE,
    Tier.HOUR: timedelta(hours=1),
    Tier.DAY: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a window that is summed from the buckets of one tier; `[start, end)`, UTC."""

    tier: Tier
    start: datetime
    end: datetime


_INTO_HOUR = tuple(timedelta(seconds=seconds) for seconds in range(3600))
"""A difference costs a tenth of `replace`."""


def floored(instant: datetime, tier: Tier) -> datetime:
    """The start of the minute, hour or Stockholm day that holds the instant, in UTC."""
    if tier is Tier.DAY:
        return _midnight(instant.astimezone(STOCKHOLM).date())
    there = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    seconds = there.second if tier is Tier.MINUTE else 60 * there.minute + there.second
    if there.microsecond:
        return there - timedelta(seconds=seconds, microseconds=there.microsecond)
    return there - _INTO_HOUR[seconds]


@lru_cache(maxsize=1024)
def _midnight(day: date) -> datetime:
    """When a day begins in Stockholm, in UTC."""
    return datetime.combine(day, time.min, tzinfo=STOCKHOLM).astimezone(UTC)


def end_of(as_of: datetime) -> datetime:
    """The end of every window at `as_of`: rounded up to the minute, in UTC."""
    floor = floored(as_of, Tier.MINUTE)
    return floor if floor == as_of else floor + MINUTE


def start_of(window: Window, as_of: datetime, *, grain: Tier) -> datetime:
    """The start of a window at `as_of`, in UTC.

    Twelve months go back by the Stockholm calendar; 29 February goes back to 28 February.
    """
    back = _a_year_before(as_of) if window is Window.MO12 else as_of - LENGTH[window]
    return min(floored(back, FLOOR[window]), floored(back, grain))


def is_long_enough(length: timedelta, grain: Tier) -> bool:
    """Whether a stretch of time has at least four grains, so that its count may be given."""
    return length >= FEWEST_GRAINS * WIDTH[grain]


@cache
def is_offered(window: Window, grain: Tier) -> bool:
    """Whether the window may be given for a class of this grain."""
    return is_long_enough(LENGTH[window], grain)


def segments(window: Window, as_of: datetime, *, grain: Tier) -> tuple[Segment, ...]:
    """The window cut into whole days, hours and minutes, so that wide buckets serve long windows.

    Shape: consecutive, without gap or overlap, no empty part; their union is `[start, end)`.
    """
    return _segments(window, floored(as_of, Tier.MINUTE), end_of(as_of), grain)


@lru_cache(maxsize=1024)  # every view of a minute has the same
def _segments(window: Window, minute: datetime, end: datetime, grain: Tier) -> tuple[Segment, ...]:
    """The window of every instant of a minute, for no floor is finer; its end is given."""
    start = start_of(window, minute, grain=grain)
    marks = [start]
    tiers = _tiers(start)
    for tier in tiers[:-1]:
        marks.append(max(marks[-1], floored(end, tier)))
    marks.append(end)
    parts = zip(tiers, marks, marks[1:], strict=False)
    return tuple(Segment(tier, low, high) for tier, low, high in parts if low < high)


def _tiers(start: datetime) -> list[Tier]:
    """The tiers, widest first, whose buckets can begin at `start`."""
    order = [Tier.DAY, Tier.HOUR, Tier.MINUTE]
    return [tier for tier in order if floored(start, tier) == start]


def _a_year_before(as_of: datetime) -> datetime:
    local = as_of.astimezone(STOCKHOLM)
    day = min(local.day, 28) if local.month == 2 else local.day
    return local.replace(year=local.year - 1, day=day)
