"""The event log, read by partition number up to given offsets, without a consumer group."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.errors import WorldError
from shared.kafka import new_reader, offsets_of, partition_count
from shared.records import LogRecord

MOST_RECORDS = 16_000
POLL_MS = 1_000
SILENT_POLLS = 60
"""So many polls without a record that must be there, and the log is given up: a minute."""

Offsets = Mapping[int, int]


class LogSilent(WorldError):  # noqa: N818 - a fact about the log, not a fault of ours
    """Records that must be there do not come."""


class EventLog:
    """One topic; see `opened`."""

    def __init__(self, reader: AIOKafkaConsumer, topic: str, partitions: int) -> None:
        self._reader = reader
        self._topic = topic
        self._partitions = partitions

    async def offsets(self) -> dict[int, range]:
        """The offsets that each partition has now."""
        return await offsets_of(self._reader, self._topic, self._partitions)

    async def between(self, first: Offsets, end: Offsets) -> AsyncIterator[list[LogRecord]]:
        """Batches of the records from `first` up to, not with, `end`, each partition in order.

        Raises:
            LogSilent: they do not come.
        """
        left = {at: end[at] - first[at] for at in end if end[at] > first[at]}
        partitions = {at: TopicPartition(self._topic, at) for at in left}
        self._reader.assign(list(partitions.values()))
        for at, partition in partitions.items():
            self._reader.seek(partition, first[at])
        silent = 0
        while left:
            records = await self._batch(end)
            silent = 0 if records else silent + 1
            if silent > SILENT_POLLS:
                raise LogSilent("the log does not give what it says it has")
            for record in records:
                left[record.partition] = end[record.partition] - record.offset - 1
            for at in [at for at, count in left.items() if count <= 0]:
                self._reader.pause(partitions[at])
                del left[at]
            if records:
                yield records

    async def _batch(self, end: Offsets) -> list[LogRecord]:
        found = await self._reader.getmany(timeout_ms=POLL_MS, max_records=MOST_RECORDS)
        return [
            one for records in found.values() for one in records if one.offset < end[one.partition]
        ]


@asynccontextmanager
async def opened(kafka: str, topic: str) -> AsyncIterator[EventLog]:
    """The log for as long as the context lasts."""
    partitions = await partition_count(kafka, topic)
    reader = new_reader(kafka, client_id="lagesbild-rebuild")
    try:
        await reader.start()
        yield EventLog(reader, topic, partitions)
    finally:
        await reader.stop()
