"""Periods of statistics: how they are written, and which Stockholm days they hold.

| written | is |
|---|---|
| `2025` | the calendar year |
| `2025-H1` | its first half; `-H2` the second |
| `2025-Q3` | its third quarter |
| `2025-09` | September |
| `2024/2025` | the school year: 1 July up to, not with, 1 July, so that school years leave no day out |

There is one way to write a period, so that a key made of it is the same for whoever sends it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from shared.windows import STOCKHOLM

SCHOOL_YEAR_BEGINS = 7  # the month

_FORM = re.compile(
    r"(?P<year>[12][0-9]{3})"
    r"(?:-H(?P<half>[12])|-Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2])|/(?P<next>[12][0-9]{3}))?"
)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A period in its one written form.

    Shape: `[start, end)`; sorted by when they start, a shorter one first. Unit: Stockholm days.
    """

    start: date
    end: date
    text: str

    def has_begun(self, now: datetime) -> bool:
        """Whether its first day has come in Stockholm. Unit: `now` is aware."""
        return self.start <= now.astimezone(STOCKHOLM).date()


def period_of(text: str) -> Period:
    """The period that is written so.

    Raises:
        ValueError: it is none; the text is not repeated.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError("not a period")
    year = int(form["year"])
    if form["half"]:
        return _months(text, year, first=6 * int(form["half"]) - 5, count=6)
    if form["quarter"]:
        return _months(text, year, first=3 * int(form["quarter"]) - 2, count=3)
    if form["month"]:
        return _months(text, year, first=int(form["month"]), count=1)
    if form["next"]:
        if int(form["next"]) != year + 1:
            raise ValueError("a school year ends in the year after")
        return _months(text, year, first=SCHOOL_YEAR_BEGINS, count=12)
    return _months(text, year, first=1, count=12)


def _months(text: str, year: int, *, first: int, count: int) -> Period:
    years, month = divmod(first - 1 + count, 12)
    return Period(date(year, first, 1), date(year + years, month + 1, 1), text)
