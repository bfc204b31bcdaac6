"""Counting without Kafka, and the catalogue's view of a table."""

from typing import Any

import asyncpg

from services.aggregator.domain.plan import Extent, plan
from services.aggregator.store import CountStore
from shared.messages.codec import encode
from shared.messages.event import Event
from shared.records import LogRecord


class Counter:
    """Counts events on one partition, as the log would bring them."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._store = CountStore(pool, consumer="g", topic="t", log_id="l", owner="o")
        self._offset = 0

    async def count(self, *events: Event) -> None:
        claim = (await self._store.claim(0, Extent(0, 1 << 40))).claim
        records = [
            LogRecord(0, self._offset + at, 0, event.event_id.bytes, encode(event))
            for at, event in enumerate(events)
        ]
        await self._store.write(plan(records, {0: claim}))
        self._offset += len(events)
