"""Buckets by number: minutes and hours since 1970, and Stockholm days since 1970-01-01.

The tables of cells hold these numbers (`deploy/schema/0006_cells.sql`). Hours and days follow from
the minute, so a change of a minute says which hour and which day it changes.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shared.windows import STOCKHOLM, Tier, floored

Numbers = NDArray[np.int64]

SECONDS = {Tier.MINUTE: 60, Tier.HOUR: 3600}
MINUTES_PER_HOUR = 60
_EPOCH = date(1970, 1, 1).toordinal()


def number_of(instant: datetime, tier: Tier) -> int:
    """The bucket that holds the instant."""
    if tier is Tier.DAY:
        return instant.astimezone(STOCKHOLM).date().toordinal() - _EPOCH
    return int(instant.timestamp()) // SECONDS[tier]


def first_from(instant: datetime, tier: Tier) -> int:
    """The first bucket that begins at the instant or later."""
    number = number_of(instant, tier)
    return number if floored(instant, tier) == instant else number + 1


def instant_of(number: int, tier: Tier) -> datetime:
    """When the bucket begins, in UTC."""
    if tier is Tier.DAY:
        day = date.fromordinal(number + _EPOCH)
        return datetime.combine(day, time.min, tzinfo=STOCKHOLM).astimezone(UTC)
    return datetime.fromtimestamp(number * SECONDS[tier], UTC)


def hours(minutes: Numbers) -> Numbers:
    """The hour of each minute."""
    return minutes // MINUTES_PER_HOUR


def stockholm_days(minutes: Numbers) -> Numbers:
    """The Stockholm day of each minute."""
    found, place = np.unique(hours(minutes), return_inverse=True)
    return np.fromiter(map(_stockholm_day, found.tolist()), np.int64, len(found))[place]


@lru_cache(maxsize=1 << 16)
def _stockholm_day(hour: int) -> int:
    """The day that an hour since 1970 lies in: the clock is changed and midnight is on the hour."""
    return number_of(datetime.fromtimestamp(hour * 3600, UTC), Tier.DAY)
