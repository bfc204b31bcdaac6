"""Each record is counted once by a group of two, whatever the world does to them meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from typing_extensions import override

from services.aggregator import handlers, ownership
from services.aggregator.domain.plan import Claim
from shared.records import LogRecord
from tests.support.leaping import run_leaping
from tests.support.storm import (
    EVERYTHING,
    PARTITIONS,
    REFUSED,
    Database,
    Keeping,
    KeptPlan,
    Member,
    Storm,
    Weather,
)

MUST_STRIKE = {
    "claim lost",
    "cut off",
    "fenced",
    "gap",
    "outcome unknown",
    "preparing failed",
    "question lost",
    "write lost",
}
SLICE = 7
MOST = 20


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "AT_ONCE", SLICE)


@pytest.mark.parametrize("seed", range(4))
def test_each_record_is_counted_once_whatever_happens(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def through() -> Storm:
        storm = Storm(seed)
        monkeypatch.setattr(handlers, "crash", storm.crash)
        monkeypatch.setattr(ownership, "crash", storm.crash)
        await storm.blow()
        return storm

    storm = run_leaping(through())
    assert storm.database.counted == EVERYTHING
    assert storm.database.buried == REFUSED
    assert set(+storm.weather.struck) >= MUST_STRIKE  # or it was no storm


class Noting(Keeping):
    """Keeping, and what was sent to the database."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.sent: list[KeptPlan] = []

    @override
    async def write(self, plan: KeptPlan) -> int:
        self.sent.append(plan)
        return await super().write(plan)


class Pipeline:
    """One member in fine weather that owns everything and reads partition 0."""

    def __init__(self) -> None:
        weather = Weather(seed=0)
        weather.is_calm = True
        self.database = Database(weather)
        self.work = Noting(self.database)
        self.member = Member(self.database, work=self.work, most=MOST)
        self.member.reader.assign(PARTITIONS)
        for part in PARTITIONS:
            self.member.ownership.take(part, Claim(0, 0))
        self.taken = 0

    async def take(self, *offsets: int) -> None:
        """One poll."""
        some = [LogRecord(0, at, 1000, b"", b"") for at in offsets]
        message: Any = SimpleNamespace(raw_message=some)
        self.taken += len(some)
        await self.member.recording.on_records(message)

    async def take_for_ever(self) -> None:
        while True:
            await self.take(*range(self.taken, self.taken + 5))


@asynccontextmanager
async def writing(pipeline: Pipeline) -> AsyncIterator[None]:
    """Write for as long as the context lasts."""
    task = asyncio.create_task(pipeline.member.recording.write_for_ever())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()


def test_while_a_write_hangs_one_batch_waits_and_reading_stops() -> None:
    async def through() -> None:
        pipeline = Pipeline()
        async with writing(pipeline):
            async with pipeline.database.locked(0):
                reading = asyncio.create_task(pipeline.take_for_ever())
                await asyncio.sleep(60)
                assert pipeline.taken == 5 + MOST + MOST
                assert pipeline.member.lag.oldest_uncommitted() == 1
            await asyncio.sleep(0.02)
            reading.cancel()
        assert [len(plan.records) for plan in pipeline.work.sent][:3] == [5, MOST, MOST]

    run_leaping(through())


def test_a_plan_that_rests_on_a_claim_that_is_gone_is_not_sent() -> None:
    async def through() -> None:
        pipeline = Pipeline()
        async with writing(pipeline):
            async with pipeline.database.locked(0):
                await pipeline.take(0)
                await asyncio.sleep(1)
                await pipeline.take(1, 2)
                revoked = asyncio.create_task(pipeline.member.lose())
                await asyncio.sleep(1)
                assert not revoked.done()  # it waits for the transaction in flight
            await revoked
            await asyncio.sleep(1)
        assert pipeline.database.counted == {(0, 0): 1}
        assert len(pipeline.work.sent) == 1
        assert pipeline.member.lag.oldest_uncommitted() is None

    run_leaping(through())


def test_what_a_write_of_unknown_outcome_has_committed_is_not_sent_again() -> None:
    async def through() -> None:
        pipeline = Pipeline()
        pipeline.database.loses_answers = 1
        async with writing(pipeline):
            await pipeline.take(0, 1)
            await asyncio.sleep(1)
        assert pipeline.database.counted == {(0, 0): 1, (0, 1): 1}
        assert len(pipeline.work.sent) == 1

    run_leaping(through())


def test_a_gap_in_a_batch_is_sought_and_what_comes_before_it_is_counted() -> None:
    async def through() -> None:
        pipeline = Pipeline()
        async with writing(pipeline):
            async with pipeline.database.locked(0):
                await pipeline.take(0)
                await asyncio.sleep(1)
                await pipeline.take(1, 2)
                await pipeline.take(4)  # in the same batch
            await asyncio.sleep(1)
            assert sorted(pipeline.database.counted) == [(0, 0), (0, 1), (0, 2)]
            assert pipeline.member.reader.position(0) == 3
            await pipeline.take(3, 4)
            await asyncio.sleep(1)
        assert pipeline.database.rows[0].next_offset == 5
        assert pipeline.database.weather.struck["fenced"] == 0

    run_leaping(through())
