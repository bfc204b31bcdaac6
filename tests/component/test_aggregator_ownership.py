"""Whose partitions are whose, when the log is not what it was."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from aiokafka import TopicPartition

from services.aggregator.domain.lag import Lag
from services.aggregator.domain.plan import Claim, Claimed, Extent
from services.aggregator.ownership import Ownership

PARTITION = TopicPartition("events", 0)


class ALog:
    """A consumer of one partition, whose end is told by the test."""

    def __init__(self, *ends: int) -> None:
        self.ends = list(ends)
        self.sought: list[int] = []
        self.paused = False

    def assignment(self) -> set[TopicPartition]:
        return {PARTITION}

    def pause(self, *_partitions: TopicPartition) -> None:
        self.paused = True

    def resume(self, *_partitions: TopicPartition) -> None:
        self.paused = False

    def seek(self, _partition: TopicPartition, offset: int) -> None:
        self.sought.append(offset)

    async def beginning_offsets(self, _partitions: Sequence[TopicPartition]) -> dict[Any, int]:
        return {PARTITION: 0}

    async def end_offsets(self, _partitions: Sequence[TopicPartition]) -> dict[Any, int]:
        end = self.ends[0]
        if len(self.ends) > 1:
            self.ends.pop(0)
        return {PARTITION: end}


class AStore:
    """Remembers what is asked of it; it stands at offset 5 of a log that has lost its end."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def fence(self, _partition: int) -> None:
        self.asked.append("fence")

    async def standing(self, _partitions: Sequence[int]) -> dict[int, Claim]:
        self.asked.append("standing")
        return {0: Claim(2, 2)}

    async def claim(self, _partition: int, extent: Extent) -> Claimed:
        self.asked.append("claim")
        return Claimed(Claim(3, extent.first), stored_offset=5, same_log=True)


async def watched(log: ALog, store: AStore, *, looks: int) -> Ownership:
    ownership = Ownership(cast("Any", store))
    ownership.follow(lambda: log)
    ownership.take(0, Claim(1, 5))
    task = asyncio.create_task(ownership.watch_log(Lag(), every_seconds=0.001))
    try:
        async with asyncio.timeout(60):
            while not log.sought and len(log.ends) > 1:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.001 * looks)
            while ownership.claims.keys() != {0}:
                await asyncio.sleep(0.001)
    finally:
        task.cancel()
    return ownership


async def test_a_log_that_has_lost_its_end_is_claimed_and_read_again() -> None:
    log, store = ALog(3, 3, 2), AStore()
    ownership = await watched(log, store, looks=5)
    assert log.sought[0] == 0
    assert ownership.claims[0] == Claim(3, 0)
    assert store.asked[:3] == ["fence", "standing", "claim"]  # nobody moves on in between
    assert not log.paused


async def test_one_look_at_a_shorter_log_may_have_been_a_moment_of_the_brokers() -> None:
    log, store = ALog(3, 5, 3, 6, 6), AStore()
    ownership = await watched(log, store, looks=5)
    assert (log.sought, store.asked) == ([], [])
    assert ownership.claims[0] == Claim(1, 5)
