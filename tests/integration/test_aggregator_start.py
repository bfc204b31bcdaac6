"""An aggregator waits for servers that are away and does not end; it says when it lags."""

import asyncio
from pathlib import Path

import asyncpg
import httpx2
import pytest

from services.aggregator import app
from services.aggregator.config import AggregatorSettings
from tests.integration.test_aggregator_counting import (
    READ,
    an_aggregator,
    an_event,
    publish,
    until,
)
from tests.support.away import away_at_first
from tests.support.servers import Database


@pytest.mark.parametrize(
    "server", ["check_topics", "new_pool", "require_schema_version", "cluster_of"]
)
async def test_it_counts_once_its_servers_answer(
    server: str,
    kafka: str,
    topic_prefix: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, server, away_at_first(vars(app)[server]))
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, [an_event(1)])
        await until(database, READ, lambda read: read == 1)


async def until_it_waits_for(client: httpx2.AsyncClient, *names: str) -> None:
    """Ask `/ready` until it names these and no other; the deadline is the test's own time-out."""
    while (await client.get("/ready")).json()["waiting_for"] != list(names):
        await asyncio.sleep(0.02)


async def test_it_is_not_ready_while_records_wait_behind_a_row_lock_and_ready_again_after(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    settings = AggregatorSettings(
        kafka=kafka,
        topic_prefix=topic_prefix,
        postgres=database.dsn("lagesbild_aggregator"),
        packs=(Path("unused"),),
        port=1,
        ready_lag_seconds=0.3,
    )
    service = app.build(settings)
    async with (
        service.router.lifespan_context(service),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=service), base_url="http://aggregator"
        ) as client,
    ):
        await until_it_waits_for(client)
        holder = await asyncpg.connect(database.owner_dsn)
        async with holder.transaction():
            await holder.execute("select 1 from counting.stream_offset for update")
            await publish(kafka, topic_prefix, [an_event(1)])
            await until_it_waits_for(client, "events_lag")
            ready, started = await client.get("/ready"), await client.get("/started")
            assert (ready.status_code, started.status_code) == (503, 200)
            assert started.json() == {"ready": True, "waiting_for": []}
        await holder.close()
        await until_it_waits_for(client)
        assert (await client.get("/ready")).status_code == 200
        await until(database, READ, lambda read: read == 1)
