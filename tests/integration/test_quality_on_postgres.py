"""Quality in the real database: each report counted once, whatever is read again or by whom."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.quality_store import QualityStore
from services.ingest.quality_store import PostgresQuality, QualityAwayError
from shared.messages.event import Event, Placement
from shared.postgres import Pool, new_pool
from shared.quality import Confidence
from shared.records import LogRecord
from tests.support.servers import Database

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    made = await new_pool(database.dsn("lagesbild_anonymizer"), application="test")
    yield made
    await made.close()


def a_store(pool: Pool, *, log_id: str = "log") -> QualityStore:
    return QualityStore(pool, consumer="anonymizer", topic="reports", log_id=log_id)


async def count(store: QualityStore, offsets: range, *, partitions: Sequence[int] = (0,)) -> None:
    records = [
        LogRecord(partition, offset, int(AT.timestamp() * 1000), b"", b"")
        for partition in partitions
        for offset in offsets
    ]
    event = Event(UUID(int=1), 1, "9998", True, "arson", "111", AT, True, Placement.ADDRESS)
    outcome = Anonymized(event, "fire", AT, confidence=Confidence.GOOD)
    ends = dict.fromkeys(partitions, offsets.stop)
    await store.count(records, [outcome] * len(records), ends)


async def counted(database: Database) -> int:
    reading = await new_pool(database.dsn("lagesbild_ingest"), application="test")
    try:
        rows = await PostgresQuality(reading).located("9998", "fire", DAY, DAY)
    finally:
        await reading.close()
    assert all(one[:3] == (DAY, Placement.ADDRESS, Confidence.GOOD) for one in rows)
    return sum(one.reports for one in rows)


async def test_a_replay_counts_nothing_again(database: Database, pool: Pool) -> None:
    store = a_store(pool)
    await count(store, range(10))
    await count(store, range(10))
    await count(store, range(5, 15))
    assert await counted(database) == 15


async def test_a_new_process_goes_on_where_the_last_one_was(database: Database, pool: Pool) -> None:
    await count(a_store(pool), range(10), partitions=(0, 1))
    await count(a_store(pool), range(8, 12), partitions=(0, 1))
    assert await counted(database) == 24


async def test_two_instances_with_one_partition_count_it_once(
    database: Database, pool: Pool
) -> None:
    first, second = a_store(pool), a_store(pool)
    await count(first, range(10))
    await count(second, range(10))
    await count(second, range(10, 20))
    await count(first, range(10, 30))  # thinks that it stands at 10
    assert await counted(database) == 30


async def test_many_instances_at_once_count_each_report_once(
    database: Database, pool: Pool
) -> None:
    stores = [a_store(pool) for _ in range(4)]
    for begin in range(0, 60, 20):
        some = range(begin, begin + 20)
        await asyncio.gather(*(count(store, some, partitions=(0, 1, 2)) for store in stores))
    assert await counted(database) == 180


async def test_another_log_is_counted_from_its_beginning(database: Database, pool: Pool) -> None:
    await count(a_store(pool), range(10))
    await count(a_store(pool, log_id="another"), range(4))
    assert await counted(database) == 14


async def test_a_batch_of_nothing_located_moves_on(database: Database, pool: Pool) -> None:
    store = a_store(pool)
    withdrawn = Anonymized(Event(UUID(int=1), 2, "9998", live=False), "fire")
    await store.count([LogRecord(0, 0, 0, b"", b"")], [withdrawn], {0: 1})
    await count(store, range(3))
    assert await counted(database) == 2


async def test_a_statement_whose_answer_is_lost_is_not_counted_twice(
    database: Database, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_store(pool)
    real = pool.fetchval
    lost: list[object] = []

    async def losing(*given: Any) -> object:
        answer = await real(*given)
        if not lost:
            lost.append(answer)
            raise ConnectionResetError
        return answer

    monkeypatch.setattr(store, "_pool", _With(pool, losing))
    await count(store, range(10))
    assert lost == [True]
    assert await counted(database) == 10


class _With:
    """A pool with another `fetchval`."""

    def __init__(self, pool: Pool, fetchval: object) -> None:
        self.execute, self.fetch, self.fetchval = pool.execute, pool.fetch, fetchval


async def test_ingest_may_read_the_counts_and_nothing_else_of_them(database: Database) -> None:
    reading = await new_pool(database.dsn("lagesbild_ingest"), application="test")
    try:
        for statement in ("delete from quality.located", "select * from quality.counted_to"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await reading.execute(statement)
    finally:
        await reading.close()


async def test_a_database_that_is_away_is_said(database: Database) -> None:
    reading = await new_pool(database.dsn("lagesbild_ingest"), application="test")
    reading.terminate()
    with pytest.raises(QualityAwayError):
        await PostgresQuality(reading).located("9998", "fire", DAY, DAY)
