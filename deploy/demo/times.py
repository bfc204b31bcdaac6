"""When things happen, and how actors write it. Every instant is drawn, none is read."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
ELSEWHERE: Final = timezone(timedelta(hours=-3, minutes=-30))  # a head office far away

MOST_AHEAD_S = 230.0  # clocks of actors may be wrong; ingest accepts five minutes
DAY_S = 86_400.0


def recently(now: datetime, rng: Random, *, delay_s: float) -> datetime:
    """An instant of what is reported now: mostly the last minutes, some of it long ago.

    Unit: aware; `delay_s` mean seconds between event and report where nothing special happened.
    """
    what = rng.random()
    if what < 0.72:
        return _written(now - timedelta(seconds=rng.expovariate(1 / delay_s)), rng)
    if what < 0.76:
        return _written(now + timedelta(seconds=rng.uniform(0, MOST_AHEAD_S)), rng)
    if what < 0.90:
        return _written(now - timedelta(seconds=rng.uniform(0, DAY_S)), rng)
    return some_time_ago(now, rng)


def some_time_ago(now: datetime, rng: Random) -> datetime:
    """An instant of the days before `now`, fewer the longer ago; now and then last year.

    Unit: aware.
    """
    what = rng.random()
    if what < 0.85:
        return _written(now - timedelta(seconds=rng.expovariate(1 / DAY_S)), rng)
    if what < 0.94:
        return _written(now - timedelta(days=rng.uniform(0, 40)), rng)
    if what < 0.98:
        return _written(now - timedelta(days=rng.uniform(0, 400)), rng)
    return _written(_night_of_a_change(now, rng), rng)


def _night_of_a_change(now: datetime, rng: Random) -> datetime:
    """An instant around the last change from summer time, when an hour comes twice.

    The clocks change at 01:00 UTC on the last Sunday of October.
    """
    for year in (now.year, now.year - 1):
        last = datetime(year, 10, 31, 1, tzinfo=UTC)
        change = last - timedelta(days=(last.weekday() + 1) % 7)
        if change + timedelta(hours=3) < now:
            break
    return change + timedelta(seconds=rng.uniform(-3 * 3600, 3 * 3600))


def _written(instant: datetime, rng: Random) -> datetime:
    """The instant with the offset and the precision that somebody writes it in."""
    zone = rng.choices((STOCKHOLM, UTC, ELSEWHERE), (6, 3, 1))[0]
    offset = instant.astimezone(zone).utcoffset() or timedelta(0)
    local = instant.astimezone(timezone(offset))  # fixed, for the hour that comes twice
    match rng.randrange(3):
        case 0:
            return local.replace(microsecond=0)
        case 1:
            return local.replace(microsecond=local.microsecond // 1000 * 1000)
        case _:
            return local
