"""Kafka as the house uses it: topics, one producer's settings, one subscriber's settings.

FastStream's and aiokafka's defaults lose messages (research/streaming.md §2), so nobody calls
`broker.subscriber` or makes a producer elsewhere:

* acknowledgement is manual and with explicit offsets, after the effect;
* a new group starts at the earliest record;
* a batch mixes partitions, so handlers group by `record.partition`;
* the batch publisher ignores keys, so records are put on their partition by number.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import Any

import msgspec
from aiokafka import (
    AIOKafkaConsumer,
    AIOKafkaProducer,
    ConsumerRebalanceListener,
    TopicPartition,
)
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import KafkaError, TopicAlreadyExistsError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER

from shared.background import to_its_end
from shared.errors import ConfigurationError
from shared.records import LogRecord
from shared.retry import Backoff
from shared.topic_settings import differing, put_right, settings_of
from shared.topics import IN_ORDER, Topic

MAX_BATCH_BYTES = 1 << 20
MAX_REQUEST_BYTES = 4 << 20
MAX_RECORD_BYTES = 900_000  # below Kafka's own limit of one message, 1,048,588 bytes
POLL_MS = 10  # a hop waits this long at the most when idle; 5 ms costs another percent of a core
SESSION_TIMEOUT_MS = 6_000  # the shortest that the broker allows: a killed member is missed soonest
CHECKS = 5  # 1.5 s together
NEW_CHECKS = 9  # some 20 s: a broker makes each partition's files before it knows a new topic
STOP_SECONDS = 3  # for a reader to close its connections; a broker that is away answers never

KAFKA_AWAY = (KafkaError, OSError, TimeoutError)

Headers = Sequence[tuple[str, bytes]]


def _log_record(_records: PartitionRecords, partition: TopicPartition, record: Any) -> LogRecord:
    return LogRecord(
        partition.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        partition.topic,
        tuple(record.headers),
    )


# Every consumer gives records as ours (decision 0021); a test holds the two makers together.
PartitionRecords._consumer_record = _log_record  # noqa: SLF001 - there is no public place for it


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """One record on its way to a partition. Unit: `timestamp_ms` milliseconds since 1970."""

    key: bytes
    value: bytes
    timestamp_ms: int
    headers: Headers = ()


def new_producer(bootstrap: str, *, client_id: str) -> AIOKafkaProducer:
    """A producer that loses nothing: acks from all, idempotent, no lingering.

    An idempotent send never times out by itself: bound every wait.
    """
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=client_id,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=MAX_BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
    )


async def send_all(
    producer: AIOKafkaProducer, topic: str, records: Mapping[int, Sequence[Outgoing]]
) -> list[Awaitable[Any]]:
    """Put records on their partitions in batches; await the result for the acknowledgements.

    Shape: partition number to its records in order. One future per batch comes back.
    """
    futures: list[Awaitable[Any]] = []
    for partition, outgoing in records.items():
        batch = producer.create_batch()
        for record in outgoing:
            if not _appended(batch, record):
                futures.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                if not _appended(batch, record):
                    raise AssertionError("a record is larger than an empty batch")
        if batch.record_count():
            futures.append(await producer.send_batch(batch, topic, partition=partition))
    return futures


def _appended(batch: Any, record: Outgoing) -> bool:
    headers = list(record.headers) if record.headers else []
    return (
        batch.append(
            key=record.key, value=record.value, timestamp=record.timestamp_ms, headers=headers
        )
        is not None
    )


async def _as_it_is(_message: Any) -> None:
    """Decode nothing: handlers read the raw records themselves (a decoder's error would log)."""


async def _unread(records: Any) -> KafkaMessage:
    """Parse nothing: FastStream would take headers for text and drop a batch whose are keys."""
    return KafkaMessage(records, None, consumer=FAKE_CONSUMER)


def new_broker(bootstrap: str, *, client_id: str) -> KafkaBroker:
    """A FastStream broker for consuming; publishing goes through `new_producer`.

    It does not log: its own lines may quote a message.
    """
    return KafkaBroker(
        bootstrap,
        client_id=client_id,
        ack_policy=AckPolicy.MANUAL,
        graceful_timeout=3.0,
        allow_auto_create_topics=False,
        logger=None,
    )


def subscribe(  # noqa: PLR0913 - all that makes up a subscriber, by name
    broker: KafkaBroker,
    topic: str,
    *,
    group: str,
    max_records: int,
    listener: ConsumerRebalanceListener | None,
    on_records: Callable[[KafkaMessage], Awaitable[None]],
    poll_ms: int = POLL_MS,
) -> Any:
    """The one way to consume: batches, manual offsets, from the earliest record.

    `on_records` gets a message whose `raw_message` is a tuple of consumer records of several
    partitions. It must not raise: FastStream would skip the batch in silence. An idle consumer looks
    again after `poll_ms`; where nobody waits for a hop, more of it costs less.
    """
    subscriber = broker.subscriber(
        topic,
        group_id=group,
        batch=True,
        max_records=max_records,
        batch_timeout_ms=poll_ms,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        decoder=_as_it_is,
        listener=listener,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        heartbeat_interval_ms=SESSION_TIMEOUT_MS // 4,
        rebalance_timeout_ms=15_000,
        max_partition_fetch_bytes=MAX_REQUEST_BYTES,
    )
    subscriber(on_records, parser=_unread)
    return subscriber


def new_reader(bootstrap: str, *, client_id: str) -> AIOKafkaConsumer:
    """A consumer without a group, for whoever reads partitions by number and keeps its own place."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=client_id,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=MAX_REQUEST_BYTES,
    )


@asynccontextmanager
async def reading(
    bootstrap: str, *, client_id: str, within_seconds: float
) -> AsyncIterator[AIOKafkaConsumer]:
    """A started reader, see `new_reader`; its stop does not hang when the broker is away.

    Raises:
        KAFKA_AWAY: Kafka does not answer in time.
    """
    reader = new_reader(bootstrap, client_id=client_id)
    try:
        async with asyncio.timeout(within_seconds):
            await to_its_end(reader.start())
        yield reader
    finally:
        with suppress(*KAFKA_AWAY):
            async with asyncio.timeout(STOP_SECONDS):
                await reader.stop()


async def partition_count(bootstrap: str, topic: str) -> int:
    """How many partitions a topic has; 0: there is no such topic."""
    async with administration(bootstrap) as admin:
        return (await _partitions(admin, [topic])).get(topic, 0)


async def offsets_of(reader: AIOKafkaConsumer, topic: str, partitions: int) -> dict[int, range]:
    """The offsets that each partition of a topic has now."""
    wanted = [TopicPartition(topic, at) for at in range(partitions)]
    first = await reader.beginning_offsets(wanted) if wanted else {}
    end = await reader.end_offsets(wanted) if wanted else {}
    return {one.partition: range(first[one], end[one]) for one in wanted}


def is_polling(subscriber: Any) -> bool:
    """Whether the loop that reads and calls the handler is alive; FastStream restarts none."""
    return bool(subscriber.running and subscriber.tasks) and not any(
        task.done() for task in subscriber.tasks
    )


async def ensure_topics(
    bootstrap: str, *, prefix: str = "", partitions: int, replication: int = 1
) -> None:
    """Create the topics that are missing, put the settings of all right, and check them.

    Raises:
        ConfigurationError: a topic exists with another number of partitions.
    """
    async with administration(bootstrap) as admin:
        existing = set(await admin.list_topics())
        missing = [topic for topic in IN_ORDER if topic.named(prefix) not in existing]
        if missing:
            # Someone else may be faster; the check below says whether they agree.
            with suppress(TopicAlreadyExistsError):
                await admin.create_topics(
                    [_new_topic(topic, prefix, partitions, replication) for topic in missing]
                )
        await _check_partitions(
            admin, prefix=prefix, partitions=partitions, checks=NEW_CHECKS if missing else CHECKS
        )
        await put_right(admin, prefix=prefix)
        await _check_settings(admin, prefix=prefix)
        await _prepare_groups(admin)


async def _prepare_groups(admin: AIOKafkaAdminClient) -> None:
    """Wait until Kafka can lead groups; asked for the first time, a new one has to prepare it."""
    for delay in islice(Backoff().delays(), CHECKS):
        try:
            await admin.find_coordinator("lagesbild")
        except KafkaError:
            await asyncio.sleep(delay)
        else:
            return


async def check_topics(bootstrap: str, *, prefix: str, partitions: int) -> None:
    """Check at a service's start that the topics are there and as agreed.

    Raises:
        ConfigurationError: a topic is missing, or has other partitions or another retention.
    """
    async with administration(bootstrap) as admin:
        await _check_partitions(admin, prefix=prefix, partitions=partitions)
        await _check_settings(admin, prefix=prefix)


async def committed_offsets(
    admin: AIOKafkaAdminClient, group: str, topic: str, partitions: int
) -> dict[int, int]:
    """How far a group has come in each partition of a topic; one without a commit is not there."""
    wanted = [TopicPartition(topic, number) for number in range(partitions)]
    found = await admin.list_consumer_group_offsets(group, partitions=wanted)
    return {one.partition: there.offset for one, there in found.items() if there.offset >= 0}


async def delete_before(admin: AIOKafkaAdminClient, topic: str, offsets: Mapping[int, int]) -> None:
    """Delete the records before these offsets; the broker removes the files in its own time."""
    before = {
        TopicPartition(topic, number): RecordsToDelete(before_offset=offset)
        for number, offset in offsets.items()
    }
    if before:
        await admin.delete_records(before)


async def cluster_of(bootstrap: str) -> str:
    """The id of the cluster: another one means another log, whatever its offsets say."""
    async with administration(bootstrap) as admin:
        described: Mapping[str, Any] = await admin.describe_cluster()
    return str(described["cluster_id"])


@asynccontextmanager
async def administration(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client for questions about topics and groups."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await to_its_end(admin.start())
        yield admin
    finally:
        await admin.close()


def _new_topic(topic: Topic, prefix: str, partitions: int, replication: int) -> NewTopic:
    return NewTopic(
        name=topic.named(prefix),
        num_partitions=topic.partitions(partitions),
        replication_factor=replication,
        topic_configs=settings_of(topic),
    )


async def _check_settings(admin: AIOKafkaAdminClient, *, prefix: str) -> None:
    mistakes: list[str] = []
    for delay in islice(Backoff().delays(), CHECKS):
        mistakes = await differing(admin, prefix=prefix)
        if not mistakes:
            return
        await asyncio.sleep(delay)  # a broker knows a setting a moment after it was put right
    raise ConfigurationError(mistakes)


async def _check_partitions(
    admin: AIOKafkaAdminClient, *, prefix: str, partitions: int, checks: int = CHECKS
) -> None:
    wanted = {topic.named(prefix): topic.partitions(partitions) for topic in IN_ORDER}
    for delay in islice(Backoff().delays(), checks):
        found = await _partitions(admin, list(wanted))
        if set(found) == set(wanted):
            break
        await asyncio.sleep(delay)  # a broker knows a new topic a moment after it was created
    mistakes = [
        f"topic {name} has {found[name]} partitions, not {count}"
        if name in found
        else f"topic {name} is missing"
        for name, count in wanted.items()
        if found.get(name) != count
    ]
    if mistakes:
        raise ConfigurationError(mistakes)


async def _partitions(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    described: Iterable[Mapping[str, Any]] = await admin.describe_topics(names)
    return {one["topic"]: len(one["partitions"]) for one in described if not one["error_code"]}
