"""The anonymizer on real Kafka: sealed reports in, events and dead letters out, offsets after."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from starlette.testclient import TestClient

from services.anonymizer.app import build
from services.anonymizer.config import AnonymizerSettings
from shared.identity import event_id, partition_of
from shared.kafka import new_producer
from shared.messages.codec import decoder, encode
from shared.messages.event import Event, Placement
from shared.messages.report import Location, Report
from shared.sealing import ACTOR_HEADER, DATA_KEY_HEADER, Headers, Opener, SealedValue, SealingKey
from shared.topics import ANONYMIZER_GROUP, DEAD_REPORTS, DEFAULT_PARTITIONS, EVENTS, REPORTS
from tests.support.keys import a_stranger, keys_for_a_module, sealed_to
from tests.support.servers import Database

DEMO = Path(__file__).parents[2] / "deploy/municipalities/demo"
NOON = datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)
KEYS = keys_for_a_module()
SECRET = b"only for this test"
HEARD_SECONDS = 90.0
STARTED_MS = int(time.time() * 1000)  # not long ago, or Kafka's retention deletes the records


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as it was put on the topic of reports."""

    key: bytes | None
    sealed: SealedValue
    partition: int
    timestamp_ms: int


def id_of(number: int) -> UUID:
    return event_id(SECRET, municipality="9998", actor="fire", own_id=str(number))


def a_report(**changes: Any) -> Report:
    report = Report(
        municipality="9998",
        actor="fire",
        version=1,
        received_at=NOON,
        indicator="fire_outdoors_public",
        occurred_at=NOON,
        location=Location(nyko="111"),
        text="Kalle Kanarie",
        extra=msgspec.Raw(b'{"personnummer": "KANARIE"}'),
    )
    return msgspec.structs.replace(report, **changes)


def sealed(number: int, report: Report | bytes, *, to: SealingKey | None = None) -> Sent:
    """A record as ingest makes it."""
    event = id_of(number)
    plain = report if isinstance(report, bytes) else encode(report)
    return Sent(
        event.bytes,
        sealed_to(to or KEYS.sealing_key(), plain, event),
        partition_of(event, DEFAULT_PARTITIONS),
        STARTED_MS + number,
    )


def with_key(sent: Sent, key: bytes | None) -> Sent:
    return Sent(key, sent.sealed, sent.partition, sent.timestamp_ms)


def with_value(sent: Sent, value: bytes, headers: Headers | None = None) -> Sent:
    headers = sent.sealed.headers if headers is None else headers
    return Sent(sent.key, SealedValue(value, headers), sent.partition, sent.timestamp_ms)


async def put(kafka: str, prefix: str, records: Sequence[Sent]) -> None:
    producer: AIOKafkaProducer = new_producer(kafka, client_id="test")
    await producer.start()
    try:
        for sent in records:
            await producer.send_and_wait(
                REPORTS.named(prefix),
                sent.sealed.value,
                key=sent.key,
                partition=sent.partition,
                timestamp_ms=sent.timestamp_ms,
                headers=list(sent.sealed.headers),
            )
    finally:
        await producer.stop()


async def heard(
    kafka: str, topic: str, enough: Callable[[list[ConsumerRecord]], bool]
) -> list[ConsumerRecord]:
    """Everything on a topic, as soon as it is enough."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(DEFAULT_PARTITIONS)])
        found: list[ConsumerRecord] = []
        async with asyncio.timeout(HEARD_SECONDS):
            while not enough(found):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += records
        return found
    finally:
        await consumer.stop()


async def all_that_is_on(kafka: str, topic: str) -> list[ConsumerRecord]:
    """What a topic holds at this moment, to its end: so also that it holds no more."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(
            [TopicPartition(topic, number) for number in range(DEFAULT_PARTITIONS)]
        )
    finally:
        await consumer.stop()
    return await heard(kafka, topic, at_least(sum(ends.values())))


async def committed(kafka: str, prefix: str) -> dict[int, int]:
    """The group's committed offset of each partition that has one."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=f"{prefix}{ANONYMIZER_GROUP}")
    await consumer.start()
    try:
        found = {}
        for number in range(DEFAULT_PARTITIONS):
            partition = TopicPartition(REPORTS.named(prefix), number)
            offset = await consumer.committed(partition)
            if offset is not None:
                found[number] = offset
        return found
    finally:
        await consumer.stop()


class DatabaseOfNow:
    """The database of the test that runs: settings are made in many places."""

    dsn = ""


DATABASE = DatabaseOfNow()


@pytest.fixture(autouse=True)
def own_database(database: Database) -> None:
    DATABASE.dsn = database.dsn("lagesbild_anonymizer")


def settings_for(kafka: str, prefix: str, **changes: Any) -> AnonymizerSettings:
    given: dict[str, Any] = {
        "kafka": kafka,
        "topic_prefix": prefix,
        "packs": (DEMO,),
        "port": 1,
        "postgres": SecretStr(DATABASE.dsn),
        **KEYS.opening_settings(),
        "linking": "off",  # it has tests of its own
    }
    return AnonymizerSettings(**(given | changes))


@asynccontextmanager
async def an_anonymizer(
    kafka: str, prefix: str, **changes: Any
) -> AsyncIterator[CollectorRegistry]:
    registry = CollectorRegistry()
    app = build(settings_for(kafka, prefix, **changes), registry=registry)
    async with app.router.lifespan_context(app):
        yield registry


def at_least(number: int) -> Callable[[list[ConsumerRecord]], bool]:
    return lambda found: len(found) >= number


async def test_an_event_has_its_reports_key_partition_number_and_timestamp(
    kafka: str, topic_prefix: str
) -> None:
    sent = [sealed(number, a_report(version=number + 1)) for number in range(40)]
    async with an_anonymizer(kafka, topic_prefix):
        await put(kafka, topic_prefix, sent)
        found = await heard(kafka, EVENTS.named(topic_prefix), at_least(40))
    assert {one.key: (one.partition, one.timestamp) for one in found} == {
        one.key: (one.partition, one.timestamp_ms) for one in sent
    }
    events = [decoder(Event).decode(one.value) for one in found]
    assert [event.event_id.bytes for event in events] == [one.key for one in found]
    assert {event.version for event in events} == set(range(1, 41))
    assert {(event.area, event.placement) for event in events} == {("111", Placement.NYKO)}
    assert {event.occurred_at for event in events} == {NOON.replace(second=0)}
    assert all(not one.headers and b"anarie" not in one.value.lower() for one in found)


async def test_the_versions_of_an_event_stay_in_order(kafka: str, topic_prefix: str) -> None:
    sent = [sealed(number % 3, a_report(version=1 + number // 3)) for number in range(60)]
    async with an_anonymizer(kafka, topic_prefix, max_records=7):
        await put(kafka, topic_prefix, sent)
        found = await heard(kafka, EVENTS.named(topic_prefix), at_least(60))
    for number in range(3):
        events = [decoder(Event).decode(one.value) for one in found]
        versions = [one.version for one in events if one.event_id == id_of(number)]
        assert versions == list(range(1, 21))


async def test_a_withdrawal_leaves_as_one(kafka: str, topic_prefix: str) -> None:
    withdrawal = Report("9998", "fire", 2, NOON, withdrawn=True)
    async with an_anonymizer(kafka, topic_prefix):
        await put(kafka, topic_prefix, [sealed(1, withdrawal)])
        (found,) = await heard(kafka, EVENTS.named(topic_prefix), at_least(1))
    assert decoder(Event).decode(found.value) == Event(id_of(1), 2, "9998", live=False)


def changed(sent: Sent, name: str, value: bytes) -> Headers:
    return tuple((one, value if one == name else was) for one, was in sent.sealed.headers)


def poison() -> dict[str, tuple[Sent, str]]:
    """Records that can never succeed, each with its reason."""
    good = sealed(100, a_report())
    other_key = sealed(101, a_report(), to=a_stranger())
    moved = with_key(good, id_of(102).bytes)
    tampered = with_value(good, good.sealed.value[:-1] + bytes([good.sealed.value[-1] ^ 1]))
    wrapped = dict(good.sealed.headers)[DATA_KEY_HEADER]
    return {
        "without headers": (with_value(good, good.sealed.value, ()), "not_sealed"),
        "in the clear": (with_value(good, encode(a_report()), ()), "not_sealed"),
        "too short": (with_value(good, b"short"), "not_sealed"),
        "empty": (with_value(good, b""), "not_sealed"),
        "to another key": (other_key, "unknown_key"),
        "tampered with": (tampered, "not_opened"),
        "moved": (moved, "not_opened"),
        "with a broken data key": (
            with_value(good, good.sealed.value, changed(good, DATA_KEY_HEADER, b"junk")),
            "not_opened",
        ),
        "with a wrapped key of another length": (
            with_value(good, good.sealed.value, changed(good, DATA_KEY_HEADER, wrapped + b"0")),
            "not_opened",
        ),
        "given to another actor": (
            with_value(good, good.sealed.value, changed(good, ACTOR_HEADER, b"police")),
            "not_opened",
        ),
        "with a short record key": (with_key(good, b"short"), "not_opened"),
        "without a record key": (with_key(good, None), "not_opened"),
        "no report": (sealed(103, b"KANARIE"), "not_a_report"),
        "half a report": (sealed(104, a_report(indicator=None)), "not_a_report"),
        "from elsewhere": (sealed(105, a_report(municipality="0180")), "unknown_municipality"),
        "with an unknown code": (sealed(106, a_report(indicator="kanarie")), "unknown_indicator"),
        "a statistic": (sealed(107, a_report(indicator="young_suspects")), "not_an_event"),
    }


@pytest.mark.parametrize("kind", poison())
async def test_a_poisoned_record_becomes_a_dead_letter_and_is_never_in_the_clear(
    kafka: str, topic_prefix: str, kind: str
) -> None:
    bad, reason = poison()[kind]
    good = Sent(id_of(1).bytes, sealed(1, a_report()).sealed, bad.partition, STARTED_MS + 500)
    async with an_anonymizer(kafka, topic_prefix) as registry:
        await put(kafka, topic_prefix, [bad, good])
        (letter,) = await heard(kafka, DEAD_REPORTS.named(topic_prefix), at_least(1))
        (event,) = await heard(kafka, EVENTS.named(topic_prefix), at_least(1))
    assert event.key == good.key
    assert (letter.partition, letter.timestamp) == (bad.partition, bad.timestamp_ms)
    assert letter.headers[-3:] == (
        ("reason", reason.encode()),
        ("stage", b"anonymizer"),
        ("origin", f"{REPORTS.named(topic_prefix)}:{bad.partition}:0".encode()),
    )
    opener = Opener(KEYS.folder().private_of, topic=DEAD_REPORTS.name)
    plain = opener.open(letter.value, letter.headers[:-4], letter.key)
    if reason in {"not_sealed", "unknown_key", "not_opened"}:
        assert letter.headers[-4] == ("content", b"record")
        key, value, headers = msgspec.msgpack.decode(plain)
        assert (key, value) == (bad.key, bad.sealed.value)
        assert [tuple(one) for one in headers] == list(bad.sealed.headers)
    else:
        assert letter.headers[-4] == ("content", b"report")
        reports = Opener(KEYS.folder().private_of, topic=REPORTS.name)
        assert plain == reports.open(bad.sealed.value, bad.sealed.headers, bad.key or b"")
    labels = {"stage": "anonymizer", "reason": reason}
    assert registry.get_sample_value("lagesbild_dead_letters_total", labels) == 1
    assert await committed(kafka, topic_prefix) == {bad.partition: 2}


async def test_reports_that_kafka_deleted_unread_are_an_alarm(
    kafka: str, topic_prefix: str
) -> None:
    async with an_anonymizer(kafka, topic_prefix):
        await put(
            kafka, topic_prefix, [Sent(id_of(8).bytes, sealed(8, a_report()).sealed, 0, STARTED_MS)]
        )
        await heard(kafka, EVENTS.named(topic_prefix), at_least(1))
    unread = [Sent(id_of(8).bytes, sealed(8, a_report()).sealed, 0, STARTED_MS) for _ in range(4)]
    await put(kafka, topic_prefix, unread)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        partition = TopicPartition(REPORTS.named(topic_prefix), 0)
        await admin.delete_records({partition: RecordsToDelete(before_offset=5)})
    finally:
        await admin.close()
    async with an_anonymizer(kafka, topic_prefix) as registry:
        while registry.get_sample_value("lagesbild_reports_missed_total") != 4:
            await asyncio.sleep(0.05)


async def test_a_restarted_anonymizer_goes_on_where_the_last_one_was(
    kafka: str, topic_prefix: str
) -> None:
    sent = [sealed(number, a_report()) for number in range(30)]
    events = EVENTS.named(topic_prefix)
    async with an_anonymizer(kafka, topic_prefix):
        await put(kafka, topic_prefix, sent[:10])
        await heard(kafka, events, at_least(10))
    await put(kafka, topic_prefix, sent[10:20])
    async with an_anonymizer(kafka, topic_prefix):
        await put(kafka, topic_prefix, sent[20:])
        found = await heard(kafka, events, at_least(30))
    assert sorted(one.key for one in found) == sorted(one.key or b"" for one in sent)
    assert sum((await committed(kafka, topic_prefix)).values()) == 30


async def test_two_anonymizers_share_the_partitions_and_one_takes_over(
    kafka: str, topic_prefix: str
) -> None:
    sent = [sealed(number, a_report()) for number in range(60)]
    events = EVENTS.named(topic_prefix)
    async with an_anonymizer(kafka, topic_prefix) as first:
        async with an_anonymizer(kafka, topic_prefix) as second:
            await put(kafka, topic_prefix, sent[:40])
            await heard(kafka, events, lambda found: len({one.key for one in found}) == 40)
            async with asyncio.timeout(HEARD_SECONDS):
                while anonymized(first) + anonymized(second) < 40:  # after they are published
                    await asyncio.sleep(0.01)
            shares = [anonymized(first), anonymized(second)]
        await put(kafka, topic_prefix, sent[40:])
        found = await heard(kafka, events, lambda found: len({one.key for one in found}) == 60)
    assert all(shares)
    assert {one.key for one in found} == {one.key for one in sent}


def anonymized(registry: CollectorRegistry) -> float:
    return registry.get_sample_value("lagesbild_reports_anonymized_total") or 0.0


async def test_metrics_tell_what_became_of_the_reports(kafka: str, topic_prefix: str) -> None:
    batch = [
        *(sealed(number, a_report()) for number in range(5)),
        sealed(5, a_report(location=None)),
        sealed(6, Report("9998", "fire", 2, NOON, withdrawn=True)),
        sealed(7, b"KANARIE"),
    ]
    async with an_anonymizer(kafka, topic_prefix) as registry:
        await put(kafka, topic_prefix, batch)
        await heard(kafka, EVENTS.named(topic_prefix), at_least(7))
        await heard(kafka, DEAD_REPORTS.named(topic_prefix), at_least(1))
        value = registry.get_sample_value
        while value("lagesbild_batch_records_sum") != 8:  # after the commit, and first of them all
            await asyncio.sleep(0.01)
        assert sum((await committed(kafka, topic_prefix)).values()) == 8
        assert anonymized(registry) == 7
        assert value("lagesbild_events_placed_total", {"placement": "nyko"}) == 5
        assert value("lagesbild_events_placed_total", {"placement": "rest_no_location"}) == 1
        assert value("lagesbild_events_placed_total", {"placement": "rest_object"}) == 0
        assert value("lagesbild_batch_records_sum") == 8
        assert value("lagesbild_event_age_seconds_count", {"stage": "anonymizer"}) == 8
        assert value("lagesbild_lag_records") == 0


async def test_it_is_ready_once_it_has_its_partitions(kafka: str, topic_prefix: str) -> None:
    app = build(settings_for(kafka, topic_prefix), registry=CollectorRegistry())

    def ask() -> dict[str, Any]:
        with TestClient(app) as client:
            while client.get("/ready").status_code != 200:
                pass
            answer: dict[str, Any] = client.get("/ready").json()
            return answer

    assert await asyncio.to_thread(ask) == {"ready": True, "waiting_for": []}


async def test_quality_counts_each_report_once_though_all_are_read_again(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    sent = [sealed(number, a_report()) for number in range(30)]
    events = EVENTS.named(topic_prefix)
    await put(kafka, topic_prefix, sent)
    async with an_anonymizer(kafka, topic_prefix, max_records=7) as registry:
        while anonymized(registry) < 30:  # told after the commit
            await asyncio.sleep(0.01)
        assert sum((await committed(kafka, topic_prefix)).values()) == 30
        located = registry.get_sample_value(
            "lagesbild_events_located_total", {"confidence": "exact"}
        )
        assert located == 30
    await forget_offsets(kafka, topic_prefix)
    async with an_anonymizer(kafka, topic_prefix):
        await heard(kafka, events, at_least(60))
        while sum((await committed(kafka, topic_prefix)).values()) < 30:
            await asyncio.sleep(0.01)
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        rows = await owner.fetch("select actor, method, confidence, reports from quality.located")
    finally:
        await owner.close()
    assert [tuple(row) for row in rows] == [("fire", "nyko", "exact", 30)]


async def forget_offsets(kafka: str, topic_prefix: str) -> None:
    """As if the group had never read anything; nobody is in it now."""
    group = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=f"{topic_prefix}{ANONYMIZER_GROUP}",
        enable_auto_commit=False,
    )
    await group.start()
    try:
        partitions = [
            TopicPartition(REPORTS.named(topic_prefix), at) for at in range(DEFAULT_PARTITIONS)
        ]
        group.assign(partitions)
        await group.commit(dict.fromkeys(partitions, 0))
    finally:
        await group.stop()
