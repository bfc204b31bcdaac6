"""A rebuild counts what the log has, and nothing past a record that is missing."""

from collections.abc import AsyncIterator, Mapping
from typing import cast

import pytest

from services.aggregator.domain.plan import Claim, Claimed, Extent, Plan
from services.aggregator.rebuild.counting import NextCounting
from services.aggregator.rebuild.reading import EventLog
from services.aggregator.store import CountStore
from shared.errors import ConfigurationError
from shared.records import LogRecord


class Log:
    """Gives these offsets of partitions, batch by batch."""

    def __init__(self, *batches: list[tuple[int, int]]) -> None:
        self._batches = batches

    async def between(
        self, first: Mapping[int, int], end: Mapping[int, int]
    ) -> AsyncIterator[list[LogRecord]]:
        for batch in self._batches:
            yield [LogRecord(at, offset, 0, b"", b"") for at, offset in batch]


class Store:
    """Remembers how far each partition was written."""

    def __init__(self) -> None:
        self.written: dict[int, int] = {}

    async def claim(self, partition: int, extent: Extent) -> Claimed:
        return Claimed(Claim(1, extent.first), None, same_log=True)

    async def write(self, plan: Plan) -> None:
        self.written |= {step.partition: step.to_offset for step in plan.advances}


async def counted(*batches: list[tuple[int, int]]) -> tuple[Store, BaseException | None]:
    store = Store()
    counting = NextCounting(
        cast("EventLog", Log(*batches)), cast("CountStore", store), lambda _: None
    )
    await counting.begin({0: range(5), 1: range(7, 9)})
    try:
        await counting.up_to({0: 5, 1: 9})
    except ConfigurationError as error:
        return store, error
    return store, None


async def test_contiguous_records_are_counted_from_where_each_partition_begins() -> None:
    store, error = await counted([(0, 0), (1, 7), (0, 1)], [(0, 2), (0, 3), (0, 4), (1, 8)])
    assert (store.written, error) == ({0: 5, 1: 9}, None)


@pytest.mark.parametrize(
    ("batches", "words"),
    [
        ([[(0, 0), (1, 7)], [(0, 1), (0, 3)]], "partition 0: the log lacks records from 2 up to 2"),
        ([[(0, 0), (1, 7)], [(0, 2), (0, 3)]], "partition 0: the log lacks records from 1 up to 1"),
        ([[(0, 0), (1, 8)]], "partition 1: the log lacks records from 7 up to 7"),
    ],
)
async def test_a_missing_record_is_told_and_nothing_behind_it_is_written(
    batches: list[list[tuple[int, int]]], words: str
) -> None:
    store, error = await counted(*batches)
    assert words in str(error)
    assert store.written == ({0: 1, 1: 8} if len(batches) > 1 else {})
