"""How long it takes from ingest's 202 until the event is in the committed counts.

The aggregator wakes whoever listens once per transaction; only then, and once a second in case a
wake-up was missed, the database is asked for the events that are still awaited. What is measured
is when we know that it is counted, so it is never too short.
"""

import asyncio
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import asyncpg

from shared.postgres import DATABASE_AWAY, queries

CHANNEL = "lagesbild_counted"
MOST_AWAITED = 300  # at once; more would measure the measuring
ASK_ANYWAY_S = 1.0
CONNECT_AGAIN_S = 0.3

Version = tuple[UUID, int]
"""An event id and the version that is awaited."""


class Stopwatch:
    """Times a bounded sample of events. Unit: instants of one monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._awaited: dict[Version, float | None] = {}
        self._counted: dict[Version, float] = {}
        self.samples: list[float] = []

    def sending(self, versions: Iterable[Version]) -> None:
        """Begin to await these, as far as there is room; before they are sent."""
        for version in versions:
            if len(self._awaited) + len(self._counted) < MOST_AWAITED:
                self._awaited.setdefault(version, None)

    def acknowledged(self, versions: Iterable[Version], *, at: float) -> None:
        """Ingest has answered 202; what was counted before that took no time."""
        for version in versions:
            if self._counted.pop(version, None) is not None:
                self.samples.append(0.0)
            elif version in self._awaited:
                self._awaited[version] = at

    def forget(self, versions: Iterable[Version]) -> None:
        """These will not be counted, for ingest did not take them."""
        for version in versions:
            self._awaited.pop(version, None)
            self._counted.pop(version, None)

    @property
    def awaited(self) -> set[UUID]:
        """The events that are not known to be counted."""
        return {event for event, _ in self._awaited}

    def counted(self, found: Mapping[UUID, int], *, at: float) -> None:
        """The database has these events, each in this version or a newer one than awaited."""
        for version in [*self._awaited]:
            event, number = version
            if found.get(event, 0) >= number:
                answered = self._awaited.pop(version)
                if answered is None:
                    self._counted[version] = at
                else:
                    self.samples.append(max(0.0, at - answered))

    def percentile_ms(self, share: float) -> float | None:
        """The nearest-rank percentile in milliseconds; none before the first sample."""
        return percentile_ms(self.samples, share)


def percentile_ms(samples: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile of seconds, in milliseconds with one decimal."""
    if not samples:
        return None
    rank = max(1, math.ceil(share * len(samples)))
    return round(sorted(samples)[rank - 1] * 1000, 1)


async def follow(dsn: str, stopwatch: Stopwatch) -> None:
    """Tell the stopwatch what is counted, until cancelled; a database that is away is awaited."""
    while True:
        try:
            await _listen(dsn, stopwatch)
        except DATABASE_AWAY:
            await asyncio.sleep(CONNECT_AGAIN_S)


async def _listen(dsn: str, stopwatch: Stopwatch) -> None:
    sql = queries("deploy.demo")["versions"]
    woken = asyncio.Event()
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        connection.add_termination_listener(lambda _: woken.set())
        await connection.add_listener(CHANNEL, lambda *_: woken.set())
        while True:
            await _woken_or_later(woken)
            if ids := stopwatch.awaited:
                rows = await connection.fetch(sql, list(ids), timeout=5)
                found = {row["event_id"]: row["version"] for row in rows}
                stopwatch.counted(found, at=time.perf_counter())
    finally:
        await _closed(connection)


async def _woken_or_later(woken: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(ASK_ANYWAY_S):
            await woken.wait()
    except TimeoutError:
        return
    woken.clear()


async def _closed(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    if not connection.is_closed():
        connection.terminate()  # it only listened; there is nothing to say goodbye for
