"""Linking on real PostgreSQL: durable first, the same everywhere, and nothing left behind."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from deploy.bench.linking_score import Labels, score
from deploy.bench.linking_town import Told, told
from services.anonymizer import linkage_store
from services.anonymizer.domain.linking.tokens import opened
from services.anonymizer.linking import Arrival, Linking
from services.anonymizer.measure.linking import TruthLinking, labels_of, sightings
from services.anonymizer.metrics import Metrics
from services.anonymizer.retention import forget, forget_for_ever
from shared.kafka import Outgoing
from shared.messages.event import Event
from shared.postgres import Pool, new_pool, queries
from tests.support.linking import (
    COMPATIBLE,
    EVENT,
    HOUR_MS,
    Clock,
    MemoryKeys,
    a_pool,
    an_instance,
    arrival,
    arrivals,
    flat,
    incidents,
    linkers,
    twin,
)
from tests.support.servers import Database

DAYS = 60
BATCH = 37
KEPT = timedelta(days=400)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with a_pool(database) as made:
        yield made


@pytest.fixture
def keys() -> MemoryKeys:
    return MemoryKeys()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def the_town(days: int = DAYS) -> tuple[Told, list[Arrival]]:
    reports = told(5, days=days)
    chance = Random(5)
    ids = [UUID(int=chance.getrandbits(128), version=4) for _ in range(len(reports))]
    return reports, arrivals(sightings(reports), ids=ids)


async def linked(linking: Linking, some: Sequence[Arrival], clock: Clock) -> list[Outgoing]:
    """Everything that is published for the arrivals, which come in batches."""
    published: list[Outgoing] = []
    for at in range(0, len(some), BATCH):
        batch = some[at : at + BATCH]
        clock.ms = batch[0][0].timestamp
        published += flat(await linking.events(batch))
    return published


def labels(some: Sequence[Arrival], published: Sequence[Outgoing]) -> Labels:
    held = incidents(published)
    return labels_of(
        {row: held.get(record.key or b"", b"") for row, (record, _) in enumerate(some)}
    )


async def test_the_store_decides_nothing(pool: Pool, keys: MemoryKeys, clock: Clock) -> None:
    """The figures of `bench linking` are those of the service: both link the same reports."""
    reports, some = the_town()
    in_memory = TruthLinking(COMPATIBLE).labels(reports)
    stored = labels(some, await linked(an_instance(pool, keys, clock), some, clock))
    assert score(reports, stored) == score(reports, in_memory)
    assert np.array_equal(stored, in_memory)


async def test_two_instances_that_share_incidents_find_what_one_finds(
    pool: Pool, keys: MemoryKeys, clock: Clock
) -> None:
    """Each has half of the partitions and both write at once; they are a few hours apart at most."""
    reports, some = the_town()
    alone = score(reports, TruthLinking(COMPATIBLE).labels(reports))
    instances = [an_instance(pool, keys, clock) for _ in range(2)]
    published: list[Outgoing] = []
    for now in hours(some, 3):
        clock.ms = now[0][0].timestamp
        halves = [[one for one in now if one[0].partition % 2 == half] for half in range(2)]
        both = zip(instances, halves, strict=True)
        for part in await asyncio.gather(*(one.events(half) for one, half in both)):
            published += flat(part)
    shared = score(reports, labels(some, published))
    assert abs(shared.precision - alone.precision) < 0.015
    assert abs(shared.recall - alone.recall) < 0.015
    assert shared.precision > 0.95
    assert shared.recall > 0.70


def hours(some: Sequence[Arrival], length: int) -> Iterator[list[Arrival]]:
    """The arrivals of each stretch of so many hours."""
    for _, group in groupby(some, lambda one: one[0].timestamp // (length * 3_600_000)):
        yield list(group)


async def test_a_replay_publishes_the_same_bytes_whatever_was_decided_since(
    pool: Pool, keys: MemoryKeys, clock: Clock
) -> None:
    """Killed after the commit and before it published; another instance went on meanwhile."""
    _, some = the_town()
    batch, rest = some[:400], some[400:700]
    clock.ms = batch[0][0].timestamp
    never_published = await an_instance(pool, keys, clock).events(batch)
    await linked(an_instance(pool, keys, clock), rest, clock)
    again = await an_instance(pool, keys, clock).events(batch)
    assert again == never_published
    assert len(flat(again)) > len(batch)  # founders are published once more, also in the replay


async def test_a_transaction_that_fails_leaves_no_decision_neither_stored_nor_in_memory(
    pool: Pool, keys: MemoryKeys, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, some = the_town()
    undisturbed = flat(await an_instance(pool, MemoryKeys(), clock).events(some[:300]))
    await pool.execute("delete from linkage.token")
    await pool.execute("delete from linkage.decision")
    linking, write, failures = an_instance(pool, keys, clock), linkage_store.write, [True]

    async def fails_once(*given: Any, **named: Any) -> None:
        await write(*given, **named)
        if failures.pop():
            failures.append(False)
            raise ConnectionResetError

    failures.insert(0, False)
    monkeypatch.setattr(linkage_store, "write", fails_once)
    disturbed = flat(await linking.events(some[:300]))
    assert await pool.fetchval("select count(*) from linkage.decision") == 300
    assert partners(disturbed) == partners(undisturbed)


def partners(published: Sequence[Outgoing]) -> set[frozenset[bytes]]:
    """The sets of events that were linked, whatever their incidents are called."""
    by_incident: dict[bytes, set[bytes]] = {}
    for event, incident in incidents(published).items():
        by_incident.setdefault(incident, set()).add(event)
    return {frozenset(events) for events in by_incident.values()}


async def test_a_founder_is_published_once_more_on_its_own_partition_at_the_same_version(
    pool: Pool, keys: MemoryKeys, clock: Clock
) -> None:
    _, some = the_town()
    clock.ms = some[0][0].timestamp
    by_partition = await an_instance(pool, keys, clock).events(some[:400])
    parts = {record.key: record.partition for record, _ in some[:400]}
    founders = 0
    for partition, records in by_partition.items():
        seen: dict[bytes, Event] = {}
        for record in records:
            event = EVENT.decode(record.value)
            assert parts[record.key] == partition
            if record.key in seen:
                founders += 1
                assert seen[record.key].incident_id is None
                assert event == msgspec.structs.replace(
                    seen[record.key], incident_id=event.incident_id
                )
            seen[record.key] = event
    assert founders > 10


async def test_tokens_are_gone_after_24_hours_and_decisions_stay(
    pool: Pool, keys: MemoryKeys, clock: Clock
) -> None:
    _, some = the_town()
    clock.ms = some[0][0].timestamp
    await an_instance(pool, keys, clock).events(some[:40])
    received = [datetime.fromtimestamp(one[0].timestamp / 1000, UTC) for one in some[:40]]
    count = "select count(*) from linkage.token"
    assert await pool.fetchval(count) == 40
    await forget(pool, received[19] + timedelta(hours=24), kept=KEPT)
    assert await pool.fetchval(count) == 20
    await forget(pool, received[-1] + timedelta(hours=24), kept=KEPT)
    assert await pool.fetchval(count) == 0
    assert await pool.fetchval("select count(*) from linkage.decision") == 40


async def test_cells_are_gone_from_memory_after_24_hours_with_the_tokens_in_one_round(
    pool: Pool, keys: MemoryKeys, clock: Clock
) -> None:
    _, some = the_town()
    clock.ms = some[0][0].timestamp
    those = linkers(keys, clock)
    await Linking(pool, those, Metrics(CollectorRegistry())).events(some[:40])
    code = some[0][1].event.municipality
    async with pool.acquire() as connection:
        linker = await those.current(connection, code, 40)
    assert len(linker.marks.columns.key) > 0
    clock.ms = some[39][0].timestamp + 24 * 3_600_000
    rounds = asyncio.create_task(
        forget_for_ever(
            pool, now=clock.now, from_memory=those.expire, kept=KEPT, every_seconds=3600
        )
    )
    async with asyncio.timeout(60):
        while await pool.fetchval("select count(*) from linkage.token"):
            await asyncio.sleep(0.02)
    rounds.cancel()
    assert (len(linker.marks), len(linker.marks.columns.key)) == (0, 0)


async def test_an_incident_takes_no_more_24_hours_after_its_first_report_also_after_a_start(
    pool: Pool, keys: MemoryKeys, clock: Clock
) -> None:
    """The first report's token is deleted; who starts then reads how old its incident is."""
    _, some = the_town()
    first, began = some[0], some[0][0].timestamp

    linking = an_instance(pool, keys, clock)
    clock.ms = began
    await linking.events([twin(first, "fire", 1, hour=0)])
    clock.ms = began + 20 * HOUR_MS
    assert incidents(flat(await linking.events([twin(first, "police", 2, hour=20)])))
    clock.ms = began + 23 * HOUR_MS
    same = flat(await an_instance(pool, keys, clock).events([twin(first, "guards", 3, hour=23)]))
    assert incidents(same)
    clock.ms = began + 25 * HOUR_MS
    await forget(pool, clock.now(), kept=KEPT)
    late = flat(await an_instance(pool, keys, clock).events([twin(first, "fire", 4, hour=25)]))
    assert incidents(late) == {}


async def test_a_place_that_is_given_later_is_linked_also_by_another_instance(
    pool: Pool, keys: MemoryKeys, clock: Clock
) -> None:
    """Whether the earlier version had a place is stored with its decision."""
    _, some = the_town()
    (record, one) = some[0]
    clock.ms = record.timestamp
    other = msgspec.structs.replace(one.event, event_id=UUID(int=7))
    nowhere = msgspec.structs.replace(
        one, event=other, actor="guards", e=float("nan"), n=float("nan")
    )
    both = [(record, one), arrival(nowhere, received_ms=record.timestamp)]
    assert incidents(flat(await an_instance(pool, keys, clock).events(both))) == {}
    again = msgspec.structs.replace(other, version=other.version + 1)
    placed = msgspec.structs.replace(nowhere, event=again, e=one.e, n=one.n)
    later = [arrival(placed, received_ms=record.timestamp + 1)]
    assert len(incidents(flat(await an_instance(pool, keys, clock).events(later)))) == 2


async def test_a_replay_with_other_borders_publishes_the_same_bytes(
    pool: Pool, keys: MemoryKeys, clock: Clock
) -> None:
    """What Kafka hands out after a death is neither the same batch nor alone in it."""
    _, some = the_town()
    batch, rest = some[:400], some[400:500]
    clock.ms = batch[0][0].timestamp
    never_published = Counter(flat(await an_instance(pool, keys, clock).events(batch)))
    halves: Counter[Outgoing] = Counter()
    for half in (batch[:200], batch[200:]):
        halves.update(flat(await an_instance(pool, keys, clock).events(half)))
    assert halves == never_published
    mixed = [one for pair in zip(batch[::4], rest, strict=True) for one in pair]
    known = {record.key for record, _ in batch[::4]}
    published = Counter(flat(await an_instance(pool, keys, clock).events(mixed)))
    alone = Counter(flat(await an_instance(pool, keys, clock).events(batch[::4])))
    assert not alone - published
    new = published - alone
    assert {one.key for one in new} >= {record.key for record, _ in rest}
    again = [one for one in new if one.key in known]  # founders by what came new, and only those
    assert all(EVENT.decode(one.value).incident_id for one in again)


async def test_a_copy_of_the_database_tells_no_place_without_the_keys_of_its_days(
    pool: Pool, keys: MemoryKeys, clock: Clock
) -> None:
    """Who knows a place can look for it with the key; without it every token is as good."""
    reports, some = the_town()
    clock.ms = some[0][0].timestamp
    await an_instance(pool, keys, clock).events(some[:60])
    wanted = (reports.e[7] // 100, reports.n[7] // 100)
    rows = await pool.fetch("select uuid_send(event_id) as id, token, day from linkage.token")
    tokens, ids = [row["token"] for row in rows], [row["id"] for row in rows]
    day = rows[0]["day"]

    def places(key: bytes) -> set[tuple[int, int]]:
        cells, _ = opened(tokens, ids, key)
        return set(zip(cells["x"].tolist(), cells["y"].tolist(), strict=True))

    key = keys.key_of(day)
    assert key is not None
    assert wanted in places(key)
    assert wanted not in places(secrets.token_bytes(32))
    dump = [
        bytes(value) if isinstance(value, bytes) else str(value).encode()
        for table in ("decision", "token", "municipality")
        for row in await pool.fetch(f"select * from linkage.{table}")
        for value in row.values()
    ]
    assert not [one for one in dump if key in one or b"police" in one or b"housing" in one]


async def test_equal_cells_have_unequal_tokens(pool: Pool, keys: MemoryKeys, clock: Clock) -> None:
    """Not even that two reports were made in one place and hour can be read from the table."""
    _, some = the_town()
    clock.ms = some[0][0].timestamp
    (record, one), (_, other) = some[0], some[1]
    event = msgspec.structs.replace(one.event, event_id=other.event.event_id)
    twin = msgspec.structs.replace(one, event=event)
    both = [(record, one), arrival(twin, received_ms=record.timestamp)]
    await an_instance(pool, keys, clock).events(both)
    assert await pool.fetchval("select count(distinct token) from linkage.token") == 2


async def test_without_the_key_of_the_day_nothing_is_linked_and_nothing_is_lost(
    pool: Pool, keys: MemoryKeys, clock: Clock
) -> None:
    """A key is destroyed after 48 hours: what another instance sealed with it is as if unknown."""
    _, some = the_town()
    clock.ms = some[0][0].timestamp
    first, second = some[:200], some[200:300]
    await an_instance(pool, keys, clock).events(first)
    for record, _ in some[:300]:
        keys.destroy(datetime.fromtimestamp(record.timestamp / 1000, UTC).date())
    published = flat(await an_instance(pool, keys, clock).events(second))
    assert len(published) == len(second)
    assert incidents(published) == {}
    assert await pool.fetchval("select count(*) from linkage.decision") == 300


async def test_only_the_anonymizer_may_read_the_schema(database: Database) -> None:
    for role in ("ingest", "aggregator", "delivery"):
        connection = await asyncpg.connect(database.dsn(f"lagesbild_{role}"))
        try:
            for table in ("decision", "token", "municipality"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"select 1 from linkage.{table}")
        finally:
            await connection.close()


async def test_decisions_are_never_changed(database: Database) -> None:
    connection = await asyncpg.connect(database.dsn("lagesbild_anonymizer"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("update linkage.decision set surplus = true")
    finally:
        await connection.close()


async def test_who_waits_in_vain_for_its_turn_forgets_nothing(
    database: Database, keys: MemoryKeys, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read a whole day again after each wait would keep the next one waiting in vain, too."""
    read: list[str] = []
    remembered = linkage_store.remembered

    async def counted(connection: Any, code: str, now: datetime) -> Any:
        read.append(code)
        return await remembered(connection, code, now)

    monkeypatch.setattr(linkage_store, "remembered", counted)
    _, some = the_town(days=2)
    first, second = some[:BATCH], some[BATCH : 2 * BATCH]
    clock.ms = first[0][0].timestamp
    impatient = {"lock_timeout": "100ms"}
    dsn = database.dsn("lagesbild_anonymizer")
    async with await new_pool(dsn, application="test", session=impatient) as pool:
        linking = an_instance(pool, keys, clock)
        await linking.events(first)
        async with pool.acquire() as other, other.transaction():
            await linkage_store.hold(other, [first[0][1].event.municipality])
            waiting = asyncio.create_task(linking.events(second))
            await asyncio.sleep(1)
            assert not waiting.done()
        assert len(flat(await waiting)) >= len(second)
    assert len(read) == 1


async def test_a_plan_made_while_nothing_was_decided_serves_when_millions_are(pool: Pool) -> None:
    """What is known of a batch's events is looked up by index, never by going through the table."""
    known = queries("services.anonymizer", "linkage.sql")["known"]
    async with pool.acquire() as connection:
        await connection.execute(f"prepare known (text) as {known}")
        rows = await connection.fetch("explain execute known ('{}')")
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan" not in plan, plan
    assert "Hash" not in plan, plan
    assert "Merge" not in plan, plan
    assert "decision_pkey" in plan, plan
    assert "decision_founder" in plan, plan
