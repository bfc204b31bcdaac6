"""Composition of ingest."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic

import structlog
from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer

from services.ingest.announced import AnnouncedKeys
from services.ingest.backlog import Backlog
from services.ingest.config import IngestSettings
from services.ingest.data_keys import forgetting
from services.ingest.handlers import contract
from services.ingest.handlers.answers import CountedRequests, answer_errors
from services.ingest.handlers.deliveries import post_deliveries
from services.ingest.handlers.indicators import get_indicators
from services.ingest.handlers.lost import get_lost_reports
from services.ingest.handlers.quality import get_quality
from services.ingest.handlers.reception import Reception
from services.ingest.handlers.reports import post_reports
from services.ingest.handlers.statistics import post_statistics
from services.ingest.publisher import KafkaPublisher, Limits
from services.ingest.quality_store import PostgresQuality
from services.ingest.store import PostgresLostReports
from shared.background import crash
from shared.errors import ConfigurationError
from shared.http import Readiness, operations_routes, serve
from shared.kafka import KAFKA_AWAY, check_topics, new_producer
from shared.key_ring import PostgresRegistry, RememberingKeyRing
from shared.logging import configure
from shared.pack import Pack, load_pack
from shared.postgres import DATABASE_AWAY, Pool, new_pool, require_schema_version
from shared.retry import until_done
from shared.root_key import announcement_key
from shared.settings import read_settings
from shared.topics import ANONYMIZER_GROUP, KEYS, REPORTS

NAME = "ingest"
UTC_NOW = partial(datetime.now, UTC)

_log = structlog.get_logger()

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def run() -> int:
    """Run until stopped; the exit code."""
    settings = read_settings(IngestSettings)
    configure(NAME, settings.log_format)
    return serve(build(settings), host=settings.host, port=settings.port)


def build(settings: IngestSettings, *, now: Callable[[], datetime] = UTC_NOW) -> FastAPI:
    """The service as an ASGI app; everything starts and stops with its lifespan.

    Raises:
        ConfigurationError: a pack cannot be used; it lists everything.
    """
    packs = _packs(settings.packs)
    readiness = Readiness()

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        async with _reception(settings, packs, readiness, now) as reception:
            api.state.reception = reception
            readiness.watch("kafka", reception.publisher.is_well)
            readiness.watch("registry", reception.key_ring.answers)
            yield

    return web(readiness, lifespan=lifespan)


def web(readiness: Readiness, *, lifespan: Lifespan | None = None) -> FastAPI:
    """The HTTP side alone; `state.reception` is set before the first request."""
    api = FastAPI(
        title=contract.TITLE,
        description=contract.both(contract.API),
        docs_url=None,  # these two pages load scripts from other hosts
        redoc_url=None,
        lifespan=lifespan,
    )
    key = Security(HTTPBearer(auto_error=False))  # for the document; `keys` asks for it
    api.add_api_route(
        "/v1/reports",
        post_reports,
        methods=["POST"],
        status_code=202,
        description=contract.both(contract.REPORTS),
        responses=contract.reports_answers(),
        openapi_extra=contract.reports_body(),
        dependencies=[key],
    )
    api.add_api_route(
        "/v1/reports/lost",
        get_lost_reports,
        methods=["GET"],
        description=contract.both(contract.LOST),
        responses=contract.lost_answers(),
        openapi_extra=contract.lost_query(),
        dependencies=[key],
    )
    api.add_api_route(
        "/v1/deliveries",
        post_deliveries,
        methods=["POST"],
        status_code=202,
        description=contract.both(contract.DELIVERIES),
        responses=contract.deliveries_answers(),
        openapi_extra=contract.deliveries_body(),
        dependencies=[key],
    )
    api.add_api_route(
        "/v1/statistics",
        post_statistics,
        methods=["POST"],
        status_code=202,
        description=contract.both(contract.STATISTICS),
        responses=contract.reports_answers(),
        openapi_extra=contract.statistics_body(),
        dependencies=[key],
    )
    api.add_api_route(
        "/v1/indicators",
        get_indicators,
        methods=["GET"],
        description=contract.both(contract.INDICATORS),
        responses=contract.indicators_answers(),
        dependencies=[key],
    )
    api.add_api_route(
        "/v1/quality",
        get_quality,
        methods=["GET"],
        description=contract.both(contract.QUALITY),
        responses=contract.quality_answers(),
        openapi_extra=contract.quality_question(),
        dependencies=[key],
    )
    api.router.routes.extend(operations_routes(readiness))
    answer_errors(api)
    api.add_middleware(CountedRequests)
    return api


def _packs(folders: Sequence[Path]) -> Mapping[str, Pack]:
    """The packs by municipality code.

    Raises:
        ConfigurationError: a pack is wrong, or two are of one municipality.
    """
    packs: dict[str, Pack] = {}
    mistakes: list[str] = []
    for folder in folders:
        try:
            pack = load_pack(folder)
        except ConfigurationError as error:
            mistakes += error.mistakes
            continue
        if pack.code in packs:
            mistakes.append(f"two packs have the municipality code {pack.code}")
        packs[pack.code] = pack
    if mistakes:
        raise ConfigurationError(mistakes)
    return packs


@asynccontextmanager
async def _reception(
    settings: IngestSettings,
    packs: Mapping[str, Pack],
    readiness: Readiness,
    now: Callable[[], datetime],
) -> AsyncIterator[Reception]:
    """Everything that the handlers need, connected for as long as the context lasts."""
    async with (
        _registry(settings) as pool,
        _keys(settings, readiness, now) as keys,
        _waiting(settings, readiness, now) as waiting,
        _publishing(settings, keys, waiting, now) as publisher,
    ):
        yield Reception(
            packs=packs,
            key_ring=RememberingKeyRing(PostgresRegistry(pool), clock=monotonic),
            publisher=publisher,
            quality=PostgresQuality(pool),
            lost=PostgresLostReports(pool),
            secret=settings.installation_secret.get_secret_value().encode(),
            now=now,
            horizon=settings.horizon,
            language=settings.language,
        )


@asynccontextmanager
async def _registry(settings: IngestSettings) -> AsyncIterator[Pool]:
    """A pool on a database that has our schema, as soon as it answers."""
    connect = partial(new_pool, settings.postgres.get_secret_value(), application=NAME)
    with _failing_aloud("registry"):
        async with asyncio.timeout(settings.start_seconds) as bound:
            pool = await until_done(connect, on=DATABASE_AWAY, action="database_reached")
    checked = partial(require_schema_version, pool)
    try:
        with _failing_aloud("registry"):
            async with asyncio.timeout_at(bound.when()):
                await until_done(checked, on=DATABASE_AWAY, action="schema_checked")
        yield pool
    finally:
        pool.terminate()  # it only reads; a frozen server must not hold up the stop


@asynccontextmanager
async def _keys(
    settings: IngestSettings, readiness: Readiness, now: Callable[[], datetime]
) -> AsyncIterator[AnnouncedKeys]:
    """Follow the anonymizer's announcements for as long as the context lasts."""
    keys = AnnouncedKeys(
        settings.kafka,
        announcement_key(settings.announcement_key),
        topic=KEYS.named(settings.topic_prefix),
    )
    keys.start()
    readiness.watch("keys", lambda: keys.key_for(now()) is not None)
    try:
        yield keys
    finally:
        await keys.stop()


@asynccontextmanager
async def _waiting(
    settings: IngestSettings, readiness: Readiness, now: Callable[[], datetime]
) -> AsyncIterator[Backlog]:
    """Ask what waits for the anonymizer for as long as the context lasts."""
    prefix = settings.topic_prefix
    waiting = Backlog(
        settings.kafka,
        topic=REPORTS.named(prefix),
        group=f"{prefix}{ANONYMIZER_GROUP}",
        partitions=settings.partitions,
        most=settings.oldest_waiting,
        every_seconds=settings.backlog_seconds,
        now=now,
    )
    waiting.start()
    readiness.watch("backlog", waiting.is_known)
    try:
        yield waiting
    finally:
        await waiting.stop()


@asynccontextmanager
async def _publishing(
    settings: IngestSettings,
    keys: AnnouncedKeys,
    waiting: Backlog,
    now: Callable[[], datetime],
) -> AsyncIterator[KafkaPublisher]:
    """A publisher on a Kafka that answers and has the topics as agreed."""
    producer = new_producer(settings.kafka, client_id=f"lagesbild-{NAME}")
    publisher = KafkaPublisher(
        producer,
        keys,
        waiting,
        topic_prefix=settings.topic_prefix,
        partitions=settings.partitions,
        limits=Limits(
            seconds=settings.acknowledge_seconds,
            records=settings.most_records_in_flight,
            bytes=settings.most_bytes_in_flight,
        ),
        on_fatal=partial(crash, "publish"),
        now=now,
    )
    topics = partial(
        check_topics, settings.kafka, prefix=settings.topic_prefix, partitions=settings.partitions
    )
    try:
        with _failing_aloud("kafka"):
            async with asyncio.timeout(settings.start_seconds):
                await until_done(topics, on=KAFKA_AWAY, action="topics_checked")
                await producer.start()
        async with forgetting(publisher.sealer, now):
            yield publisher
    finally:
        await publisher.stop()


@contextmanager
def _failing_aloud(kind: str) -> Iterator[None]:
    """Say why the service does not start: the web server would only say that it does not."""
    try:
        yield
    except ConfigurationError as error:
        _log.error("start_refused", kind=kind, mistakes=list(error.mistakes))
        raise
    except (*KAFKA_AWAY, *DATABASE_AWAY) as error:
        _log.error("start_failed", kind=kind, error_type=type(error).__name__)
        raise
