"""on_reports in memory: what real Kafka does too seldom to wait for."""

import asyncio
import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaTimeoutError,
    OutOfOrderSequenceNumber,
)
from faststream.kafka import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from services.anonymizer import handlers
from services.anonymizer.domain import tripwire
from services.anonymizer.domain.limit import DeadLetterLimit, DeadLetterLimitReachedError
from services.anonymizer.domain.lost import LostReport
from services.anonymizer.domain.progress import Progress, SkippedRecordsError
from services.anonymizer.domain.steps import Step
from services.anonymizer.handlers import Outcomes, ReportAnonymizing
from services.anonymizer.linking import NoLinking
from services.anonymizer.losses import Losses
from services.anonymizer.metrics import Metrics
from services.anonymizer.opening import Opening
from services.anonymizer.ownership import Membership
from services.anonymizer.publisher import Publisher, Undertaker
from shared.errors import DeadReason
from shared.messages.codec import decoder, encode
from shared.messages.event import Event
from shared.quality import Confidence
from shared.sealing import (
    ACTOR_HEADER,
    MUNICIPALITY_HEADER,
    Opener,
    Origin,
    SealedValue,
    Sealer,
    SealingKey,
    new_private_key,
    public_half,
)
from shared.topics import DEAD_REPORTS, EVENTS, REPORTS
from shared.tripwire import Kind
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
    revision: int = 0

    def refresh(self) -> None:
        pass

    def private_of(self, key: bytes) -> bytes | None:
        return self.privates.get(key)

    def is_destroyed(self, key: bytes) -> bool:
        return key in self.known and key not in self.privates

    def destroy(self) -> None:
        self.privates.clear()
        self.revision += 1


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


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
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


async def test_events_and_dead_letters_keep_partition_key_and_timestamp(stage: Stage) -> None:
    await stage.on([a_record(0), a_record(1, bad=True), a_record(7, partition=3)])
    assert [
        (topic, partition, record["key"], record["timestamp"])
        for topic, partition, record in stage.producer.sent
    ] == [
        (EVENTS.name, 0, UUID(int=0).bytes, STARTED),
        (EVENTS.name, 3, UUID(int=7).bytes, STARTED + 7),
        (DEAD_REPORTS.name, 0, UUID(int=1).bytes, STARTED + 1),
    ]
    event = decoder(Event).decode(stage.producer.sent[1][2]["value"])
    assert event.event_id == UUID(int=7)
    assert stage.consumer.commits == [
        {TopicPartition(REPORTS.name, 0): 2, TopicPartition(REPORTS.name, 3): 8}
    ]
    assert stage.crashes == []


async def test_quality_is_counted_after_the_events_are_out_and_before_the_offsets(
    stage: Stage,
) -> None:
    await stage.on([a_record(0), a_record(1, bad=True), a_record(7, partition=3)])
    assert stage.quality.counted == [([Confidence.EXACT, None, Confidence.EXACT], {0: 2, 3: 8}, 3)]
    assert len(stage.consumer.commits) == 1


async def test_what_is_not_counted_is_not_committed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_given: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(stage.quality, "count", never)
    await stage.on([a_record(0)])
    assert [type(one) for one in stage.crashes] == [ZeroDivisionError]
    assert stage.consumer.commits == []


def letters(stage: Stage) -> list[tuple[str, str, bytes, Origin]]:
    """Reason, what is in it, that opened, and whose each dead letter is."""
    opener = Opener({LETTER_KEY.id: LETTER_PRIVATE}.get, topic=DEAD_REPORTS.name)
    found = []
    for topic, _, record in stage.producer.sent:
        if topic == DEAD_REPORTS.name:
            named = dict(record["headers"])
            origin = Origin(named[MUNICIPALITY_HEADER].decode(), named[ACTOR_HEADER].decode())
            plain = opener.open(record["value"], tuple(record["headers"][:5]), record["key"])
            found.append((named["reason"].decode(), named["content"].decode(), plain, origin))
    return found


async def test_a_dead_letter_is_sealed_anew_to_a_key_of_its_own(stage: Stage) -> None:
    unknown = encode(a_report(indicator="none"))
    event = UUID(int=1)
    sealed = SEALER.sealing(KEY, FIRE, NOON).seal(unknown, event)
    await stage.on([a_sealed(1, sealed), a_record(2, bad=True)])
    first, second = letters(stage)
    assert first == ("unknown_indicator", "report", unknown, FIRE)
    assert second[:2] == ("not_sealed", "record")
    assert second[3] == Origin("-", "-")
    key, value, headers = msgspec.msgpack.decode(second[2])
    assert (key, value) == (UUID(int=2).bytes, b"junk")
    assert tuple(map(tuple, headers)) == sealed.headers


async def test_a_record_that_was_given_to_another_actor_is_a_dead_letter(stage: Stage) -> None:
    good = a_record(1)
    headers = [(name, b"police" if name == ACTOR_HEADER else value) for name, value in good.headers]
    await stage.on([dataclasses.replace(good, headers=tuple(headers))])
    assert [one[:2] for one in letters(stage)] == [(DeadReason.NOT_OPENED, "record")]


async def test_a_report_whose_key_was_destroyed_is_noted_as_lost_before_its_offset(
    stage: Stage,
) -> None:
    await stage.on([a_record(0)])  # what opens it is remembered
    stage.keys.destroy()
    stage.losses.failures = [TimeoutError(), OSError()]
    await stage.on([a_record(1), a_record(2)])
    received = [datetime.fromtimestamp((STARTED + one) / 1000, UTC) for one in (1, 2)]
    assert stage.losses.noted == [
        LostReport("9998", "fire", UUID(int=one), at)
        for one, at in zip((1, 2), received, strict=True)
    ]
    assert stage.producer.topics() == [EVENTS.name]
    partition = TopicPartition(REPORTS.name, 0)
    assert stage.consumer.commits[-1] == {partition: 3}
    assert all(one == {partition: 1} for one in stage.consumer.commits[:-1])
    assert stage.crashes == []


async def test_a_key_that_nobody_knows_is_not_a_loss_but_a_dead_letter(stage: Stage) -> None:
    stage.keys.known.clear()
    stage.keys.destroy()
    await stage.on([a_record(1)])
    assert stage.losses.noted == []
    assert [one[:2] for one in letters(stage)] == [(DeadReason.UNKNOWN_KEY, "record")]


async def test_who_has_lost_its_partitions_meanwhile_calls_nothing_lost(stage: Stage) -> None:
    stage.keys.destroy()
    stage.consumer.failure = CommitFailedError()
    working = asyncio.create_task(stage.on([a_record(1)]))
    await asyncio.sleep(0.01)
    stage.membership.on_partitions_revoked([TopicPartition(REPORTS.name, 0)])
    await working
    assert stage.losses.noted == []
    assert stage.producer.sent == []
    assert stage.consumer.commits == []
    assert stage.crashes == []


async def test_nothing_is_committed_before_everything_is_acknowledged(stage: Stage) -> None:
    stage.producer.at_once = False
    with capture_logs() as logs:
        working = asyncio.create_task(stage.on([a_record(0), a_record(1, partition=1)]))
        while not any(line["event"] == "acknowledgement_awaited" for line in logs):
            await asyncio.sleep(0)
    first, second = stage.producer.waiting
    first.set_result(None)
    await asyncio.sleep(0.03)
    assert stage.consumer.commits == []
    second.set_result(None)
    await working
    assert len(stage.consumer.commits) == 1
    assert len(stage.producer.sent) == 2


async def test_a_send_that_fails_for_good_ends_the_process_without_a_commit(stage: Stage) -> None:
    stage.producer.at_once = False
    working = asyncio.create_task(stage.on([a_record(0), a_record(1, partition=1)]))
    while len(stage.producer.waiting) < 2:
        await asyncio.sleep(0)
    stage.producer.waiting[0].set_exception(OutOfOrderSequenceNumber())
    await working
    assert [type(one) for one in stage.crashes] == [OutOfOrderSequenceNumber]
    assert stage.consumer.commits == []


async def test_a_batch_that_the_producer_has_no_room_for_is_offered_again(stage: Stage) -> None:
    stage.producer.refusals = [KafkaTimeoutError(), KafkaTimeoutError()]
    await stage.on([a_record(0)])
    assert stage.producer.topics() == [EVENTS.name]
    assert len(stage.consumer.commits) == 1
    assert stage.crashes == []


@pytest.mark.parametrize(
    "failure", [CommitFailedError(), IllegalStateError(), TimeoutError(), OSError()], ids=repr
)
async def test_a_commit_that_fails_is_harmless(stage: Stage, failure: Exception) -> None:
    stage.consumer.failure = failure
    await stage.on([a_record(0)])
    stage.consumer.failure = None
    await stage.on([a_record(1)])
    assert stage.consumer.commits == [{TopicPartition(REPORTS.name, 0): 2}]
    assert stage.crashes == []


async def test_without_a_consumer_nothing_is_committed(stage: Stage) -> None:
    stage.membership.follow(lambda: None)
    await stage.on([a_record(0)])
    assert stage.crashes == []
    assert not stage.membership.is_fetching(time.time())
    assert stage.membership.lag() == 0


async def test_a_batch_that_was_never_handed_over_ends_the_process(stage: Stage) -> None:
    await stage.on([a_record(0), a_record(1)])
    await stage.on([a_record(3)])
    assert [type(one) for one in stage.crashes] == [SkippedRecordsError]
    assert stage.consumer.commits == [{TopicPartition(REPORTS.name, 0): 2}]
    assert len(stage.producer.sent) == 2


async def test_a_partition_that_comes_back_may_be_further_on(stage: Stage) -> None:
    await stage.on([a_record(0)])
    stage.membership.on_partitions_revoked([TopicPartition(REPORTS.name, 0)])
    await stage.membership.on_partitions_assigned([TopicPartition(REPORTS.name, 0)])
    await stage.on([a_record(90)])
    assert stage.crashes == []


async def test_a_long_run_of_bad_reports_ends_the_process_and_buries_none(stage: Stage) -> None:
    await stage.on([a_record(offset, bad=True) for offset in range(5)])
    assert [type(one) for one in stage.crashes] == [DeadLetterLimitReachedError]
    assert stage.producer.sent == []
    assert stage.consumer.commits == []


async def test_an_error_nobody_expected_ends_the_process_and_does_not_escape(stage: Stage) -> None:
    message = KafkaMessage((object(),), None, consumer=FAKE_CONSUMER)
    await stage.anonymizing.on_reports(message)
    assert [type(one) for one in stage.crashes] == [AttributeError]


async def test_a_batch_in_hand_can_be_cancelled(stage: Stage) -> None:
    stage.producer.at_once = False
    working = asyncio.create_task(stage.on([a_record(0)]))
    while not stage.producer.waiting:
        await asyncio.sleep(0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert stage.crashes == []
    assert stage.consumer.commits == []


async def test_a_batch_that_is_long_in_hand_is_not_prompt(stage: Stage) -> None:
    assert stage.anonymizing.is_prompt()
    stage.anonymizing._began_at = time.monotonic() - 11
    assert not stage.anonymizing.is_prompt()
    await stage.on([a_record(0)])
    assert stage.anonymizing.is_prompt()


async def test_the_group_is_settled_between_assignment_and_revocation(stage: Stage) -> None:
    membership = stage.membership
    assert not membership.is_settled()
    await membership.on_partitions_assigned([])
    assert membership.is_settled()
    membership.on_partitions_revoked([])
    assert not membership.is_settled()


@pytest.mark.parametrize(
    ("fetched_ms", "fetching"), [(None, False), (995_000, True), (985_000, False)]
)
def test_kafka_must_have_answered_a_fetch_lately(
    stage: Stage, fetched_ms: int | None, fetching: bool
) -> None:
    stage.consumer.assigned = {TopicPartition(REPORTS.name, 0)}
    stage.consumer.fetched_ms = fetched_ms
    assert stage.membership.is_fetching(1000.0) is fetching


def test_a_member_without_partitions_has_nothing_to_fetch(stage: Stage) -> None:
    assert stage.membership.is_fetching(1000.0)


async def test_the_lag_is_what_kafka_has_beyond_us(stage: Stage) -> None:
    assert stage.membership.lag() == 0
    stage.consumer.assigned = {TopicPartition(REPORTS.name, 0), TopicPartition(REPORTS.name, 1)}
    stage.consumer.end = 12
    await stage.on([a_record(0), a_record(1)])
    assert stage.membership.lag() == 10


async def test_an_event_that_trips_the_wire_is_a_dead_letter_a_metric_and_an_error(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tripwire, "kinds_in_code", lambda code: {Kind.PHONE} if code else set())
    with capture_logs() as logs:
        await stage.on([a_record(0), a_record(1)])
    assert stage.producer.topics() == [DEAD_REPORTS.name] * 2
    headers = [dict(record["headers"]) for _, _, record in stage.producer.sent]
    assert {one["reason"] for one in headers} == {b"tripwire"}
    assert stage.registry.get_sample_value("lagesbild_tripwire_hits_total") == 2
    assert [one for one in logs if one["event"] == "tripwire_hit"] == [
        {"event": "tripwire_hit", "count": 2, "log_level": "error"}
    ]
    assert stage.consumer.commits  # it is done with: nothing waits behind it


async def test_hits_are_counted_from_zero(stage: Stage) -> None:
    assert stage.registry.get_sample_value("lagesbild_tripwire_hits_total") == 0
    await stage.on([a_record(0), a_record(1, bad=True)])
    assert stage.registry.get_sample_value("lagesbild_tripwire_hits_total") == 0


async def test_every_step_of_a_batch_is_timed_once(stage: Stage) -> None:
    await stage.on([a_record(0), a_record(1)])
    counts = {
        step: stage.registry.get_sample_value(
            "lagesbild_step_duration_seconds_count", {"step": step}
        )
        for step in Step
    }
    of_linking = {Step.LINK_KNOWN, Step.LINK_DECIDE, Step.LINK_TOKENS, Step.LINK_STORE}
    assert counts == {step: 0.0 if step in of_linking else 1.0 for step in Step}
