"""Both streams on their way in, each sent again until it is acknowledged, and then believed."""

import asyncio
import time
from collections.abc import Mapping

from aiokafka import AIOKafkaProducer

from deploy.bench.generator import Generator
from deploy.chaos.incidents import Incidents, Linked, record
from deploy.chaos.load import Load
from deploy.chaos.oracle import Oracle
from shared.identity import partition_of
from shared.kafka import KAFKA_AWAY, Outgoing, new_producer, send_all
from shared.topics import DEFAULT_PARTITIONS, EVENTS

CONNECTIONS = 4
MOST_BEHIND_S = 1.0  # what an outage has cost is not made up for in a flood
ROWS = 250
LINKED_PER_SECOND = 40
LINKED_AT_ONCE = 20
ACKNOWLEDGED_S = 10.0
AGAIN_S = 0.2


class Pace:
    """When the next so many may go. Unit: `per_second` of one clock."""

    def __init__(self, per_second: float, *, now: float) -> None:
        self._per_second = per_second
        self._next = now

    def wait(self, count: int, *, now: float) -> float:
        """How many seconds from now these may go."""
        self._next = max(self._next, now - MOST_BEHIND_S)
        due, self._next = self._next, self._next + count / self._per_second
        return max(0.0, due - now)


async def send_reports(
    load: Load,
    oracle: Oracle,
    *,
    ingest: str,
    keys: Mapping[str, str],
    rate: float,
    stopped: asyncio.Event,
) -> None:
    """Post to ingest until told to stop; what was begun is accepted, too.

    Raises:
        UnexpectedAnswerError: ingest refuses what is right.
    """
    pace = Pace(rate, now=time.monotonic())
    rows = max(1, min(ROWS, int(rate / CONNECTIONS)))

    async def connection(generator: Generator) -> None:
        while not stopped.is_set():
            batch = load.next(rows)
            await asyncio.sleep(pace.wait(rows, now=time.monotonic()))
            await generator.post_whatever_happens(batch.post)
            oracle.accept(batch.tellings)

    async with Generator(ingest, keys=keys) as generator:
        await asyncio.gather(*(connection(generator) for _ in range(CONNECTIONS)))


async def send_linked(
    incidents: Incidents,
    oracle: Oracle,
    *,
    kafka: str,
    municipality: str,
    stopped: asyncio.Event,
) -> None:
    """Write events with incidents onto the event log until told to stop."""
    pace = Pace(LINKED_PER_SECOND, now=time.monotonic())
    unsent: list[Linked] = []
    while unsent or not stopped.is_set():
        producer = new_producer(kafka, client_id="lagesbild-chaos")
        try:
            async with asyncio.timeout(ACKNOWLEDGED_S):
                await producer.start()
            while unsent or not stopped.is_set():
                unsent = unsent or [incidents.next() for _ in range(LINKED_AT_ONCE)]
                async with asyncio.timeout(ACKNOWLEDGED_S):
                    await _written(producer, unsent, municipality)
                for linked in unsent:
                    oracle.accept_linked(linked)
                unsent = []
                await asyncio.sleep(pace.wait(LINKED_AT_ONCE, now=time.monotonic()))
        except KAFKA_AWAY:
            await asyncio.sleep(AGAIN_S)
        finally:
            await _closed(producer)


async def _written(producer: AIOKafkaProducer, some: list[Linked], municipality: str) -> None:
    """Return when Kafka has acknowledged all of them."""
    now_ms = int(time.time() * 1000)
    by_partition: dict[int, list[Outgoing]] = {}
    for linked in some:
        outgoing = Outgoing(linked.event.bytes, record(linked, municipality), now_ms)
        number = partition_of(linked.event, DEFAULT_PARTITIONS)
        by_partition.setdefault(number, []).append(outgoing)
    for sent in await send_all(producer, EVENTS.name, by_partition):
        await sent


async def _closed(producer: AIOKafkaProducer) -> None:
    """Close it; without its broker a producer would wait for ever for what it still holds."""
    try:
        async with asyncio.timeout(1.0):
            await producer.stop()
    except KAFKA_AWAY:
        return
