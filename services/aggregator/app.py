"""Composition of the aggregator."""

import os
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from services.aggregator.config import AggregatorSettings
from services.aggregator.handlers import EventCounting
from services.aggregator.ownership import Ownership
from services.aggregator.store import CountStore
from shared import background
from shared.http import Readiness, operations_routes, serve
from shared.kafka import check_topics, cluster_of, new_broker, subscribe
from shared.logging import configure
from shared.postgres import Ping, new_pool, require_schema_version
from shared.settings import read_settings
from shared.topics import EVENTS

NAME = "aggregator"
GROUP = "lagesbild.aggregator"


def run() -> int:
    """Run until stopped; the exit code."""
    settings = read_settings(AggregatorSettings)
    configure(NAME, settings.log_format)
    return serve(build(settings), host=settings.host, port=settings.port)


def build(settings: AggregatorSettings) -> Starlette:
    """The service as an ASGI app; everything starts and stops with its lifespan."""
    readiness = Readiness()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await check_topics(
            settings.kafka, prefix=settings.topic_prefix, partitions=settings.partitions
        )
        pool = await new_pool(settings.postgres.get_secret_value(), application=NAME, most=4)
        async with pool:
            await require_schema_version(pool)
            store = CountStore(
                pool,
                consumer=f"{settings.topic_prefix}{GROUP}",
                topic=EVENTS.named(settings.topic_prefix),
                log_id=await cluster_of(settings.kafka),
                owner=f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}",
            )
            async with _counting(settings, store, Ping(pool), readiness):
                yield

    return Starlette(lifespan=lifespan, routes=list(operations_routes(readiness)))


@asynccontextmanager
async def _counting(
    settings: AggregatorSettings, store: CountStore, ping: Ping, readiness: Readiness
) -> AsyncIterator[None]:
    """Consume and count for as long as the context lasts."""
    ownership = Ownership(store)
    broker = new_broker(settings.kafka, client_id=f"lagesbild-{NAME}")
    subscriber = subscribe(
        broker,
        EVENTS.named(settings.topic_prefix),
        group=f"{settings.topic_prefix}{GROUP}",
        max_records=settings.max_records,
        listener=ownership,
        on_records=EventCounting(store, ownership).on_events,
    )
    ownership.follow(lambda: subscriber.consumer)
    await broker.start()
    readiness.watch("partitions", ownership.is_settled)
    readiness.watch("database", ping.answers)
    tasks = [
        background.start(
            ownership.claim_again(every_seconds=settings.reclaim_seconds), action="claim_again"
        ),
        background.start(
            ownership.tell_kafka(every_seconds=settings.report_seconds), action="tell_kafka"
        ),
    ]
    try:
        yield
    finally:
        for task in tasks:
            await background.stop(task)
        await broker.stop()
        await ownership.let_go()
