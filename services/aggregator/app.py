"""Composition of the aggregator."""

import gc
import os
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette

from services.aggregator import metrics
from services.aggregator.config import GROUP, AggregatorSettings
from services.aggregator.domain.lag import Lag
from services.aggregator.handlers import POLL_RECORDS, EventCounting, Recording, Work
from services.aggregator.ownership import Ownership
from services.aggregator.retention import Retention
from services.aggregator.statistic_handlers import StatisticKeeping
from services.aggregator.statistic_store import StatisticStore
from services.aggregator.store import SESSION, CountStore
from shared import background
from shared.http import Readiness, operations_routes, serve
from shared.kafka import (
    KAFKA_AWAY,
    POLL_MS,
    check_topics,
    cluster_of,
    is_polling,
    new_broker,
    subscribe,
)
from shared.logging import configure
from shared.postgres import DATABASE_AWAY, Ping, Pool, new_pool, require_schema_version
from shared.retry import until_done
from shared.settings import read_settings
from shared.topics import EVENTS, STATISTICS, Topic

NAME = "aggregator"
STATISTICS_GROUP = "lagesbild.aggregator.statistics"
STATISTICS_POLL_MS = 200  # figures come now and then, and nobody waits for a hop
GARBAGE_AFTER = 200_000
"""Objects: a batch makes tens of thousands that are in no cycle, and looking through them for one
again and again cost a third of the time."""


def run() -> int:
    """Run until stopped; the exit code."""
    settings = read_settings(AggregatorSettings)
    configure(NAME, settings.log_format)
    gc.set_threshold(GARBAGE_AFTER, 20, 20)
    return serve(build(settings), host=settings.host, port=settings.port)


def build(settings: AggregatorSettings) -> Starlette:
    """The service as an ASGI app; everything starts and stops with its lifespan."""
    readiness = Readiness()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await _topics_are_right(settings)
        owner = f"{os.getpid()}:{uuid.uuid4().hex[:8]}:{socket.gethostname()}"
        async with await _database(settings, owner=owner) as pool:
            log_id = await until_done(
                partial(cluster_of, settings.kafka), on=KAFKA_AWAY, action="cluster_asked"
            )
            readiness.watch("database", Ping(pool).answers)
            streams = Streams(settings, pool, readiness, log_id=log_id, owner=owner)
            async with (
                streams.recorded("events", EVENTS, GROUP, poll_ms=POLL_MS, work=EventCounting),
                streams.recorded(
                    "statistics",
                    STATISTICS,
                    STATISTICS_GROUP,
                    poll_ms=STATISTICS_POLL_MS,
                    work=lambda store: StatisticKeeping(StatisticStore(store)),
                ),
                _dropping(settings, Retention(pool, days=settings.kept_days)),
            ):
                yield

    return Starlette(lifespan=lifespan, routes=list(operations_routes(readiness)))


async def _topics_are_right(settings: AggregatorSettings) -> None:
    """Wait for Kafka, then check the topics.

    To end and be started again would cost seconds of a core each time, and those are what a server
    needs that is itself just being started.

    Raises:
        ConfigurationError: the topics are not as agreed.
    """
    check = partial(
        check_topics, settings.kafka, prefix=settings.topic_prefix, partitions=settings.partitions
    )
    await until_done(check, on=KAFKA_AWAY, action="topics_checked")


async def _database(settings: AggregatorSettings, *, owner: str) -> Pool:
    """A pool on a database that has our schema, as soon as it answers.

    Raises:
        ConfigurationError: it has another schema.
    """
    connect = partial(
        new_pool,
        settings.postgres.get_secret_value(),
        application=f"{NAME}/{owner}",
        most=5,
        session=SESSION,
    )
    pool = await until_done(connect, on=DATABASE_AWAY, action="database_reached")
    try:
        await until_done(
            partial(require_schema_version, pool), on=DATABASE_AWAY, action="schema_checked"
        )
    except BaseException:
        pool.terminate()
        raise
    return pool


class Streams:
    """What the aggregator reads: each topic in a group of its own, with claims of its own."""

    def __init__(
        self,
        settings: AggregatorSettings,
        pool: Pool,
        readiness: Readiness,
        *,
        log_id: str,
        owner: str,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._readiness = readiness
        self._log_id = log_id
        self._owner = owner

    @asynccontextmanager
    async def recorded(
        self,
        name: str,
        topic: Topic,
        group: str,
        *,
        poll_ms: int,
        work: Callable[[CountStore], Work[Any]],
    ) -> AsyncIterator[None]:
        """Consume and record a topic for as long as the context lasts."""
        settings, consumer = self._settings, f"{self._settings.topic_prefix}{group}"
        store = CountStore(
            self._pool,
            consumer=consumer,
            topic=topic.named(settings.topic_prefix),
            log_id=self._log_id,
            owner=self._owner,
        )
        ownership, lag = Ownership(store, stream=name), Lag()
        recording = Recording(work(store), ownership=ownership, lag=lag, most=settings.max_records)
        broker = new_broker(settings.kafka, client_id=f"lagesbild-{NAME}-{name}")
        subscriber = subscribe(
            broker,
            topic.named(settings.topic_prefix),
            group=consumer,
            max_records=min(POLL_RECORDS, settings.max_records),
            listener=ownership,
            on_records=recording.on_records,
            poll_ms=poll_ms,
        )
        ownership.follow(lambda: subscriber.consumer)
        await broker.start()
        self._watch(name, lag, ownership.is_settled, lambda: is_polling(subscriber))
        tasks = [
            background.start(action_work, action=action)
            for action, action_work in (
                ("write_for_ever", recording.write_for_ever()),
                ("claim_again", ownership.claim_again(every_seconds=settings.reclaim_seconds)),
                ("tell_kafka", ownership.tell_kafka(every_seconds=settings.report_seconds)),
                ("watch_log", ownership.watch_log(lag, every_seconds=settings.report_seconds)),
            )
        ]
        try:
            yield
        finally:
            await broker.stop()
            for task in tasks:
                await background.stop(task)
            await ownership.let_go()

    def _watch(
        self, name: str, lag: Lag, settled: Callable[[], bool], polling: Callable[[], bool]
    ) -> None:
        """Ready: the partitions are claimed, the loop reads, and no record waits too long."""
        most = self._settings.ready_lag_seconds
        self._readiness.watch(f"{name}_partitions", settled)
        self._readiness.watch(f"{name}_polling", polling)
        self._readiness.watch_pace(f"{name}_lag", lambda: lag.seconds(time.time()) <= most)
        metrics.LAG_SECONDS.labels(name).set_function(lambda: lag.seconds(time.time()))
        metrics.OLDEST_UNCOMMITTED.labels(name).set_function(lambda: _age(lag.oldest_uncommitted()))


@asynccontextmanager
async def _dropping(settings: AggregatorSettings, retention: Retention) -> AsyncIterator[None]:
    """Drop old cells now and then for as long as the context lasts."""
    task = background.start(
        retention.keep(every_seconds=settings.retention_seconds), action="cells_dropped"
    )
    try:
        yield
    finally:
        await background.stop(task)


def _age(since: float | None) -> float:
    return 0.0 if since is None else max(0.0, time.time() - since)
