"""Ingest on real Kafka and PostgreSQL: what 202 promises, and what happens when they are away."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from deploy.schema.register import register
from services.ingest import app
from services.ingest.config import IngestSettings
from shared.api_keys import ApiKeys, fingerprint, new_key
from shared.identity import event_id, partition_of
from shared.key_ring import LOOKUP_SECONDS, PostgresRegistry, Principal, Scope
from shared.pack import load_pack
from shared.postgres import new_pool
from shared.root_key import RootKey
from shared.sealing import Opener
from shared.settings import PREFIX
from shared.topics import DEFAULT_PARTITIONS, REPORTS
from tests.support.away import away_at_first
from tests.support.ingest_memory import bearer
from tests.support.keys import Announcing
from tests.support.ports import a_free_port
from tests.support.servers import ROOT, Database, Servers

DEMO = ROOT / "deploy" / "municipalities" / "demo"
CODE = "fire_outdoors_public"
SECRET = "0123456789abcdef" * 4
MARK = "kanariefågel"
ROOT_KEY = RootKey.new()
PRIVATES: dict[bytes, bytes] = {}
ANSWERED_WITHIN = 5.0
ACKNOWLEDGED_WITHIN = 3.0  # less than an acknowledgement is waited for
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Running:
    """An ingest of this test's own, and what Kafka has of it."""

    def __init__(self, client: httpx2.AsyncClient, kafka: str, topic: str, key: str) -> None:
        self._client = client
        self._kafka = kafka
        self._topic = topic
        self.key = key

    async def post(self, *rows: dict[str, Any]) -> httpx2.Response:
        body = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        headers = bearer(self.key, content_type="application/x-ndjson")
        return await self._client.post("/v1/reports", content=body.encode(), headers=headers)

    async def ready(self) -> bool:
        return (await self._client.get("/ready")).status_code == 200

    async def records(self) -> list[ConsumerRecord]:
        """Every record of the topic, by partition and offset."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self._kafka, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = [TopicPartition(self._topic, n) for n in range(DEFAULT_PARTITIONS)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            found: list[ConsumerRecord] = []
            while len(found) < sum(ends.values()):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += records
        finally:
            await consumer.stop()
        return sorted(found, key=lambda record: (record.partition, record.offset))


def settings(kafka: str, prefix: str, database: Database) -> IngestSettings:
    return IngestSettings(
        kafka=kafka,
        topic_prefix=prefix,
        postgres=database.dsn("lagesbild_ingest"),
        packs=(DEMO,),
        port=1,
        installation_secret=SECRET,
        announcement_key=ROOT_KEY.announcement_key(),
        horizon_days=3650,  # the rows' instants stand still, the clock does not
    )


async def registered(database: Database) -> ApiKeys:
    pack = load_pack(DEMO)
    keys = ApiKeys(
        actors={actor: {"report": new_key(), "read": new_key()} for actor in pack.actors},
        owner=new_key(),
    )
    await register(database.owner_dsn, pack, keys=keys)
    return keys


@asynccontextmanager
async def an_ingest(kafka: str, topic_prefix: str, database: Database) -> AsyncIterator[Running]:
    keys = await registered(database)
    await Announcing(kafka, topic_prefix, ROOT_KEY, PRIVATES).announce()
    service = app.build(settings(kafka, topic_prefix, database))
    async with service.router.lifespan_context(service):
        transport = httpx2.ASGITransport(app=service)
        async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as client:
            while (await client.get("/started")).status_code != 200:
                await asyncio.sleep(0.05)
            topic = REPORTS.named(topic_prefix)
            yield Running(client, kafka, topic, keys.actors["fire"]["report"])


@pytest.fixture
async def running(kafka: str, topic_prefix: str, database: Database) -> AsyncIterator[Running]:
    async with an_ingest(kafka, topic_prefix, database) as accepting:
        yield accepting


def a_row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"{MARK}-{number}",
        "indicator": CODE,
        "occurred_at": "2026-01-17T08:15:00+01:00",
        "location": {"address": f"{MARK}sgatan {number}"},
        "text": f"{MARK} ringde",
        "extra": {MARK: [number]},
        **changes,
    }


def opened(record: ConsumerRecord) -> dict[str, Any]:
    """What stands in a record, read with the private key alone."""
    opener = Opener(PRIVATES.get, topic=REPORTS.name)
    report: dict[str, Any] = json.loads(opener.open(record.value, record.headers, record.key))
    return report


async def test_202_means_that_kafka_has_the_reports_and_only_a_key_can_read_them(
    running: Running,
) -> None:
    before = datetime.now(UTC)
    answer = await running.post(*(a_row(number) for number in range(20)), a_row(20, version=0))
    after = datetime.now(UTC)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 20)
    records = await running.records()
    assert len(records) == 20
    wanted = {
        event_id(
            SECRET.encode(), municipality="9998", actor="fire", own_id=f"{MARK}-{number}"
        ): number
        for number in range(20)
    }
    for record in records:
        event = UUID(bytes=record.key)
        number = wanted.pop(event)
        report = opened(record)
        received_at = datetime.fromisoformat(report.pop("received_at"))
        assert before <= received_at <= after
        assert record.timestamp == (received_at - EPOCH) // timedelta(milliseconds=1)
        assert record.partition == partition_of(event, DEFAULT_PARTITIONS)
        assert report == {
            "municipality": "9998",
            "actor": "fire",
            "version": 1,
            "indicator": CODE,
            "occurred_at": "2026-01-17T07:15:00Z",
            "location": {"address": f"{MARK}sgatan {number}"},
            "text": f"{MARK} ringde",
            "extra": {MARK: [number]},
        }
        at_rest = record.key + record.value + b"".join(value for _, value in record.headers)
        assert MARK.encode() not in at_rest
        assert CODE.encode() not in at_rest


async def test_versions_of_one_report_keep_their_order(running: Running) -> None:
    versions = [3, 1, 2, 5, 4]
    answer = await running.post(*(a_row(1, version=version) for version in versions))
    assert answer.json()["accepted"] == 5
    records = await running.records()
    assert len({record.partition for record in records}) == 1
    assert [opened(record)["version"] for record in records] == versions


async def test_many_thousand_reports_are_all_kept(running: Running) -> None:
    answer = await running.post(*(a_row(number) for number in range(5000)))
    assert (answer.status_code, answer.json()["accepted"]) == (202, 5000)
    records = await running.records()
    assert len({record.key for record in records}) == len(records) == 5000


async def test_many_requests_at_once_are_all_kept(running: Running) -> None:
    assert (await running.post(a_row(200))).status_code == 202  # the key is remembered from now on
    answers = await asyncio.gather(*(running.post(a_row(number)) for number in range(200)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await running.records()) == 201


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """The processes stand still, as when a machine hangs: connections stay, nobody answers."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def test_a_broker_that_hangs_gives_503_in_time_and_is_used_again_when_it_is_back(
    running: Running, servers: Servers
) -> None:
    assert (await running.post(a_row(1))).status_code == 202
    with frozen(servers.pids["kafka"]):
        begun = time.monotonic()
        first = await asyncio.gather(*(running.post(a_row(number)) for number in range(2, 12)))
        assert time.monotonic() - begun < ANSWERED_WITHIN
        assert {answer.status_code for answer in first} == {503}
        assert first[0].headers["retry-after"]
        begun = time.monotonic()
        assert (await running.post(a_row(12))).status_code == 503
        assert time.monotonic() - begun < ACKNOWLEDGED_WITHIN  # it has not been waited for again
        assert not await running.ready()
    while not await running.ready():
        await asyncio.sleep(0.05)
    again = await running.post(*(a_row(number) for number in range(1, 13)))
    assert (again.status_code, again.json()["accepted"]) == (202, 12)
    kept = {record.key for record in await running.records()}
    assert len(kept) == 12


async def backends(database: Database) -> list[int]:
    """The server processes that serve this test's ingest."""
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        rows = await connection.fetch(
            "select pid from pg_stat_activity"
            " where datname = current_database() and application_name = 'lagesbild-ingest'"
        )
    finally:
        await connection.close()
    return [row["pid"] for row in rows]


@asynccontextmanager
async def a_registry(database: Database) -> AsyncIterator[PostgresRegistry]:
    pool = await new_pool(database.dsn("lagesbild_ingest"), application="ingest", most=1)
    try:
        yield PostgresRegistry(pool)
    finally:
        pool.terminate()


async def test_the_registry_knows_whose_key_it_is(database: Database) -> None:
    keys = await registered(database)
    async with a_registry(database) as registry:

        async def holder(key: str) -> Principal | None:
            return await registry.lookup(fingerprint(key))

        assert await holder(keys.actors["fire"]["report"]) == Principal(
            "9998", "fire", Scope.REPORT
        )
        assert await holder(keys.actors["social"]["read"]) == Principal(
            "9998", "social", Scope.READ
        )
        assert await holder(keys.owner) == Principal("9998", None, Scope.OWN)
        assert await holder(new_key()) is None
        await registered(database)  # new keys: the old ones are revoked
        assert await holder(keys.owner) is None


async def test_a_registry_that_hangs_is_given_up_in_time_and_asked_again(
    database: Database,
) -> None:
    keys = await registered(database)
    print_of_key = fingerprint(keys.actors["fire"]["report"])
    async with a_registry(database) as registry:
        assert await registry.lookup(print_of_key)
        with frozen(*await backends(database)):
            for _ in range(2):
                begun = time.monotonic()
                with pytest.raises(TimeoutError):
                    await registry.lookup(print_of_key)
                assert time.monotonic() - begun < LOOKUP_SECONDS + 5
        while True:
            try:
                assert await registry.lookup(print_of_key)
                break
            except TimeoutError:
                continue


async def ended(environment: dict[str, str]) -> tuple[int, str]:
    """Run the service until it ends by itself: exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.cli",
        "run",
        "ingest",
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


def environment(kafka: str, prefix: str, database: Database) -> dict[str, str]:
    given = {
        "KAFKA": kafka,
        "TOPIC_PREFIX": prefix,
        "POSTGRES": database.dsn("lagesbild_ingest"),
        "PACKS": str(DEMO),
        "PORT": str(a_free_port()),
        "INSTALLATION_SECRET": SECRET,
        "ANNOUNCEMENT_KEY": ROOT_KEY.announcement_key(),
    }
    return {f"{PREFIX}{name}": value for name, value in given.items()}


@pytest.mark.parametrize(
    ("server", "address"),
    [("KAFKA", "127.0.0.1:{}"), ("POSTGRES", "postgresql://ingest:word@127.0.0.1:{}/lagesbild")],
)
async def test_without_a_server_it_waits_its_time_then_ends_and_says_so(
    kafka: str, database: Database, server: str, address: str
) -> None:
    begun = time.monotonic()
    variables = environment(kafka, "", database)
    nowhere = {f"{PREFIX}{server}": address.format(a_free_port())}
    code, said = await ended({**variables, **nowhere, f"{PREFIX}START_SECONDS": "1"})
    assert 1 < time.monotonic() - begun < 30  # which is what it waits unless told otherwise
    assert code != 0
    assert "action_retried" in said
    assert "start_failed" in said
    assert SECRET not in said


@pytest.mark.parametrize("server", ["new_pool", "require_schema_version", "check_topics"])
async def test_it_accepts_once_its_servers_answer(
    server: str,
    kafka: str,
    topic_prefix: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, server, away_at_first(vars(app)[server]))
    async with an_ingest(kafka, topic_prefix, database) as accepting:
        assert (await accepting.post(a_row(1))).status_code == 202


async def test_without_its_topics_it_ends_and_says_so(kafka: str, database: Database) -> None:
    code, said = await ended(environment(kafka, "no-such-prefix.", database))
    assert code != 0
    assert "start_refused" in said
    assert "no-such-prefix.reports.sealed.v1 is missing" in said


async def test_every_wrong_setting_is_named_without_its_value(database: Database) -> None:
    wrong = {
        f"{PREFIX}POSTGRES": database.dsn("lagesbild_ingest"),
        f"{PREFIX}INSTALLATION_SECRET": "short",
        f"{PREFIX}ANNOUNCEMENT_KEY": MARK,
        f"{PREFIX}PACKS": str(Path("nowhere")),
    }
    code, said = await ended(wrong)
    assert code != 0
    for name in ("KAFKA", "INSTALLATION_SECRET", "ANNOUNCEMENT_KEY", "PORT"):
        assert f"{PREFIX}{name}" in said
    assert MARK not in said
    assert "short" not in said.replace("too_short", "")
