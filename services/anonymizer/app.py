"""The anonymizer put together."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette

from services.anonymizer.config import AnonymizerSettings
from services.anonymizer.domain.anonymize import Anonymizer
from services.anonymizer.domain.limit import DeadLetterLimit
from services.anonymizer.domain.linking.rules import rules_of
from services.anonymizer.domain.municipality import municipality
from services.anonymizer.domain.progress import Progress
from services.anonymizer.handlers import ReportAnonymizing
from services.anonymizer.keys.announcer import KafkaAnnouncer
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.life import REAL, Clock, KeyLife
from services.anonymizer.keys.reports_log import ReportsLog
from services.anonymizer.keys.waits import Paces
from services.anonymizer.linkage_store import SESSION
from services.anonymizer.linking import EventStep, Linking, NoLinking, learned_posteriors
from services.anonymizer.losses import Losses
from services.anonymizer.metrics import Metrics
from services.anonymizer.opening import Opening
from services.anonymizer.ownership import Membership
from services.anonymizer.publisher import Publisher, Undertaker
from services.anonymizer.quality_store import QualityStore
from services.anonymizer.remembering import Linkers
from services.anonymizer.retention import forget_for_ever
from services.anonymizer.store import LostReports
from shared import background
from shared.errors import ConfigurationError, WorldError
from shared.http import Readiness, operations_routes, serve
from shared.kafka import (
    KAFKA_AWAY,
    check_topics,
    cluster_of,
    new_broker,
    new_producer,
    subscribe,
)
from shared.logging import configure
from shared.pack import Pack, load_pack
from shared.pack.geometry import load_divisions
from shared.pack.registers import load_registers
from shared.postgres import DATABASE_AWAY, Ping, Pool, new_pool, require_schema_version
from shared.retry import until_done
from shared.root_key import RootKey
from shared.settings import read_settings
from shared.topics import ANONYMIZER_GROUP, KEYS, REPORTS

NAME = "anonymizer"
STOP_SECONDS = 4.0  # a batch in hand gets 3 of them to its end
FLUSH_SECONDS = 1.0
GARBAGE_AFTER = 200_000
"""Objects: a batch makes tens of thousands that are in no cycle, and registers and marks are many:
looking through them for one again and again cost a fifth of the time."""

log = structlog.get_logger()


def run() -> int:
    """Run until stopped; the exit code."""
    settings = read_settings(AnonymizerSettings)
    configure(NAME, settings.log_format)
    gc.set_threshold(GARBAGE_AFTER, 20, 20)
    return serve(build(settings), host=settings.host, port=settings.port)


def build(
    settings: AnonymizerSettings,
    *,
    registry: CollectorRegistry = REGISTRY,
    clock: Clock = REAL,
    paces: Paces | None = None,
) -> Starlette:
    """The service as an ASGI app; everything starts and stops with its lifespan.

    `paces` stand in for the settings' own, whose lower bounds are no use where a test waits.

    Raises:
        ConfigurationError: a pack cannot be used, or the root key or the key folder is not right.
    """
    packs = _packs(settings)
    anonymizer = Anonymizer(
        municipality(pack, *load_divisions(pack), registers=load_registers(pack.path))
        for pack in packs
    )
    root = settings.root()
    folder = KeyFolder(settings.key_folder, root, now=clock.now)
    metrics = Metrics(registry)
    readiness = Readiness()
    linkers = Linkers(
        [rules_of(pack) for pack in packs], learned_posteriors(), folder, now=clock.now
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await _kafka_is_right(settings)
        membership = Membership(Progress(), on_missed=metrics.reports_missed.inc)
        async with (
            _producing(settings) as producer,
            _living(
                _life(settings, folder, root, producer, clock, paces or _paces(settings), metrics),
                readiness,
            ),
            _database(settings, readiness) as pool,
            _forgetting(settings, pool, linkers, clock),
        ):
            anonymizing = ReportAnonymizing(
                anonymizer,
                opening=Opening(folder, topic=REPORTS.name),
                losses=Losses(LostReports(pool), membership, now=clock.now, metrics=metrics),
                publisher=Publisher(
                    producer,
                    topic_prefix=settings.topic_prefix,
                    undertaker=Undertaker(folder.letter_key, now=clock.now),
                ),
                linking=_linking(settings, pool, linkers, metrics),
                membership=membership,
                limit=DeadLetterLimit(settings.dead_letter_limit),
                quality=await _quality(settings, pool),
                metrics=metrics,
            )
            async with _consuming(settings, anonymizing, membership, metrics, readiness):
                yield

    return Starlette(lifespan=lifespan, routes=list(operations_routes(readiness)))


def _packs(settings: AnonymizerSettings) -> list[Pack]:
    packs = [load_pack(path) for path in settings.packs]
    codes = [pack.code for pack in packs]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ConfigurationError([f"two packs have the municipality code {code}" for code in twice])
    return packs


async def _kafka_is_right(settings: AnonymizerSettings) -> None:
    """Give Kafka a little time to answer, then check the topics.

    Raises:
        WorldError: Kafka does not answer.
        ConfigurationError: the topics are not as agreed.
    """
    checked = partial(
        check_topics, settings.kafka, prefix=settings.topic_prefix, partitions=settings.partitions
    )
    try:
        async with asyncio.timeout(settings.start_seconds):
            await until_done(checked, on=KAFKA_AWAY, action="topics_checked")
    except TimeoutError:
        log.error("kafka_missed", wait_seconds=settings.start_seconds)  # noqa: TRY400 - no traceback needed
        raise WorldError("Kafka does not answer") from None


@asynccontextmanager
async def _producing(settings: AnonymizerSettings) -> AsyncIterator[AIOKafkaProducer]:
    producer = new_producer(settings.kafka, client_id=f"lagesbild-{NAME}")
    try:
        async with asyncio.timeout(settings.start_seconds):
            await producer.start()
        yield producer
    finally:
        await _within(FLUSH_SECONDS, producer.stop(), action="producer_stopped")


@asynccontextmanager
async def _database(settings: AnonymizerSettings, readiness: Readiness) -> AsyncIterator[Pool]:
    """A pool on a database that has our schema; it may take a little time to answer.

    Raises:
        ConfigurationError: its schema is not the one of this program.
        WorldError: it does not answer.
    """
    dsn = settings.postgres.get_secret_value()
    connect = partial(new_pool, dsn, application=NAME, most=4, session=SESSION)
    try:
        async with asyncio.timeout(settings.start_seconds):
            pool = await until_done(connect, on=DATABASE_AWAY, action="database_reached")
    except TimeoutError:
        log.error("database_missed", wait_seconds=settings.start_seconds)  # noqa: TRY400 - no traceback needed
        raise WorldError("PostgreSQL does not answer") from None
    try:
        await require_schema_version(pool)
        readiness.watch("database", Ping(pool).answers)
        yield pool
    finally:
        pool.terminate()  # what was asked is done anew; a frozen server must not hold up the stop


async def _quality(settings: AnonymizerSettings, pool: Pool) -> QualityStore:
    cluster = partial(cluster_of, settings.kafka)
    return QualityStore(
        pool,
        consumer=f"{settings.topic_prefix}{ANONYMIZER_GROUP}",
        topic=REPORTS.named(settings.topic_prefix),
        log_id=await until_done(cluster, on=KAFKA_AWAY, action="cluster_asked"),
    )


def _linking(
    settings: AnonymizerSettings, pool: Pool, linkers: Linkers, metrics: Metrics
) -> EventStep:
    """The step between anonymizing and publishing."""
    if settings.linking == "off":
        log.warning("linking_off")
        return NoLinking(metrics.timed)
    return Linking(pool, linkers, metrics)


@asynccontextmanager
async def _forgetting(
    settings: AnonymizerSettings, pool: Pool, linkers: Linkers, clock: Clock
) -> AsyncIterator[None]:
    """Delete old tokens and cells for as long as the context lasts, whether or not any are made."""
    forgetting = background.start(
        forget_for_ever(
            pool,
            now=clock.now,
            from_memory=linkers.expire,
            kept=settings.decisions_kept,
            every_seconds=settings.forget_seconds,
        ),
        action="tokens_deleted",
    )
    try:
        yield
    finally:
        await background.stop(forgetting)


def _paces(settings: AnonymizerSettings) -> Paces:
    return Paces(
        rounds=settings.round_seconds,
        grace=settings.grace_seconds,
        delete=settings.delete_seconds,
        drain=settings.drain_seconds,
    )


def _life(  # noqa: PLR0913, PLR0917 - what it is put together from
    settings: AnonymizerSettings,
    folder: KeyFolder,
    root: RootKey,
    producer: AIOKafkaProducer,
    clock: Clock,
    paces: Paces,
    metrics: Metrics,
) -> KeyLife:
    prefix = settings.topic_prefix
    return KeyLife(
        folder,
        ReportsLog(
            settings.kafka,
            topic=REPORTS.named(prefix),
            group=f"{prefix}{ANONYMIZER_GROUP}",
            partitions=settings.partitions,
        ),
        KafkaAnnouncer(producer, root.announcing(), topic=KEYS.named(prefix)),
        clock=clock,
        paces=paces,
        metrics=metrics,
    )


@asynccontextmanager
async def _living(life: KeyLife, readiness: Readiness) -> AsyncIterator[None]:
    """Look after the keys for as long as the context lasts."""
    life.start()
    readiness.watch("keys", life.is_well)
    try:
        yield
    finally:
        await life.stop()


@asynccontextmanager
async def _consuming(
    settings: AnonymizerSettings,
    anonymizing: ReportAnonymizing,
    membership: Membership,
    metrics: Metrics,
    readiness: Readiness,
) -> AsyncIterator[None]:
    """Consume and anonymize for as long as the context lasts."""
    broker = new_broker(settings.kafka, client_id=f"lagesbild-{NAME}")
    subscriber = subscribe(
        broker,
        REPORTS.named(settings.topic_prefix),
        group=f"{settings.topic_prefix}{ANONYMIZER_GROUP}",
        max_records=settings.max_records,
        listener=membership,
        on_records=anonymizing.on_reports,
    )
    membership.follow(lambda: subscriber.consumer)
    metrics.watch_lag(membership.lag)
    try:
        await broker.start()
        readiness.watch("partitions", membership.is_settled)
        readiness.watch("fetches", lambda: membership.is_fetching(time.time()))
        readiness.watch("publishing", anonymizing.is_prompt)
        yield
    finally:
        await _within(STOP_SECONDS, broker.stop(), action="consumer_stopped")


async def _within(seconds: float, work: Awaitable[Any], *, action: str) -> None:
    """Do the work, but do not hang on it: Kafka's clients do when the broker is away."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError:
        log.warning("action_abandoned", action=action, wait_seconds=seconds)
