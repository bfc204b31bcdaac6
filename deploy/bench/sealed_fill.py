"""Fills the topic of reports, sealed as ingest seals them, and reads what became of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition
from nacl.signing import VerifyKey

from deploy.bench.country import CODE
from deploy.bench.reports import Made
from deploy.bench.watch import StalledError
from shared.announcements import KeyState, checked
from shared.identity import partition_of
from shared.kafka import Outgoing, new_producer, offsets_of, reading, send_all
from shared.records import LogRecord
from shared.sealing import Origin, Sealer, SealingKey
from shared.topics import DEAD_REPORTS, DEFAULT_PARTITIONS, EVENTS, KEYS, REPORTS, Topic

CLIENT = "lagesbild-bench-fill"
ANSWER_SECONDS = 30.0
BLOCK = 20_000
LINKED = b'"incident_id":'

Ends = Mapping[Topic, Mapping[int, range]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out. Shape: `events` distinct, `linked` of them, `dead` letters, all `records`."""

    events: int
    linked: int
    dead: int
    records: int


async def announced(bootstrap: str, verifying: VerifyKey) -> SealingKey:
    """What ingest would seal to now: the usable key of the latest hour.

    Raises:
        StalledError: none is announced.
    """
    now, usable = datetime.now(UTC), {}
    async for record in _records(bootstrap, KEYS, partitions=1):
        if record.value is not None:
            said = checked(record.key, record.value, record.headers, verifying)
            usable[said.key.id] = said
    found = [
        one
        for one in usable.values()
        if one.state is KeyState.USABLE and one.hour <= now < one.not_after
    ]
    if not found:
        raise StalledError("announcement", 0, 1)
    return max(found, key=lambda one: one.hour).key


async def filled(bootstrap: str, key: SealingKey, made: Sequence[Made]) -> None:
    """Seal all of them and put them on their partitions, in their order."""
    sealer = Sealer(topic=REPORTS.name)
    producer = new_producer(bootstrap, client_id=CLIENT)
    sent: list[Awaitable[Any]] = []
    try:
        await producer.start()
        for at in range(0, len(made), BLOCK):
            block = _sealed(sealer, key, made[at : at + BLOCK])
            await asyncio.gather(*sent)
            sent = await send_all(producer, REPORTS.name, block)
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


def _sealed(
    sealer: Sealer, key: SealingKey, made: Sequence[Made]
) -> Mapping[int, Sequence[Outgoing]]:
    now = datetime.now(UTC)
    block: dict[int, list[Outgoing]] = {}
    for one in made:
        event = UUID(bytes=one.event_id)
        sealed = sealer.sealing(key, Origin(CODE, one.actor), now).seal(one.plain, event)
        record = Outgoing(one.event_id, sealed.value, one.received_ms, sealed.headers)
        block.setdefault(partition_of(event, DEFAULT_PARTITIONS), []).append(record)
    return block


async def ends(bootstrap: str) -> Ends:
    """Where the topics that the anonymizer writes stand."""
    async with reading(bootstrap, client_id=CLIENT, within_seconds=ANSWER_SECONDS) as reader:
        return {
            topic: await offsets_of(reader, topic.name, DEFAULT_PARTITIONS)
            for topic in (EVENTS, DEAD_REPORTS)
        }


async def outcome(bootstrap: str, before: Ends) -> Outcome:
    """What was written since."""
    after = await ends(bootstrap)
    dead = sum(now.stop - before[DEAD_REPORTS][at].stop for at, now in after[DEAD_REPORTS].items())
    seen, linked, records = set[bytes](), set[bytes](), 0
    since = {at: one.stop for at, one in before[EVENTS].items()}
    async for record in _records(bootstrap, EVENTS, partitions=DEFAULT_PARTITIONS, since=since):
        records += 1
        seen.add(record.key or b"")
        if LINKED in (record.value or b""):
            linked.add(record.key or b"")
    return Outcome(events=len(seen), linked=len(linked), dead=dead, records=records)


async def _records(
    bootstrap: str, topic: Topic, *, partitions: int, since: Mapping[int, int] | None = None
) -> AsyncIterator[LogRecord]:
    """The records of a topic that are there now."""
    async with reading(bootstrap, client_id=CLIENT, within_seconds=ANSWER_SECONDS) as reader:
        there = await offsets_of(reader, topic.name, partitions)
        begins = {at: (since or {}).get(at, one.start) for at, one in there.items()}
        everywhere = {at: TopicPartition(topic.name, at) for at in there}
        reader.assign(list(everywhere.values()))
        for at, partition in everywhere.items():
            reader.seek(partition, begins[at])
        left = {everywhere[at] for at, one in there.items() if begins[at] < one.stop}
        while left:
            for partition, records in (await reader.getmany(timeout_ms=200)).items():
                for record in records:
                    if record.offset < there[partition.partition].stop:
                        yield record
            for partition in list(left):
                if await reader.position(partition) >= there[partition.partition].stop:
                    left.discard(partition)
