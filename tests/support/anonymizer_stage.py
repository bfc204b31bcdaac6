"""The handler of the anonymizer with surroundings in memory: Kafka, keys, what is lost, quality."""

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from faststream.kafka import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from prometheus_client import CollectorRegistry

from services.anonymizer import handlers
from services.anonymizer.domain.limit import DeadLetterLimit
from services.anonymizer.domain.lost import LostReport
from services.anonymizer.domain.progress import Progress
from services.anonymizer.handlers import Outcomes, ReportAnonymizing
from services.anonymizer.linking import NoLinking
from services.anonymizer.losses import Losses
from services.anonymizer.metrics import Metrics
from services.anonymizer.opening import Opening
from services.anonymizer.ownership import Membership
from services.anonymizer.publisher import Publisher, Undertaker
from shared.messages.codec import encode
from shared.quality import Confidence
from shared.sealing import (
    Origin,
    SealedValue,
    Sealer,
    SealingKey,
    new_private_key,
    public_half,
)
from shared.topics import REPORTS
from tests.unit.anonymizer.builders import NOON, a_report, an_anonymizer

PRIVATE, LETTER_PRIVATE = new_private_key(), new_private_key()
KEY, LETTER_KEY = (SealingKey.of(public_half(one)) for one in (PRIVATE, LETTER_PRIVATE))
SEALER = Sealer(topic=REPORTS.name)
FIRE = Origin("9998", "fire")
STARTED = 1_700_000_000_000


class Batch:
    """What aiokafka's batch builder does for `send_all`."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def append(self, **record: Any) -> object:
        self.records.append(record)
        return object()

    def record_count(self) -> int:
        return len(self.records)


@dataclass
class Producer:
    """Keeps what it is given and acknowledges it when it is told to."""

    refusals: list[Exception] = field(default_factory=list)
    sent: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    waiting: list["asyncio.Future[None]"] = field(default_factory=list)
    at_once: bool = True

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> Any:
        if self.refusals:
            raise self.refusals.pop()
        self.sent += [(topic, partition, record) for record in batch.records]
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        if self.at_once:
            future.set_result(None)
        return future

    def topics(self) -> list[str]:
        return [topic for topic, _, _ in self.sent]


@dataclass
class Consumer:
    """Remembers commits; everything else about it is set by the test."""

    failure: Exception | None = None
    commits: list[dict[TopicPartition, int]] = field(default_factory=list)
    assigned: set[TopicPartition] = field(default_factory=set)
    fetched_ms: int | None = None
    end: int | None = None

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.failure is not None:
            raise self.failure
        self.commits.append(offsets)

    async def beginning_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def committed(self, _partition: TopicPartition) -> int | None:
        return None

    def assignment(self) -> set[TopicPartition]:
        return self.assigned

    def last_poll_timestamp(self, _partition: TopicPartition) -> int | None:
        return self.fetched_ms

    def highwater(self, _partition: TopicPartition) -> int | None:
        return self.end


@dataclass
class Quality:
    """Remembers what it was asked to count, and what Kafka had been given by then."""

    producer: Producer
    counted: list[tuple[list[Confidence | None], dict[int, int], int]] = field(default_factory=list)

    async def count(
        self, _records: Sequence[Any], outcomes: Outcomes, next_offsets: Mapping[int, int]
    ) -> None:
        found = [getattr(one, "confidence", None) for one in outcomes]
        self.counted.append((found, dict(next_offsets), len(self.producer.sent)))


@dataclass
class Keys:
    """The private keys of a test; what is taken out of `privates` has been destroyed."""

    privates: dict[bytes, bytes] = field(default_factory=lambda: {KEY.id: PRIVATE})
    known: set[bytes] = field(default_factory=lambda: {KEY.id})
    followers: list[Callable[[], None]] = field(default_factory=list)

    def follow(self, changed: Callable[[], None]) -> None:
        self.followers.append(changed)

    def refresh(self) -> None:
        pass

    def private_of(self, key: bytes) -> bytes | None:
        return self.privates.get(key)

    def is_destroyed(self, key: bytes) -> bool:
        return key in self.known and key not in self.privates

    def destroy(self) -> None:
        self.privates.clear()
        for changed in self.followers:
            changed()


@dataclass
class Store:
    """Keeps what is lost; fails as often as it is told to."""

    failures: list[Exception] = field(default_factory=list)
    noted: list[LostReport] = field(default_factory=list)

    async def note(self, lost: Sequence[LostReport], *, noticed_at: datetime) -> None:
        if self.failures:
            raise self.failures.pop()
        self.noted += lost


@dataclass
class Stage:
    """The handler with its surroundings; `crashes` is what would have ended the process."""

    producer: Producer
    consumer: Consumer
    membership: Membership
    anonymizing: ReportAnonymizing
    quality: Quality
    crashes: list[BaseException]
    registry: CollectorRegistry
    keys: Keys
    losses: Store

    async def on(self, records: Sequence[ConsumerRecord]) -> None:
        message = KafkaMessage(tuple(records), None, consumer=FAKE_CONSUMER)
        await self.anonymizing.on_reports(message)


def a_stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    producer, consumer, membership = Producer(), Consumer(), Membership(Progress())
    registry = CollectorRegistry()
    membership.follow(lambda: consumer)
    registry = CollectorRegistry()
    quality, keys, losses, metrics = Quality(producer), Keys(), Store(), Metrics(registry)
    crashes: list[BaseException] = []
    monkeypatch.setattr(handlers, "crash", lambda _action, error: crashes.append(error))
    anonymizing = ReportAnonymizing(
        an_anonymizer(),
        opening=Opening(keys, topic=REPORTS.name),
        losses=Losses(losses, membership, now=lambda: NOON, metrics=metrics),
        publisher=Publisher(
            producer,
            topic_prefix="",
            undertaker=Undertaker(lambda: LETTER_KEY, now=lambda: NOON),
            patience_seconds=0.01,
        ),
        linking=NoLinking(metrics.timed),
        membership=membership,
        limit=DeadLetterLimit(5),
        quality=quality,
        metrics=metrics,
    )
    return Stage(
        producer, consumer, membership, anonymizing, quality, crashes, registry, keys, losses
    )


def a_sealed(offset: int, sealed: SealedValue) -> ConsumerRecord:
    return dataclasses.replace(a_record(offset), value=sealed.value, headers=sealed.headers)


def a_record(offset: int, *, partition: int = 0, bad: bool = False) -> ConsumerRecord:
    event = UUID(int=offset)
    sealed = SEALER.sealing(KEY, FIRE, NOON).seal(encode(a_report()), event)
    return ConsumerRecord(
        topic=REPORTS.name,
        partition=partition,
        offset=offset,
        timestamp=STARTED + offset,
        timestamp_type=0,
        key=event.bytes,
        value=b"junk" if bad else sealed.value,
        checksum=None,
        serialized_key_size=16,
        serialized_value_size=len(sealed.value),
        headers=sealed.headers,
    )
