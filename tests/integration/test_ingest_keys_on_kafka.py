"""Ingest and the anonymizer's word on real Kafka: what it seals to, and when it accepts nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.ingest import announced, data_keys
from services.ingest.app import build
from services.ingest.metrics import ANNOUNCEMENTS_REFUSED
from shared import sealing
from shared.announcements import KeyState
from shared.root_key import RootKey
from shared.sealing import KEY_ID_HEADER
from shared.topics import ANONYMIZER_GROUP, DEFAULT_PARTITIONS, REPORTS
from tests.integration.test_ingest_on_kafka import (
    ROOT_KEY,
    Running,
    a_row,
    registered,
    settings,
)
from tests.support.keys import Announcing
from tests.support.servers import Database

SOON_SECONDS = 60.0
HOUR = timedelta(hours=1)


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def an_ingest(
    kafka: str,
    prefix: str,
    database: Database,
    now: Callable[[], datetime] = utc_now,
    **changes: float,
) -> AsyncIterator[Running]:
    keys = await registered(database)
    given = settings(kafka, prefix, database).model_copy(update=changes)
    app = build(given, now=now)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as client:
            topic = REPORTS.named(prefix)
            yield Running(client, kafka, topic, keys.actors["fire"]["report"])


async def until(running: Running, number: int, *, answer: tuple[int, str | None]) -> None:
    """Post until the answer is this one."""
    async with asyncio.timeout(SOON_SECONDS):
        while True:
            given = await running.post(a_row(number))
            if (given.status_code, given.json().get("error")) == answer:
                return
            await asyncio.sleep(0.1)


def refused() -> dict[str, float]:
    return {
        reason: ANNOUNCEMENTS_REFUSED.labels(reason)._value.get()
        for reason in ("forged", "expired", "retired")
    }


async def test_it_accepts_nothing_without_a_key_that_the_anonymizer_has_announced(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    told = Announcing(kafka, topic_prefix, ROOT_KEY)
    before = refused()
    await told.announce(root=RootKey.new())
    await told.announce(hour=utc_now() - 30 * HOUR)
    async with an_ingest(kafka, topic_prefix, database) as running:
        async with asyncio.timeout(SOON_SECONDS):
            while refused()["forged"] == before["forged"]:
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)  # for what stands behind it
        answer = await running.post(a_row(1))
        assert (answer.status_code, answer.json()["error"]) == (503, "keys_away")
        assert answer.headers["retry-after"]
        assert not await running.ready()
        assert refused() == {**before, "forged": before["forged"] + 1}  # an old one is only unused
        genuine = await told.announce()
        await until(running, 2, answer=(202, None))
        assert await running.ready()
        (record,) = await running.records()
        assert dict(record.headers)[KEY_ID_HEADER] == genuine.id
        await told.announce(state=KeyState.RETIRED, private=told.privates[genuine.id])
        await until(running, 3, answer=(503, "keys_away"))


async def test_it_accepts_nothing_while_it_cannot_know_whether_a_key_still_holds(
    kafka: str, topic_prefix: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_keys, "LOOK_SECONDS", 0.05)
    await Announcing(kafka, topic_prefix, ROOT_KEY).announce()
    async with an_ingest(kafka, topic_prefix, database) as running:
        await until(running, 1, answer=(202, None))
        monkeypatch.setattr(announced, "FRESH_SECONDS", 0.0)
        await until(running, 2, answer=(503, "keys_away"))
        monkeypatch.setattr(announced, "FRESH_SECONDS", 60.0)
        await until(running, 3, answer=(202, None))
        sealer = cast("Any", running._client)._transport.app.state.reception.publisher.sealer
        assert sealer._data_key is not None
        monkeypatch.setattr(sealing, "DATA_KEY_LIFE", timedelta())
        async with asyncio.timeout(SOON_SECONDS):
            while sealer._data_key is not None:  # nobody reports: it is forgotten all the same
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(("hours", "status"), [(-30, 202), (-1, 202), (0.95, 202), (30, 503)])
async def test_a_clock_that_is_wrong_seals_to_a_key_that_there_is_or_accepts_nothing(
    kafka: str, topic_prefix: str, database: Database, hours: float, status: int
) -> None:
    key = await Announcing(kafka, topic_prefix, ROOT_KEY).announce()
    apart = [timedelta()]
    async with an_ingest(
        kafka, topic_prefix, database, now=lambda: utc_now() + apart[0]
    ) as running:
        await until(running, 1, answer=(202, None))
        apart[0] = hours * HOUR
        answer = await running.post(a_row(2))
        apart[0] = timedelta()
        assert answer.status_code == status
        found = {dict(one.headers)[KEY_ID_HEADER] for one in await running.records()}
    assert found == {key.id}


async def processed(kafka: str, prefix: str) -> None:
    """The group of the anonymizer has committed everything that there is."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=f"{prefix}{ANONYMIZER_GROUP}", enable_auto_commit=False
    )
    await consumer.start()
    try:
        wanted = [TopicPartition(REPORTS.named(prefix), at) for at in range(DEFAULT_PARTITIONS)]
        consumer.assign(wanted)
        await consumer.commit(await consumer.end_offsets(wanted))
    finally:
        await consumer.stop()


async def test_while_a_report_waits_too_long_nothing_more_is_accepted(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    await Announcing(kafka, topic_prefix, ROOT_KEY).announce()
    async with an_ingest(
        kafka, topic_prefix, database, oldest_waiting_seconds=3.0, backlog_seconds=0.2
    ) as running:
        await until(running, 1, answer=(202, None))
        await until(running, 1, answer=(503, "backlog_too_old"))
        await processed(kafka, topic_prefix)
        await until(running, 2, answer=(202, None))
