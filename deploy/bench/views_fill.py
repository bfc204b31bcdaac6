"""Cells for `lagesbild bench views`: a year of history, and a minute hand that goes on."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import numpy as np
from numpy.typing import NDArray

from deploy.bench.town import CODE, INDICATORS, LEAVES
from shared.postgres import queries

YEAR_MINUTES = 365 * 24 * 60
MONTH_MINUTES = 30 * 24 * 60
DAY_MINUTES = 24 * 60
RECENT_MINUTES = 10  # in which every place has an event, so that no window is empty
EVERY_S = 0.05

_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"
_NAMES = ("series", "minute", "incidents")
_ROW = np.dtype(
    [("fields", ">i2")]
    + [part for name in _NAMES for part in ((f"{name}_bytes", ">i4"), (name, ">i4"))]
)

Numbers = NDArray[np.int64]


@dataclass(slots=True)
class Counted:
    """What was counted while readings went on."""

    events: int = 0
    transactions: int = 0


async def filled(connection: "asyncpg.Connection[asyncpg.Record]", *, events: int) -> Numbers:
    """Write so many events, half of them anywhere in a year, a quarter each in a month and a day.

    Besides, every place has one in the last minutes. The numbers of the places come back.
    """
    sql = queries("deploy.bench", "views.sql")
    rows = await connection.fetch(sql["number_places"], CODE, list(LEAVES), list(INDICATORS))
    places = np.array([row["series"] for row in rows], np.int64)
    chance = np.random.default_rng(1)
    now = int(time.time()) // 60
    shares = ((YEAR_MINUTES, 2), (MONTH_MINUTES, 1), (DAY_MINUTES, 1))
    back = np.concatenate(
        [chance.integers(1, reach, events * share // 4) for reach, share in shares]
    )
    series = np.concatenate([chance.choice(places, len(back)), places])
    minutes = now - np.concatenate([back, chance.integers(0, RECENT_MINUTES, len(places))])
    await connection.execute(sql["make_given"])
    await connection.copy_to_table(
        "given",
        columns=list(_NAMES),
        source=io.BytesIO(_rows(series, minutes, _incidents(chance, len(series)))),
        format="binary",
    )
    await connection.execute(sql["fill_changes"], now - DAY_MINUTES - 60)
    await connection.execute(sql["fill_hours"])
    await connection.execute(sql["fill_days"])
    await connection.execute("analyze", timeout=120)
    await connection.execute(queries("deploy.bench")["checkpoint"], timeout=120)
    return places


@asynccontextmanager
async def counting(
    connection: "asyncpg.Connection[asyncpg.Record]", places: Numbers, *, per_second: float
) -> AsyncIterator[Counted]:
    """Count events of now for as long as the context lasts, a place after the other."""
    counted = Counted()
    task = asyncio.create_task(_count(connection, places, per_second, counted))
    try:
        yield counted
        if task.done():
            task.result()
    finally:
        counted_all = asyncio.gather(task, return_exceptions=True)
        task.cancel()
        await counted_all


async def _count(
    connection: "asyncpg.Connection[asyncpg.Record]",
    places: Numbers,
    per_second: float,
    counted: Counted,
) -> None:
    sql = queries("deploy.bench", "views.sql")["count"]
    chance = np.random.default_rng(2)
    order = chance.permutation(places)
    begun = time.perf_counter()
    while True:
        due = int((time.perf_counter() - begun) * per_second) - counted.events
        if due > 0:
            at = np.arange(counted.events, counted.events + due) % len(order)
            minute = int(time.time()) // 60
            await connection.execute(
                sql, order[at].tolist(), [minute] * due, _incidents(chance, due).tolist()
            )
            counted.events += due
            counted.transactions += 1
        await asyncio.sleep(EVERY_S)


def _incidents(chance: np.random.Generator, count: int) -> Numbers:
    """One event in ten tells of an incident that was counted before."""
    return (chance.random(count) >= 0.1).astype(np.int64)


def _rows(*columns: Numbers) -> bytes:
    """The columns as PostgreSQL's binary COPY has rows."""
    table = np.zeros(len(columns[0]), _ROW)
    table["fields"] = len(columns)
    for name, column in zip(_NAMES, columns, strict=True):
        table[f"{name}_bytes"], table[name] = 4, column
    return _HEAD + table.tobytes() + _TAIL
