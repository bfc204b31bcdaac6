"""Looks from outside at how far a stage has come."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.bench.figures import Climb
from shared.errors import LagesbildError
from shared.kafka import administration, committed_offsets
from shared.postgres import queries

LOOK_EVERY_S = 0.03
PATIENCE_S = 60.0

Count: TypeAlias = Callable[[], Awaitable[int]]


class StalledError(LagesbildError):
    """A stage has made no progress for long; the text says how far it came."""

    def __init__(self, stage: str, seen: int, goal: int) -> None:
        super().__init__(f"{stage}: {seen} of {goal}")


async def climbed(stage: str, count: Count, climb: Climb, *, goal: int) -> Climb:
    """Look until the goal is reached.

    Raises:
        StalledError: nothing has moved for PATIENCE_S.
    """
    moved_at = time.perf_counter()
    while True:
        before = climb.seen
        climb.see(await count(), at=time.perf_counter())
        if climb.is_over:
            return climb
        if climb.seen != before:
            moved_at = time.perf_counter()
        elif time.perf_counter() - moved_at > PATIENCE_S:
            raise StalledError(stage, climb.seen, goal)
        await asyncio.sleep(LOOK_EVERY_S)


@asynccontextmanager
async def topic_end(bootstrap: str, topic: str, *, partitions: int) -> AsyncIterator[Count]:
    """How many records have ever been put on a topic."""
    everywhere = [TopicPartition(topic, number) for number in range(partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()

    async def count() -> int:
        return sum((await consumer.end_offsets(everywhere)).values())

    try:
        yield count
    finally:
        await consumer.stop()


@asynccontextmanager
async def committed(
    bootstrap: str, group: str, topic: str, *, partitions: int
) -> AsyncIterator[Count]:
    """How many records of a topic a group has committed since now."""
    async with administration(bootstrap) as admin:

        async def count() -> int:
            return sum((await committed_offsets(admin, group, topic, partitions)).values())

        before = await count()

        async def since() -> int:
            return await count() - before

        yield since


@asynccontextmanager
async def passed_and_counted(dsn: str, topic: str) -> AsyncIterator[tuple[Count, Count]]:
    """How many records of the event topic the aggregator is past, and how many events count."""
    sql = queries("deploy.bench")
    connection = await asyncpg.connect(dsn)

    async def passed() -> int:
        return int(await connection.fetchval(sql["passed"], topic))

    async def counted() -> int:
        return int(await connection.fetchval(sql["events"]))

    try:
        yield passed, counted
    finally:
        await connection.close()
