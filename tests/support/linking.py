"""What tests of linking share: keys in memory, and records of reports whose truth is known."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import msgspec
from prometheus_client import CollectorRegistry

from services.anonymizer import linkage_store
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.linking.decisions import Sighting
from services.anonymizer.linking import Arrival, ByPartition, Linking, learned_posteriors
from services.anonymizer.measure.linking import rules
from services.anonymizer.metrics import Metrics
from services.anonymizer.remembering import Linkers
from shared.identity import partition_of
from shared.kafka import Outgoing
from shared.messages.codec import decoder
from shared.messages.event import Event
from shared.pack.model import Family
from shared.postgres import Pool, new_pool
from shared.records import LogRecord
from shared.topics import DEFAULT_PARTITIONS, REPORTS
from tests.support.servers import Database

COMPATIBLE: Final = ((Family.FIRE, Family.DAMAGE), (Family.DAMAGE, Family.DISORDER))
EVENT: Final = decoder(Event)
HOUR_MS: Final = 3_600_000


@dataclass
class MemoryKeys:
    """Random keys of days, gone when they are destroyed."""

    made: dict[date, bytes] = field(default_factory=dict)
    destroyed: set[date] = field(default_factory=set)

    def key_of(self, day: date) -> bytes | None:
        if day in self.destroyed:
            return None
        return self.made.setdefault(day, secrets.token_bytes(32))

    def destroy(self, day: date) -> None:
        self.made.pop(day, None)
        self.destroyed.add(day)


def arrival(one: Anonymized, *, received_ms: int, offset: int = 0) -> Arrival:
    """The report as the handler has it."""
    event_id = one.event.event_id
    part = partition_of(event_id, DEFAULT_PARTITIONS)
    return LogRecord(part, offset, received_ms, event_id.bytes, b"sealed", REPORTS.name), one


def arrivals(seen: Sequence[Sighting], *, ids: Sequence[UUID]) -> list[Arrival]:
    """The sightings under ids that spread over the partitions, as real ones do."""
    found = []
    for number, (sighting, event_id) in enumerate(zip(seen, ids, strict=True)):
        one = sighting.anonymized
        event = msgspec.structs.replace(one.event, event_id=event_id)
        moved = msgspec.structs.replace(one, event=event)
        found.append(arrival(moved, received_ms=sighting.received_ms, offset=number))
    return found


def twin(one: Arrival, actor: str, number: int, *, hour: float = 0, version: int = 1) -> Arrival:
    """The same seen by an actor; received so many hours after it."""
    record, seen = one
    event = msgspec.structs.replace(seen.event, event_id=UUID(int=number), version=version)
    other = msgspec.structs.replace(seen, event=event, actor=actor)
    return arrival(other, received_ms=record.timestamp + int(hour * HOUR_MS))


@asynccontextmanager
async def a_pool(database: Database) -> AsyncIterator[Pool]:
    """As the anonymizer has it."""
    async with await new_pool(
        database.dsn("lagesbild_anonymizer"),
        application="test",
        most=4,
        session=linkage_store.SESSION,
    ) as made:
        yield made


class Clock:
    """It says what it is set to."""

    def __init__(self) -> None:
        self.ms = 0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.ms / 1000, UTC)


def linkers(keys: MemoryKeys, clock: Clock) -> Linkers:
    return Linkers([rules(COMPATIBLE)], learned_posteriors(), keys, now=clock.now)


def an_instance(
    pool: Pool, keys: MemoryKeys, clock: Clock, *, registry: CollectorRegistry | None = None
) -> Linking:
    return Linking(pool, linkers(keys, clock), Metrics(registry or CollectorRegistry()))


def flat(by_partition: ByPartition) -> list[Outgoing]:
    return [record for records in by_partition.values() for record in records]


def incidents(published: Sequence[Outgoing]) -> dict[bytes, bytes]:
    """What a reader of the log holds of each event: a linked one supersedes an unlinked one."""
    held: dict[bytes, bytes] = {}
    for record in published:
        incident = EVENT.decode(record.value).incident_id
        if incident is not None:
            held.setdefault(record.key, incident.bytes)
    return held
