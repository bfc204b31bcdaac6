"""The life of keys on real Kafka: kills between any two steps, copies of everything, lost reports."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.record import MemoryRecords
from prometheus_client import CollectorRegistry

from services.anonymizer.app import build
from services.anonymizer.config import AnonymizerSettings
from services.anonymizer.domain.lifetimes import Purpose, period_of
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.index import Announced, KeyEntry, State
from services.anonymizer.keys.shown import Asked, shown
from services.ingest.store import PostgresLostReports
from shared.errors import ConfigurationError, RejectedMessage
from shared.kafka import check_topics, ensure_topics
from shared.language import Language
from shared.messages.codec import encode
from shared.postgres import new_pool
from shared.records import LogRecord
from shared.sealing import Opener, Origin, SealingKey
from shared.topics import DEFAULT_PARTITIONS, EVENTS, IN_ORDER, KEYS, REPORTS, Topic
from tests.integration.test_anonymizer_stream import (
    DEMO,
    STARTED_MS,
    Sent,
    a_report,
    at_least,
    committed,
    heard,
    id_of,
    put,
)
from tests.support.canary import tables_of
from tests.support.dying_anonymizer import QUICK, STEPS
from tests.support.keys import FIRE, OwnKeys, sealed_to, utc_now
from tests.support.servers import ROOT, Database, Servers

POLICE = Origin("9998", "police")
LAST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=0))
WAIT_SECONDS = 90.0


@pytest.fixture
def keys(tmp_path: Path) -> OwnKeys:
    return OwnKeys(tmp_path / "keys")


def settings_of(
    keys: OwnKeys, kafka: str, prefix: str, database: Database, **changes: Any
) -> dict[str, Any]:
    return {
        "kafka": kafka,
        "topic_prefix": prefix,
        "postgres": database.dsn("lagesbild_anonymizer"),
        "packs": str(DEMO),
        "port": "1",
        **keys.opening_settings(),
        **changes,
    }


@asynccontextmanager
async def living(
    settings: dict[str, Any],
) -> AsyncIterator[CollectorRegistry]:
    """An anonymizer of this test's own."""
    registry = CollectorRegistry()
    given = AnonymizerSettings(**{**settings, "packs": (DEMO,)})
    app = build(given, registry=registry, paces=QUICK)
    async with app.router.lifespan_context(app):
        yield registry


def old_key(keys: OwnKeys, *, hours: int = 1) -> KeyEntry:
    """A usable key of an hour that is over."""
    hour = period_of(Purpose.REPORT, utc_now()) - timedelta(hours=hours)
    return keys.folder().make(Purpose.REPORT, hour)


def sent_to(entry: KeyEntry, numbers: Sequence[int], *, origin: Origin = FIRE) -> list[Sent]:
    """Reports sealed to a key, spread over the partitions."""
    key = SealingKey.of(entry.public)
    report = a_report(municipality=origin.municipality, actor=origin.actor)
    return [
        Sent(
            id_of(number).bytes,
            sealed_to(key, encode(report), id_of(number), origin=origin),
            number % DEFAULT_PARTITIONS,
            STARTED_MS + number,
        )
        for number in numbers
    ]


async def until_state(keys: OwnKeys, entry: KeyEntry, state: State) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while now_of(keys, entry).state is not state:
            await asyncio.sleep(0.05)


def now_of(keys: OwnKeys, entry: KeyEntry) -> KeyEntry:
    return next(one for one in keys.folder().entries if one.id == entry.id)


async def first_offsets(kafka: str, topic: str) -> list[int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    try:
        wanted = [TopicPartition(topic, at) for at in range(DEFAULT_PARTITIONS)]
        return list((await consumer.beginning_offsets(wanted)).values())
    finally:
        await consumer.stop()


async def lost_of(database: Database, origin: Origin) -> list[UUID]:
    """What ingest tells an actor, as ingest's own role."""
    pool = await new_pool(database.dsn("lagesbild_ingest"), application="test", most=1)
    try:
        found = await PostgresLostReports(pool).of(*origin, before=LAST, most=1000)
        return [one.event_id for one in found]
    finally:
        pool.terminate()


async def killed(step: str, settings: dict[str, Any], path: Path) -> None:
    """An anonymizer lives until that step, where `kill -9` ends it. Shape: `path` gets its log."""
    variables = {f"LAGESBILD_{name.upper()}": value for name, value in settings.items()}
    with path.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.dying_anonymizer", step),
            cwd=ROOT,
            env={**os.environ, **variables},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
    assert code == -signal.SIGKILL, await asyncio.to_thread(path.read_text)


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_any_step_nothing_is_lost_and_the_key_goes_all_the_same(
    step: str, kafka: str, topic_prefix: str, database: Database, keys: OwnKeys, tmp_path: Path
) -> None:
    entry = old_key(keys)
    sent = sent_to(entry, range(16))
    await put(kafka, topic_prefix, sent)
    settings = settings_of(keys, kafka, topic_prefix, database)
    await killed(step, settings, tmp_path / "log")
    async with living(settings):
        await until_state(keys, entry, State.DESTROYED)
        async with asyncio.timeout(WAIT_SECONDS):
            while now_of(keys, entry).announced is not Announced.GONE:
                await asyncio.sleep(0.05)
            while sum(await first_offsets(kafka, REPORTS.named(topic_prefix))) < len(sent):
                await asyncio.sleep(0.05)
    found = await heard(kafka, EVENTS.named(topic_prefix), at_least(len(sent)))
    assert {one.key for one in found} == {one.key for one in sent}
    assert await lost_of(database, FIRE) == []
    assert not list(keys.path.glob(f"{entry.id}*"))


def broker_log(servers: Servers) -> Path:
    """Where the session's broker keeps its log."""
    return Path(f"/proc/{servers.pids['kafka']}/cwd").readlink() / "log"


def records_in(copy: Path) -> list[LogRecord]:
    """Every record in the segments of a copied log directory, read without a broker."""
    found: list[LogRecord] = []
    for segment in sorted(copy.rglob("*.log")):
        batches = MemoryRecords(segment.read_bytes().rstrip(b"\x00"))
        while batches.has_next():
            batch = batches.next_batch()
            found += [
                LogRecord(0, one.offset, one.timestamp, one.key, one.value, "", tuple(one.headers))
                for one in batch
            ]
    return found


def opened_with(records: Sequence[LogRecord], folder: KeyFolder) -> int:
    opener = Opener(folder.private_of, topic=REPORTS.name)
    opened = 0
    for record in records:
        try:
            opened += bool(opener.open(record.value, record.headers, record.key or b""))
        except RejectedMessage:
            continue
    return opened


async def test_a_copy_of_log_database_and_root_key_cannot_be_opened_after_the_key_has_gone(
    kafka: str,
    topic_prefix: str,
    database: Database,
    keys: OwnKeys,
    servers: Servers,
    tmp_path: Path,
) -> None:
    entry = old_key(keys)
    await put(kafka, topic_prefix, sent_to(entry, range(24)))
    copied_log, copied_keys = tmp_path / "log", tmp_path / "copied-keys"
    for partition in broker_log(servers).glob(f"{REPORTS.named(topic_prefix)}-*"):
        shutil.copytree(partition, copied_log / partition.name)
    database_before = tables_of(database.owner_dsn)
    shutil.copytree(keys.path, copied_keys)
    root_key_before = keys.root

    async with living(settings_of(keys, kafka, topic_prefix, database)):
        await until_state(keys, entry, State.DESTROYED)

    records = records_in(copied_log)
    assert len(records) == 24
    with_all = KeyFolder(copied_keys, root_key_before, now=utc_now)
    assert opened_with(records, with_all) == 24  # so it is the folder that must not be copied
    secret = with_all.private_of(bytes.fromhex(entry.id))
    assert secret is not None
    assert opened_with(records, KeyFolder(keys.path, root_key_before, now=utc_now)) == 0
    for form in (secret, secret.hex().encode()):
        assert form not in database_before
        assert form not in tables_of(database.owner_dsn)
        for place in (*broker_log(servers).rglob("*.log"), *keys.path.iterdir()):
            assert form not in place.read_bytes()


async def test_what_is_lost_is_told_to_its_actor_alone_and_the_rest_goes_on(
    kafka: str, topic_prefix: str, database: Database, keys: OwnKeys
) -> None:
    gone = old_key(keys, hours=26)
    keys.folder().destroy(gone)
    current = keys.folder().make(Purpose.REPORT, period_of(Purpose.REPORT, utc_now()))
    lost = sent_to(gone, range(5)) + sent_to(gone, range(5, 7), origin=POLICE)
    await put(kafka, topic_prefix, [*lost, *lost, *sent_to(current, range(10, 13))])
    async with living(settings_of(keys, kafka, topic_prefix, database)) as registry:
        found = await heard(kafka, EVENTS.named(topic_prefix), at_least(3))
        while sum((await committed(kafka, topic_prefix)).values()) < 17:
            await asyncio.sleep(0.05)
        assert registry.get_sample_value("lagesbild_reports_lost_total") == 14
        assert (
            registry.get_sample_value(
                "lagesbild_dead_letters_total", {"stage": "anonymizer", "reason": "unknown_key"}
            )
            == 0
        )
    assert {one.key for one in found} == {id_of(at).bytes for at in range(10, 13)}
    assert set(await lost_of(database, FIRE)) == {id_of(at) for at in range(5)}
    assert len(await lost_of(database, FIRE)) == 5
    assert set(await lost_of(database, POLICE)) == {id_of(at) for at in range(5, 7)}
    assert await lost_of(database, Origin("9998", "social")) == []
    assert await lost_of(database, Origin("0180", "fire")) == []


async def test_roles_may_do_with_lost_reports_what_they_need_and_no_more(
    database: Database,
) -> None:
    for role, statement in (
        ("anonymizer", "select count(*) from intake.lost_report"),
        ("anonymizer", "delete from intake.lost_report"),
        ("ingest", "delete from intake.lost_report"),
        (
            "ingest",
            "insert into intake.lost_report values ('1', 'a', gen_random_uuid(), now(), now())",
        ),
        ("aggregator", "select count(*) from intake.lost_report"),
        ("delivery", "select count(*) from intake.lost_report"),
    ):
        connection = await asyncpg.connect(database.dsn(f"lagesbild_{role}"))
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        finally:
            await connection.close()


@pytest.mark.parametrize("hours", [23, 30])
async def test_an_anonymizer_that_stood_still_loses_nothing_when_it_comes_back(
    kafka: str, topic_prefix: str, database: Database, keys: OwnKeys, hours: int
) -> None:
    entry = old_key(keys, hours=hours)
    await put(kafka, topic_prefix, sent_to(entry, range(20)))
    async with living(settings_of(keys, kafka, topic_prefix, database)):
        found = await heard(kafka, EVENTS.named(topic_prefix), at_least(20))
        await until_state(keys, entry, State.DESTROYED)
    assert {one.key for one in found} == {id_of(at).bytes for at in range(20)}
    assert await lost_of(database, FIRE) == []


async def test_what_is_shown_needs_no_root_key_and_counts_what_waits(
    kafka: str, topic_prefix: str, keys: OwnKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGESBILD_TOPIC_PREFIX", topic_prefix)
    entry = old_key(keys)
    await put(kafka, topic_prefix, sent_to(entry, range(9)))
    asked = Asked(folder=keys.path, kafka=kafka)
    table = await asyncio.to_thread(shown, asked, as_json=False, language=Language.SV)
    title, row = table.splitlines()
    assert title.split()[:4] == ["NYCKEL", "TILL", "PERIOD", "LÄGE"]
    assert row.split()[0] == entry.id
    assert row.split()[-1] == "9"


async def altered(kafka: str, topic: str, **settings: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        named = {name.replace("_", "."): value for name, value in settings.items()}
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, named)
        (answer,) = await admin.alter_configs([resource])
        assert answer.resources[0][:2] == (0, None)
    finally:
        await admin.close()


async def settings_on(kafka: str, topic: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        return {entry[0]: entry[1] for entry in answer.resources[0][4]}
    finally:
        await admin.close()


async def test_topics_are_kept_as_long_as_they_must_be_and_cut_often_enough(
    kafka: str, topic_prefix: str
) -> None:
    found = {topic: await settings_on(kafka, topic.named(topic_prefix)) for topic in IN_ORDER}
    reports = found[REPORTS]
    assert reports["retention.ms"] == str(14 * 24 * 3600 * 1000)
    assert reports["segment.ms"] == str(10 * 60 * 1000)
    assert {one.name: found[one]["cleanup.policy"] for one in IN_ORDER} == {
        one.name: "compact" if one is KEYS else "delete" for one in IN_ORDER
    }


@pytest.mark.parametrize(
    ("topic", "wrong", "said"),
    [
        (REPORTS, {"retention_ms": "1000", "segment_ms": "600000"}, "retention.ms=1000"),
        (REPORTS, {"segment_ms": "604800000"}, "segment.ms=604800000"),
        (KEYS, {"cleanup_policy": "delete"}, "cleanup.policy=delete"),
        (KEYS, {"message_timestamp_after_max_ms": "9"}, "message.timestamp.after.max.ms=9"),
        (EVENTS, {"cleanup_policy": "compact"}, "cleanup.policy=compact"),
    ],
)
async def test_a_topic_with_other_settings_stops_a_start_until_it_was_put_right(
    kafka: str, topic_prefix: str, topic: Topic, wrong: dict[str, str], said: str
) -> None:
    name = topic.named(topic_prefix)
    await altered(kafka, name, **wrong, max_message_bytes="2000000")
    while (await settings_on(kafka, name))["max.message.bytes"] != "2000000":
        await asyncio.sleep(0.05)  # the broker hears of it from the controller
    with pytest.raises(ConfigurationError, match=said):
        await check_topics(kafka, prefix=topic_prefix, partitions=DEFAULT_PARTITIONS)
    await ensure_topics(kafka, prefix=topic_prefix, partitions=DEFAULT_PARTITIONS)
    await check_topics(kafka, prefix=topic_prefix, partitions=DEFAULT_PARTITIONS)
    kept = await settings_on(kafka, topic.named(topic_prefix))
    assert kept["max.message.bytes"] == "2000000"  # what we do not ask for is not ours to change
