"""What `/started` and `/ready` of the aggregator wait for, each by its name."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
from aiokafka import TopicPartition
from starlette.applications import Starlette

from services.aggregator.app import Streams
from services.aggregator.config import AggregatorSettings
from services.aggregator.domain.lag import Lag
from services.aggregator.domain.plan import Claim
from services.aggregator.ownership import Ownership
from shared.http import Readiness, operations_routes
from shared.kafka import is_polling
from shared.postgres import Ping
from shared.records import LogRecord

LAG_SECONDS = 5.0
PARTITION = TopicPartition("events", 0)


class Pool:
    """A pool whose database answers, is away, or is frozen."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.frozen = False

    async def fetchval(self, _query: str) -> bool:
        if self.error:
            raise self.error
        if self.frozen:
            await asyncio.sleep(3600)
        return True


class Paused:
    """A consumer to which one partition is assigned."""

    def assignment(self) -> set[TopicPartition]:
        return {PARTITION}

    def pause(self, *_partitions: TopicPartition) -> None:
        """Nothing is read here."""


class Service:
    """The checks that the aggregator makes, over a world that the test decides."""

    def __init__(self) -> None:
        self.pool = Pool()
        pool: Any = self.pool
        store: Any = None
        consumer = Paused()
        self.lag = Lag()
        self.ownership = Ownership(store)
        self.ownership.follow(lambda: consumer)
        self.loop = asyncio.create_task(asyncio.sleep(3600))
        self.subscriber = SimpleNamespace(running=True, tasks=[self.loop])
        readiness = Readiness()
        readiness.watch("database", Ping(pool, within_seconds=0.05).answers)
        settings = AggregatorSettings(
            kafka="unused:1",
            topic_prefix="",
            postgres="postgresql://unused",
            packs=(Path("unused"),),
            port=1,
            ready_lag_seconds=LAG_SECONDS,
        )
        Streams(settings, pool, readiness, log_id="log", owner="o")._watch(
            "events", self.lag, self.ownership.is_settled, lambda: is_polling(self.subscriber)
        )
        app = Starlette(routes=operations_routes(readiness))
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://aggregator"
        )

    async def join(self) -> None:
        """The group has given a partition, and it is claimed."""
        await self.ownership.on_partitions_assigned([])
        self.ownership.take(0, Claim(1, 0))

    async def waits_for(self, path: str) -> list[str]:
        answer = await self._client.get(path)
        waiting: list[str] = answer.json()["waiting_for"]
        assert answer.status_code == (503 if waiting else 200)
        assert answer.json()["ready"] is not bool(waiting)
        return waiting

    async def both_wait_for(self, *names: str) -> None:
        assert await self.waits_for("/started") == list(names)
        assert await self.waits_for("/ready") == list(names)


@asynccontextmanager
async def a_service() -> AsyncIterator[Service]:
    service = Service()
    yield service
    service.loop.cancel()


async def test_it_waits_until_each_partition_is_claimed_and_again_when_one_is_lost() -> None:
    async with a_service() as service:
        await service.both_wait_for("events_partitions")  # not even in the group
        await service.ownership.on_partitions_assigned([])
        await service.both_wait_for("events_partitions")  # assigned, not claimed
        service.ownership.take(0, Claim(1, 0))
        await service.both_wait_for()
        mine = dict(service.ownership.claims)
        service.ownership.reconcile([0], {0: Claim(2, 0)}, before=mine)  # another has claimed it
        await service.both_wait_for("events_partitions")


async def test_it_waits_for_a_database_that_is_away_or_frozen() -> None:
    async with a_service() as service:
        await service.join()
        service.pool.error = ConnectionRefusedError()
        await service.both_wait_for("database")
        service.pool.error = None
        await service.both_wait_for()
        service.pool.frozen = True
        await service.both_wait_for("database")


async def test_it_waits_for_a_loop_that_has_ended() -> None:
    async with a_service() as service:
        await service.join()
        await service.both_wait_for()
        service.loop.cancel()
        await asyncio.sleep(0)
        await service.both_wait_for("events_polling")


async def test_who_lags_has_started_and_is_not_ready() -> None:
    async with a_service() as service:
        await service.join()
        accepted_ms = int((time.time() - LAG_SECONDS - 1) * 1000)
        service.lag.took([LogRecord(0, 0, accepted_ms, b"", b"")])
        assert await service.waits_for("/started") == []
        assert await service.waits_for("/ready") == ["events_lag"]
        service.lag.wrote(1)
        await service.both_wait_for()
