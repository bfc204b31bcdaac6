"""The aggregator keeps the statistics of a real log, whatever happens between the two."""

import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from services.aggregator.domain.statistics import StatisticPlan
from services.aggregator.statistic_store import StatisticStore
from shared.identity import partition_of_key
from shared.kafka import Outgoing, new_producer, send_all
from shared.messages.codec import encode
from shared.messages.statistic import Statistic
from shared.pack import load_pack
from shared.topics import DEFAULT_PARTITIONS, STATISTICS
from tests.integration.test_aggregator_counting import an_aggregator, until
from tests.support.delivery import owner_reads
from tests.support.servers import Database
from tests.support.statistics import (
    NOON,
    READ,
    STANDING,
    VERSIONS,
    a_statistic,
)


async def publish(kafka: str, prefix: str, records: Sequence[Statistic | bytes]) -> None:
    """Put statistics, or bytes that are none, into the log as ingest would."""
    producer = new_producer(kafka, client_id="test")
    await producer.start()
    try:
        by_partition: dict[int, list[Outgoing]] = {}
        for record in records:
            key = record.key if isinstance(record, Statistic) else a_statistic().key
            value = encode(record) if isinstance(record, Statistic) else record
            outgoing = Outgoing(key, value, int(time.time() * 1000))
            partition = partition_of_key(key, DEFAULT_PARTITIONS)
            by_partition.setdefault(partition, []).append(outgoing)
        for future in await send_all(producer, STATISTICS.named(prefix), by_partition):
            await future
    finally:
        await producer.stop()


async def test_the_highest_version_holds_and_every_earlier_one_stays_readable(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    log = [
        a_statistic(2, numerator=5),
        a_statistic(1, numerator=4),  # out of order
        a_statistic(4, numerator=6),  # corrected
        a_statistic(4, numerator=9),  # of equal versions the first holds
        a_statistic(3, numerator=7),  # stale
        a_statistic(1, area="112", numerator=8),
    ]
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, log)
        await until(database, READ, lambda read: read == len(log))
    assert await owner_reads(database, STANDING) == [
        (4, True, 6, 40, NOON + timedelta(minutes=4)),
        (1, True, 8, 40, NOON + timedelta(minutes=1)),
    ]
    history = await owner_reads(
        database,
        "select version, numerator, received_at from counting.statistic_version"
        " where area = '111' order by version",
    )
    assert history == [
        (1, 4, NOON + timedelta(minutes=1)),
        (2, 5, NOON + timedelta(minutes=2)),
        (3, 7, NOON + timedelta(minutes=3)),
        (4, 6, NOON + timedelta(minutes=4)),
    ]


async def test_a_restart_goes_on_where_the_transaction_was_and_two_share_the_work(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    areas = [area.code for area in load_pack(Path("deploy/municipalities/demo")).areas]
    log = [a_statistic(version, area=area) for version in (1, 2) for area in areas]
    third = len(log) // 3
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, log[:third])
        await until(database, READ, lambda read: read > 0)
    async with an_aggregator(kafka, topic_prefix, database):
        async with an_aggregator(kafka, topic_prefix, database):
            await publish(kafka, topic_prefix, log[third : 2 * third])
            await until(database, READ, lambda read: read == 2 * third)
        await publish(kafka, topic_prefix, log[2 * third :])
        await until(database, READ, lambda read: read == len(log))
    assert [row[0] for row in await owner_reads(database, STANDING)] == [2] * len(areas)
    assert await owner_reads(database, "select count(*) from counting.statistic_version") == [
        (len(log),)
    ]


async def test_what_can_never_be_kept_is_buried_and_the_rest_is_kept(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    beyond_bigint = a_statistic(2**63, received_at=NOON)
    with_a_nul = a_statistic(area="1\x0011")
    log: list[Statistic | bytes] = [b"no statistic", beyond_bigint, with_a_nul, a_statistic(7)]
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, log)
        await until(database, READ, lambda read: read == len(log))
    assert [row[0] for row in await owner_reads(database, STANDING)] == [7]
    reasons = await owner_reads(database, "select reason from counting.dead_letter order by reason")
    assert reasons == [("not_a_statistic",), ("refused_by_database",), ("refused_by_database",)]


@pytest.mark.parametrize("committed", [True, False])
async def test_a_connection_cut_around_the_commit_loses_nothing_and_repeats_nothing(
    kafka: str,
    topic_prefix: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    committed: bool,
) -> None:
    write = StatisticStore.write
    cuts = [True]

    async def cut_once(store: StatisticStore, plan: StatisticPlan) -> int:
        changed = await write(store, plan) if committed or not cuts else 0
        if cuts:
            cuts.pop()
            raise ConnectionResetError
        return changed

    monkeypatch.setattr(StatisticStore, "write", cut_once)
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, [a_statistic(1), a_statistic(2, numerator=9)])
        await until(database, READ, lambda read: read == 2)
        await publish(kafka, topic_prefix, [a_statistic(3, numerator=8)])
        await until(database, READ, lambda read: read == 3)
    assert not cuts
    assert [row[:3] for row in await owner_reads(database, STANDING)] == [(3, True, 8)]
    assert [row[1] for row in await owner_reads(database, VERSIONS)] == [3, 9, 8]
