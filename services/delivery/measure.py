"""`lagesbild bench views`, the part that is delivery: reads views as a push does, and times it.

A program of its own, so that nobody else's work is in its time: `python -m services.delivery.measure
FOLDER SECONDS` with the database in `LAGESBILD_POSTGRES`, run by `deploy.bench.views`. It says
`ready` when the cells are in memory and its figures when its time is over, one line of JSON each;
between them somebody else counts. At the end it waits for a line on standard input, so that the
last reading can be held against sums in SQL at rest.

One reading is a transaction with the views of every level, from one snapshot: from asking for a
connection until the bytes of the pushes are there. What is written down afterwards is not in it.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
import uvloop
from typing_extensions import override

from services.delivery.domain.push import push_of
from services.delivery.domain.selection import Wanted, selected
from services.delivery.domain.view import Audience, Plan, plan
from services.delivery.domain.writing import Writer
from services.delivery.store.mirror import Mirror
from shared.buckets import number_of
from shared.pack import load_pack
from shared.pack.model import Pack, Sensitivity
from shared.postgres import Connection, Pool, new_pool, queries
from shared.windows import Tier

READINGS_PER_S = 20.0
BASELINE_READINGS = 7
MINUTES_LATER = 10
PARTS = ("follow", "sum", "compose", "encode")
NOBODY = UUID(int=0)

Sums: TypeAlias = dict[tuple[str, str, str], tuple[int, int]]
"""Shape: area, indicator, window; reports, incidents."""


class TimedMirror(Mirror):
    """A mirror that says how long following took."""

    def __init__(self) -> None:
        super().__init__()
        self.followed_s = 0.0

    @override
    async def _followed(self, *given: Any) -> Mapping[str, Sensitivity]:
        begun = time.perf_counter()
        try:
            return await super()._followed(*given)
        finally:
            self.followed_s = time.perf_counter() - begun


@dataclass(slots=True)
class Reading:
    """One reading of every level. Unit: seconds; `parts` in the order of PARTS."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    parts: tuple[float, ...] = ()
    bodies: list[bytes] = field(default_factory=list)


class Measuring:
    """Reads the views of a pack as one actor that is cleared for all of it."""

    def __init__(self, pool: Pool, pack: Pack) -> None:
        self._pool = pool
        self._pack = pack
        self._audience = Audience(pack.code, next(iter(pack.actors)))
        self._mirror = TimedMirror()
        self._writer = Writer()
        self._sql = queries("services.delivery", "measure.sql")

    @property
    def cells(self) -> int:
        """The cells in memory."""
        return self._mirror.cells

    @property
    def held_bytes(self) -> int:
        """What they take."""
        return self._mirror.held_bytes

    async def read(self, *, later: timedelta = timedelta()) -> Reading:
        """One reading, timed; as if it were so much later."""
        reading = Reading()
        begun, used = time.perf_counter(), time.process_time()
        plans = self._plans(later)

        async def compose(connection: Connection) -> None:
            began = time.perf_counter()
            pictures = await self._mirror.pictures(
                connection,
                plans[0],
                self._audience,
                prefix_lengths=[one.prefix_length for one in plans],
            )
            summed = time.perf_counter()
            views = [self._writer.view(one, pictures) for one in plans]
            composed = time.perf_counter()
            reading.bodies = [
                push_of(view, subscription=NOBODY, seq=1, due_at=view.as_of).body for view in views
            ]
            encoded = time.perf_counter()
            follow = began - begun + self._mirror.followed_s
            reading.parts = (
                follow,
                summed - began - self._mirror.followed_s,
                composed - summed,
                encoded - composed,
            )
            reading.seconds = encoded - begun
            reading.cpu_s = time.process_time() - used

        await self._mirror.transaction(
            self._pool, compose, municipality=self._audience.municipality
        )
        return reading

    async def in_sql(self) -> float:
        """Seconds that PostgreSQL takes for the same sums, under the same row-level security."""
        async with self._pool.acquire() as connection, connection.transaction():
            begun = time.perf_counter()
            await self._sums(connection, self._plans())
            return time.perf_counter() - begun

    async def is_right(self) -> bool:
        """Whether a reading is, to the last cell, what PostgreSQL adds up at that moment."""
        plans = self._plans()
        async with self._pool.acquire() as connection, connection.transaction():
            pictures = await self._mirror.pictures(
                connection,
                plans[0],
                self._audience,
                prefix_lengths=[one.prefix_length for one in plans],
            )
            wanted = await self._sums(connection, plans)
        found: Sums = {}
        for one in plans:
            for cell in msgspec.json.decode(bytes(self._writer.view(one, pictures).cells)):
                key = (cell["area"], cell["indicator"], cell["window"])
                found[key] = cell["reports"], cell["incidents"]
        return found == wanted

    async def _sums(self, connection: Connection, plans: Sequence[Plan]) -> Sums:
        await connection.fetchrow(
            queries("services.delivery", "counts.sql")["set_audience"],
            self._audience.municipality,
            self._audience.actor,
        )
        parts = [
            (window, part.tier, number_of(part.start, part.tier), number_of(part.end, part.tier))
            for window, of in plans[0].cut[Tier.MINUTE].items()
            for part in of
        ]
        rows = await connection.fetch(
            self._sql["sums"],
            *(list(column) for column in zip(*parts, strict=True)),
            [one.prefix_length for one in plans],
        )
        return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}

    def _plans(self, later: timedelta = timedelta()) -> list[Plan]:
        """One per level, as of now or later."""
        now = datetime.now(UTC) + later
        return [
            plan(
                self._pack,
                selected(self._pack, Wanted(None, None, level, None)),
                actor=self._audience.actor,
                as_of=now,
            )
            for level in range(1, self._pack.leaf_level + 1)
        ]


async def measured(folder: Path, seconds: float) -> None:
    """Read for so long, tell what it took, and whether the last reading was right."""
    pack = load_pack(folder)
    async with await new_pool(os.environ["LAGESBILD_POSTGRES"], application="bench") as pool:
        measuring = Measuring(pool, pack)
        begun = time.perf_counter()
        await measuring.read()
        _say(
            {
                "load_s": round(time.perf_counter() - begun, 3),
                "memory_cells": measuring.cells,
                "memory_mb": round(measuring.held_bytes / 1e6, 1),
            }
        )
        readings, last = await _readings(measuring, seconds)
        later = [
            await measuring.read(later=timedelta(minutes=minute))
            for minute in range(1, MINUTES_LATER)
        ]
        baseline = [await measuring.in_sql() for _ in range(BASELINE_READINGS)]
        counts = [len(_cells(body)) for body in last.bodies]
        zeros = sum(not cell["reports"] for body in last.bodies for cell in _cells(body))
        _say(
            {
                "readings": [(one.seconds, *one.parts) for one in readings],
                "cells": counts,
                "zeros": zeros,
                "bytes": sum(map(len, last.bodies)),
                "cpu_s": [one.cpu_s for one in readings],
                "later_s": [one.seconds for one in later],
                "later_cpu_s": [one.cpu_s for one in later],
                "sql_s": baseline,
            }
        )
        await asyncio.to_thread(sys.stdin.readline)
        _say({"right": await measuring.is_right()})


async def _readings(measuring: Measuring, seconds: float) -> tuple[list[Reading], Reading]:
    """At an even pace; the bodies of the last one alone are kept."""
    done: list[Reading] = []
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        last = await measuring.read()
        done.append(replace(last, bodies=[]))
        await asyncio.sleep(max(0.0, begun + 1 / READINGS_PER_S - time.perf_counter()))
    return done, last


def _cells(body: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.json.decode(body)["data"]["cells"]
    return found


def _say(what: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(measured(Path(sys.argv[1]), float(sys.argv[2])))
