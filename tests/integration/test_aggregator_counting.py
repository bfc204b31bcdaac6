"""The counting transaction on real Kafka and PostgreSQL: each event once, whatever happens."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import asyncpg
import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from services.aggregator.app import build
from services.aggregator.audit import recount
from services.aggregator.config import AggregatorSettings
from services.aggregator.domain.plan import Advance, Claim, Extent, Plan, Winners
from services.aggregator.ownership import Ownership
from services.aggregator.store import CountStore
from shared.errors import Fenced
from shared.identity import partition_of
from shared.kafka import Outgoing, new_producer, send_all
from shared.messages.codec import encode
from shared.messages.event import Event, Placement
from shared.postgres import new_pool
from shared.topics import EVENTS
from tests.support.golden import DATA
from tests.support.servers import Database

NOON = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # 00:30 on 29 March in Stockholm: another day


def an_event(number: int, *, version: int = 1, area: str = "101", hours: int = 0) -> Event:
    at = NOON + timedelta(hours=hours)
    return Event(UUID(int=number), version, "9998", True, "arson", area, at, True, Placement.NYKO)


def withdrawn(number: int, *, version: int) -> Event:
    return Event(UUID(int=number), version, "9998", live=False)


async def publish(kafka: str, prefix: str, records: Sequence[Event | bytes]) -> None:
    """Put events, or bytes that are none, into the log as the anonymizer would."""
    producer: AIOKafkaProducer = new_producer(kafka, client_id="test")
    await producer.start()
    try:
        by_partition: dict[int, list[Outgoing]] = {}
        for record in records:
            key = record.event_id if isinstance(record, Event) else UUID(int=0)
            value = encode(record) if isinstance(record, Event) else record
            outgoing = Outgoing(key.bytes, value, int(time.time() * 1000))
            by_partition.setdefault(partition_of(key, 8), []).append(outgoing)
        for future in await send_all(producer, EVENTS.named(prefix), by_partition):
            await future
    finally:
        await producer.stop()


@asynccontextmanager
async def an_aggregator(kafka: str, prefix: str, database: Database) -> AsyncIterator[None]:
    settings = AggregatorSettings(
        kafka=kafka,
        topic_prefix=prefix,
        postgres=database.dsn("lagesbild_aggregator"),
        packs=(Path("unused"),),
        port=1,
    )
    app = build(settings)
    async with app.router.lifespan_context(app):
        yield


async def until(database: Database, query: str, wanted: Callable[[Any], bool]) -> Any:
    """Wait until the answer to a query is wanted; the deadline is the test's own time-out."""
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        while True:
            found = await connection.fetchval(query)
            if wanted(found):
                return found
            await asyncio.sleep(0.02)
    finally:
        await connection.close()


READ = "select coalesce(sum(next_offset), 0) from counting.stream_offset"
MINUTES = "select coalesce(sum(reports), 0) from counting.cell where tier = 'minute'"


async def cells(database: Database) -> dict[tuple[str, str, datetime], int]:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        rows = await connection.fetch("select * from counting.cell where reports <> 0")
    finally:
        await connection.close()
    return {(row["tier"], row["area"], row["bucket"]): row["reports"] for row in rows}


async def test_each_event_counts_once_in_its_newest_version(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    log = [
        an_event(1),
        an_event(1),  # resent
        an_event(2),
        an_event(2, version=2, area="102"),  # moved
        an_event(3),
        withdrawn(3, version=2),
        an_event(3),  # a stale copy
        withdrawn(4, version=2),
        an_event(4),  # overtaken by its own withdrawal
        an_event(5, version=3, hours=1),
        an_event(5, version=2),  # out of order
    ]
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, log)
        await until(database, READ, lambda read: read == len(log))
    day = datetime(2026, 3, 28, 23, tzinfo=UTC)
    hour = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert await cells(database) == {
        ("minute", "101", NOON): 1,
        ("minute", "102", NOON): 1,
        ("minute", "101", NOON + timedelta(hours=1)): 1,
        ("hour", "101", hour): 1,
        ("hour", "102", hour): 1,
        ("hour", "101", hour + timedelta(hours=1)): 1,
        ("day", "101", day): 2,
        ("day", "102", day): 1,
    }
    audit = await recount(database.owner_dsn)
    assert audit.ok
    assert (audit.events, audit.live_events) == (5, 3)


async def test_the_golden_events_become_the_golden_cells(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    log: list[Event | bytes] = [
        msgspec.json.decode(line, type=Event)
        for actor in ("fire", "police")
        for line in (DATA / "3-events" / f"{actor}.ndjson").read_bytes().splitlines()
    ]
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, log)
        await until(database, READ, lambda read: read == len(log))
    golden = map(json.loads, (DATA / "4-cells" / "cells.ndjson").read_text().splitlines())
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        rows = await connection.fetch("select * from counting.cell where reports <> 0")
    finally:
        await connection.close()
    counted = [
        {
            "tier": row["tier"],
            "indicator": row["indicator"],
            "bucket": row["bucket"].astimezone(UTC).isoformat(),
            "area": row["area"],
            "reports": row["reports"],
        }
        for row in rows
    ]
    assert sorted(counted, key=str) == sorted(golden, key=lambda cell: str(ordered(cell)))


def ordered(cell: dict[str, Any]) -> dict[str, Any]:
    return {name: cell[name] for name in ("tier", "indicator", "bucket", "area", "reports")}


async def test_a_restart_goes_on_where_the_transaction_was_and_counts_nothing_twice(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    events = [an_event(number) for number in range(1, 501)]
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, events[:300])
        await until(database, READ, lambda read: read > 0)
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, events[300:])
        await until(database, READ, lambda read: read == 500)
    assert await until(database, MINUTES, bool) == 500


async def test_two_instances_share_the_partitions_and_one_takes_over(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    async with an_aggregator(kafka, topic_prefix, database):
        async with an_aggregator(kafka, topic_prefix, database):
            await publish(kafka, topic_prefix, [an_event(n) for n in range(1, 401)])
            await until(database, READ, lambda read: read == 400)
        await publish(kafka, topic_prefix, [an_event(n) for n in range(401, 801)])
        await until(database, READ, lambda read: read == 800)
    assert await until(database, MINUTES, bool) == 800
    assert (await recount(database.owner_dsn)).ok


async def test_what_can_never_be_counted_is_buried_and_the_rest_counts(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    beyond_bigint = an_event(8, version=2**63)
    with_a_nul = an_event(16, area="1\x0001")
    log: list[Event | bytes] = [
        an_event(8),
        b"not an event",
        beyond_bigint,
        with_a_nul,
        an_event(24),
    ]
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, log)
        await until(database, READ, lambda read: read == len(log))
    assert await until(database, MINUTES, bool) == 2
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        rows = await connection.fetch("select * from counting.dead_letter order by source_offset")
    finally:
        await connection.close()
    reasons = [row["reason"] for row in rows]
    assert sorted(reasons) == ["not_an_event", "refused_by_database", "refused_by_database"]


async def test_an_earlier_owner_writes_nothing(database: Database) -> None:
    pool = await new_pool(database.dsn("lagesbild_aggregator"), application="test")
    async with pool:
        stores = [
            CountStore(pool, consumer="group", topic="events", log_id="log", owner=name)
            for name in ("a", "b")
        ]
        old = (await stores[0].claim(0, Extent(0, 0))).claim
        new = (await stores[1].claim(0, Extent(0, 0))).claim
        assert (old.epoch, new.epoch) == (1, 2)
        with pytest.raises(Fenced):
            await stores[0].write(Plan((Advance(0, old.epoch, 0, 1),), Winners(), (), ()))
        await stores[1].write(Plan((Advance(0, new.epoch, 0, 1),), Winners(), (), ()))
        with pytest.raises(Fenced):
            await stores[1].write(Plan((Advance(0, new.epoch, 0, 2),), Winners(), (), ()))
        assert (await stores[0].standing([0]))[0].next_offset == 1


@pytest.mark.parametrize("what", ["set next_offset = next_offset + 20", "set log_id = 'other'"])
async def test_a_log_that_is_not_what_was_counted_is_read_again_and_nothing_is_skipped(
    kafka: str, topic_prefix: str, database: Database, what: str
) -> None:
    """The database was ahead of the broker after a power cut, or has another broker now."""
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, [an_event(n) for n in range(1, 101)])
        await until(database, READ, lambda read: read == 100)
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        await connection.execute(f"update counting.stream_offset {what}")
    finally:
        await connection.close()
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, [an_event(n) for n in range(101, 201)])
        await until(database, MINUTES, lambda counted: counted >= 200)
        # Only now: while partitions go back one by one, their offsets may sum up to this, too.
        await until(database, READ, lambda read: read == 200)
    assert await until(database, MINUTES, bool) == 200
    assert (await recount(database.owner_dsn)).ok


async def test_a_transaction_of_unknown_outcome_is_looked_up_not_repeated(
    database: Database,
) -> None:
    pool = await new_pool(database.dsn("lagesbild_aggregator"), application="test")
    async with pool:
        store = CountStore(pool, consumer="group", topic="events", log_id="log", owner="a")
        ownership = Ownership(store)
        claim = (await store.claim(0, Extent(0, 5))).claim
        await ownership.look_up([0])
        ownership.take(0, claim)
        await store.write(Plan((Advance(0, claim.epoch, 0, 3),), Winners(), (), ()))
        await ownership.look_up([0])
        assert ownership.claims[0].next_offset == 3
        await store.claim(0, Extent(0, 5))
        await ownership.look_up([0])
        assert not ownership.claims


def test_an_answer_from_before_a_claim_does_not_judge_it() -> None:
    ownership = Ownership(cast("CountStore", None))
    old, new = Claim(1, 7), Claim(2, 7)
    ownership.take(0, old)
    ownership.take(1, old)
    before = dict(ownership.claims)
    ownership.take(0, new)  # while the database was asked
    ownership.reconcile([0, 1], {0: old, 1: new}, before=before)
    assert ownership.claims == {0: new}


async def test_an_owner_that_is_fenced_first_cannot_move_on_while_the_log_is_looked_at(
    database: Database,
) -> None:
    pool = await new_pool(database.dsn("lagesbild_aggregator"), application="test")
    async with pool:
        store = CountStore(pool, consumer="group", topic="events", log_id="log", owner="a")
        old = (await store.claim(0, Extent(0, 5))).claim
        await store.fence(0)
        with pytest.raises(Fenced):
            await store.write(Plan((Advance(0, old.epoch, 0, 3),), Winners(), (), ()))
        assert (await store.claim(0, Extent(0, 5))).claim == Claim(old.epoch + 2, 0)


async def test_an_audit_lists_a_cell_that_drifted(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, [an_event(1)])
        await until(database, READ, lambda read: read == 1)
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        await connection.execute("update counting.hour_cell set reports = 7")
    finally:
        await connection.close()
    audit = await recount(database.owner_dsn)
    assert not audit.ok
    assert [(cell.tier, cell.counted, cell.recounted) for cell in audit.differing] == [
        ("hour", 7, 1)
    ]
