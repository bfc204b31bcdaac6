"""Events of the same incidents on partitions of two aggregators, which write at the same time."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import UUID

from aiokafka import AIOKafkaProducer

from deploy.chaos.content import Content, Said, Scenery
from deploy.chaos.incidents import Linked, record
from deploy.chaos.oracle import Oracle
from deploy.chaos.witness import Witness
from deploy.demo.truth import Coarse, Width
from services.aggregator.app import build
from services.aggregator.config import AggregatorSettings
from shared.identity import partition_of
from shared.kafka import Outgoing, new_producer, send_all
from shared.topics import DEFAULT_PARTITIONS, EVENTS
from tests.integration.test_aggregator_counting import READ, until
from tests.support.servers import Database

MUNICIPALITY = "9998"
INCIDENTS, EVENTS_EACH, VERSIONS = 8, 10, 30
RECORDS_IN_ONE_TRANSACTION = 20  # so that both have a transaction open nearly all of the time
WITHDRAWN_SHARE, RELINKED_SHARE, RESENT_SHARE = 0.25, 0.15, 0.1
MINUTES = 30  # few, so that events are often equally early and the smaller id decides
CODES = {"arson": Coarse(Width.MINUTE, 3), "robbery": Coarse(Width.HOUR, 3)}
AREAS = ("101", "102", "103")
OWNERS = (
    "select array_agg(owner order by part) from counting.stream_offset where topic like '%events%'"
)


def tellings(began: datetime, *, seed: int) -> list[Linked]:
    """Every version of every event, each event's in an order of its own, some of them twice."""
    chance = Random(seed)
    events = [UUID(int=chance.getrandbits(128), version=4) for _ in range(INCIDENTS * EVENTS_EACH)]
    incidents = [UUID(int=number + 1) for number in range(INCIDENTS)]
    minute = int(began.timestamp()) // 60
    told = []
    for number, event in enumerate(events):
        incident = incidents[number % INCIDENTS]
        for version in range(1, VERSIONS + 1):
            if version > 1 and chance.random() < WITHDRAWN_SHARE:
                told.append(Linked(event, version, None, None))
                continue
            if chance.random() < RELINKED_SHARE:
                incident = chance.choice(incidents)
            code = chance.choice(tuple(CODES))
            at = minute - chance.randrange(MINUTES) * (60 if code == "robbery" else 1)
            said = Said(code, at - at % 60 if code == "robbery" else at, chance.choice(AREAS))
            told.append(Linked(event, version, incident, said))
    told += chance.sample(told, int(RESENT_SHARE * len(told)))
    # Mostly upwards, so that versions are amended all the time, with stale ones in between.
    return sorted(told, key=lambda one: one.version + chance.uniform(0, 4))


async def write(kafka: str, prefix: str, told: Sequence[Linked]) -> None:
    producer: AIOKafkaProducer = new_producer(kafka, client_id="test")
    await producer.start()
    try:
        by_partition: dict[int, list[Outgoing]] = {}
        for one in told:
            outgoing = Outgoing(one.event.bytes, record(one, MUNICIPALITY), int(time.time() * 1000))
            number = partition_of(one.event, DEFAULT_PARTITIONS)
            by_partition.setdefault(number, []).append(outgoing)
        for sent in await send_all(producer, EVENTS.named(prefix), by_partition):
            await sent
    finally:
        await producer.stop()


async def test_every_incident_is_counted_once_where_its_earliest_live_event_is(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    began = datetime.now(UTC)
    told = tellings(began, seed=2)
    settings = AggregatorSettings(
        kafka=kafka,
        topic_prefix=topic_prefix,
        postgres=database.dsn("lagesbild_aggregator"),
        packs=(Path("unused"),),
        port=1,
        max_records=RECORDS_IN_ONE_TRANSACTION,
    )
    async with AsyncExitStack() as running:
        for app in (build(settings), build(settings)):
            await running.enter_async_context(app.router.lifespan_context(app))
        owners = await until(database, OWNERS, shared_by_two)
        await write(kafka, topic_prefix, told)
        await until(database, READ, lambda read: read == len(told))
        assert await until(database, OWNERS, bool) == owners  # the same two to the end
    scenery = Scenery(seed=0, began=began, codes={}, coarse=CODES, spots=())
    oracle = Oracle(Content(scenery), CODES)
    for one in told:
        oracle.accept_linked(one)
    comparison = await Witness(database.owner_dsn, MUNICIPALITY).comparison(oracle)
    assert comparison.shown == []
    assert {tier for tier, _ in comparison.tallies} == {"minute", "hour", "day"}
    assert comparison.cells > INCIDENTS


def shared_by_two(owners: list[str] | None) -> bool:
    """Whether every partition is claimed, and half of them by each: partitions move one by one."""
    return sorted(Counter(owners or ()).values()) == [DEFAULT_PARTITIONS // 2] * 2
