"""The history of one indicator in one area, step by step.

**Steps.** An hour, or a day, a week from Monday or a month of the Stockholm calendar, so a day has
23 or 25 hours when the clock is changed. Hours are added up from hour cells, the others from day
cells: both reach further back than what is in memory. As with windows, a step of fewer than four
grains of the indicator's class is not offered.

**What a number is not.** A step without events is 0. A step of which something lies before what the
tier keeps, or that has not begun, has no numbers at all. The one that holds `as_of` has those of
its part until then.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

import msgspec

from services.delivery.domain.view import Count
from shared.buckets import first_from, instant_of, number_of
from shared.windows import Tier, is_long_enough

MOST_POINTS = 10_000


class Step(StrEnum):
    """How long each point of a series lasts."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


TIER: Mapping[Step, Tier] = MappingProxyType(
    {Step.HOUR: Tier.HOUR, Step.DAY: Tier.DAY, Step.WEEK: Tier.DAY, Step.MONTH: Tier.DAY}
)
"""The tier whose buckets a step is made of."""
LEAST: Mapping[Step, timedelta] = MappingProxyType(
    {
        Step.HOUR: timedelta(hours=1),
        Step.DAY: timedelta(hours=23),  # when the clock is put forward
        Step.WEEK: timedelta(days=6, hours=23),
        Step.MONTH: timedelta(days=28),
    }
)
"""How long a step lasts at the least."""


@dataclass(frozen=True, slots=True)
class SeriesQuestion:
    """What is asked for. Shape: `[begins, ends)` in whole steps, UTC."""

    indicator: str
    area: str
    step: Step
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What the tables have of a series.

    Shape: `counts` by bucket of the step's tier. `kept_from` is from when on the tier is whole;
    `is_cleared` whether the database, at that moment, let the asker see the indicator.
    """

    kept_from: datetime
    counts: Mapping[int, Count]
    is_cleared: bool


class Point(msgspec.Struct, frozen=True, gc=False):
    """One step. Shape: `[start, end)`; no counts: not kept whole any more, or not begun."""

    start: datetime
    end: datetime
    reports: int | None
    incidents: int | None


class SeriesAnswer(msgspec.Struct, frozen=True, rename={"begins": "from", "ends": "to"}):
    """The answer. Shape: every point of `[from, to)`; none if the indicator is in `withheld`."""

    indicator: str
    area: str
    step: Step
    begins: datetime
    ends: datetime
    as_of: datetime
    kept_from: datetime | None
    points: tuple[Point, ...]
    withheld: tuple[str, ...]


def offered_steps(grain: Tier) -> tuple[Step, ...]:
    """The steps that may be given for a class of this grain, by the rule of windows."""
    return tuple(step for step in Step if is_long_enough(LEAST[step], grain))


def step_of(instant: datetime, step: Step) -> int:
    """The number of the step that holds the instant; steps count up from that of 1970-01-01."""
    number = number_of(instant, TIER[step])
    return number if step in _SINGLE else _BY_DAYS[step].of(_day(number))


def start_of(number: int, step: Step) -> datetime:
    """When a step begins, in UTC."""
    if step in _SINGLE:
        return instant_of(number, TIER[step])
    return instant_of(_number(_BY_DAYS[step].first(number)), Tier.DAY)


def step_from(instant: datetime, step: Step) -> int:
    """The first step that begins at the instant or later."""
    number = step_of(instant, step)
    return number if start_of(number, step) == instant else number + 1


def answered(question: SeriesQuestion, kept: Kept | None, *, as_of: datetime) -> SeriesAnswer:
    """The answer from what the tables have; without it, or without clearance, it is withheld."""
    is_shown = kept is not None and kept.is_cleared
    return SeriesAnswer(
        indicator=question.indicator,
        area=question.area,
        step=question.step,
        begins=question.begins,
        ends=question.ends,
        as_of=as_of,
        kept_from=kept.kept_from if kept and is_shown else None,
        points=tuple(_points(question, kept, as_of)) if kept and is_shown else (),
        withheld=() if is_shown else (question.indicator,),
    )


def _points(question: SeriesQuestion, kept: Kept, as_of: datetime) -> Iterable[Point]:
    step, tier = question.step, TIER[question.step]
    first, end = step_of(question.begins, step), step_of(question.ends, step)
    starts = [start_of(number, step) for number in range(first, end + 1)]
    sums = [[0, 0] for _ in range(first, end)]
    for bucket, count in kept.counts.items():
        at = sums[step_of(instant_of(bucket, tier), step) - first]
        at[0] += count.reports
        at[1] += count.incidents
    whole_from = instant_of(first_from(kept.kept_from, tier), tier)
    for start, until, (reports, incidents) in zip(starts, starts[1:], sums, strict=False):
        if whole_from <= start <= as_of:
            yield Point(start, until, reports, incidents)
        else:
            yield Point(start, until, None, None)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Steps of several days: the step of a day, and the first day of a step."""

    of: Callable[[date], int]
    first: Callable[[int], date]


_SINGLE = frozenset({Step.HOUR, Step.DAY})
_EPOCH = date(1970, 1, 1)
_MONDAY = date(1969, 12, 29)  # of the week of 1970-01-01

_BY_DAYS: Mapping[Step, _Calendar] = MappingProxyType(
    {
        Step.WEEK: _Calendar(
            of=lambda day: (day - _MONDAY).days // 7,
            first=lambda number: _MONDAY + timedelta(weeks=number),
        ),
        Step.MONTH: _Calendar(
            of=lambda day: 12 * (day.year - 1970) + day.month - 1,
            first=lambda number: date(1970 + number // 12, number % 12 + 1, 1),
        ),
    }
)


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _number(day: date) -> int:
    return (day - _EPOCH).days
