"""Looks all the time, from outside, at how far each stage has come; servers may be away."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.chaos.beside import beside
from deploy.chaos.recovery import Recoveries, Sight
from deploy.embedded.servers import SERVERS
from shared.kafka import KAFKA_AWAY
from shared.postgres import DATABASE_AWAY, queries
from shared.topics import ANONYMIZER_GROUP, DEFAULT_PARTITIONS, EVENTS, REPORTS

LOOK_EVERY_S = 0.1
ANSWER_S = 3.0
AGAIN_S = 0.2
AGGREGATOR_GROUP = "lagesbild.aggregator"

NUMBERS = range(DEFAULT_PARTITIONS)


class Watch:
    """The newest sight of everything, and the recoveries that are seen by it."""

    def __init__(
        self, kafka: str, dsn: str, *, reader: Callable[[], Awaitable[int | None]]
    ) -> None:
        self._kafka = kafka
        self._dsn = dsn
        self._reader = reader
        self._sql = queries("deploy.chaos")
        self._looks = dict.fromkeys((*SERVERS, "reader"), 0)
        self.sight = Sight()
        self.recoveries = Recoveries()

    async def look(self) -> None:
        """Look for ever."""
        await beside(self._look_at_kafka(), self._look_at_postgres(), self._look_at_reader())

    async def looked_anew(self) -> None:
        """Return when all of the sight is of later than now; a look on its way does not count."""
        goal = {part: looks + 2 for part, looks in self._looks.items()}
        while any(self._looks[part] < goal[part] for part in goal):  # noqa: ASYNC110 - of each two
            await asyncio.sleep(LOOK_EVERY_S)

    def partitions_of(self, pid: int) -> list[int]:
        """The partitions that a process counts, as last seen."""
        mine = f"{pid}:"
        return [part for part, owner in self.sight.owners.items() if owner.startswith(mine)]

    async def _look_at_kafka(self) -> None:
        while True:
            try:
                async with _clients(self._kafka) as (consumer, admin):
                    while True:
                        async with asyncio.timeout(ANSWER_S):
                            began = time.monotonic()
                            offsets = await _offsets(consumer, admin)
                        self._see("kafka", looked_at=began, **offsets)
                        await asyncio.sleep(LOOK_EVERY_S)
            except KAFKA_AWAY:
                await asyncio.sleep(AGAIN_S)

    async def _look_at_postgres(self) -> None:
        while True:
            try:
                connection = await asyncpg.connect(
                    self._dsn, timeout=ANSWER_S, command_timeout=ANSWER_S
                )
                try:
                    while True:
                        rows = await connection.fetch(
                            self._sql["standing"], AGGREGATOR_GROUP, EVENTS.name
                        )
                        self._see(
                            "postgres",
                            counted={row["part"]: row["next_offset"] for row in rows},
                            owners={row["part"]: row["owner"] for row in rows},
                        )
                        await asyncio.sleep(LOOK_EVERY_S)
                finally:
                    connection.terminate()
            except DATABASE_AWAY:
                await asyncio.sleep(AGAIN_S)

    async def _look_at_reader(self) -> None:
        while True:
            self._see("reader", reader=await self._reader())
            await asyncio.sleep(LOOK_EVERY_S)

    def _see(self, part: str, **news: Any) -> None:
        self._looks[part] += 1
        self.sight = replace(self.sight, **news)
        self.recoveries.see(self.sight, at=time.monotonic())


async def _offsets(
    consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient
) -> dict[str, dict[int, int]]:
    """What the anonymizers have passed is asked for before the end of their log, not after."""
    committed = await admin.list_consumer_group_offsets(ANONYMIZER_GROUP)
    anonymized = {one.partition: there.offset for one, there in committed.items()}
    ends = await consumer.end_offsets(
        [TopicPartition(topic.name, number) for topic in (REPORTS, EVENTS) for number in NUMBERS]
    )
    return {
        "anonymized": anonymized,
        "reports": {one.partition: end for one, end in ends.items() if one.topic == REPORTS.name},
        "events": {one.partition: end for one, end in ends.items() if one.topic == EVENTS.name},
    }


@asynccontextmanager
async def _clients(bootstrap: str) -> AsyncIterator[tuple[AIOKafkaConsumer, AIOKafkaAdminClient]]:
    async with AsyncExitStack() as on_exit:
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
        on_exit.push_async_callback(consumer.stop)
        async with asyncio.timeout(ANSWER_S):
            await consumer.start()
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        on_exit.push_async_callback(admin.close)
        async with asyncio.timeout(ANSWER_S):
            await admin.start()
        yield consumer, admin
