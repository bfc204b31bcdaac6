"""Composition of delivery."""

import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import uuid4

from fastapi import FastAPI

from services.delivery.channels.resolver import NameServer
from services.delivery.channels.webhook import Patience, Webhooks
from services.delivery.config import LEASE_MARGIN_S, DeliverySettings
from services.delivery.domain.municipality import Municipality, by_code
from services.delivery.handlers import areas, counts, errors, series, statistics, subscriptions
from services.delivery.handlers.asking import Doorkeeper
from services.delivery.sender.loop import Pace, Sender
from services.delivery.sender.sending import Sending, Terms
from services.delivery.sender.upkeep import Keeping, Upkeep
from services.delivery.store.audit import AuditChain
from services.delivery.store.counts import Counts
from services.delivery.store.leases import Leases
from services.delivery.store.mirror import Mirror
from services.delivery.store.series import SeriesHistory
from services.delivery.store.statistics import Statistics
from services.delivery.store.subscriptions import Subscriptions
from shared import background
from shared.http import Readiness, operations_routes, serve
from shared.key_ring import PostgresRegistry, RememberingKeyRing
from shared.logging import configure
from shared.pack import load_pack
from shared.postgres import DATABASE_AWAY, Ping, Pool, new_pool, require_schema_version
from shared.retry import until_done
from shared.settings import read_settings

NAME = "delivery"
CONNECTIONS = 6  # of each pool


@dataclass(frozen=True, slots=True)
class _House:
    """What a running service is made of; two pools, so that no due time makes a question wait.

    One mirror, so that the cells are in memory once.
    """

    asking: Pool
    sending: Pool
    mirror: Mirror
    municipalities: Mapping[str, Municipality]
    webhooks: Webhooks


def run() -> int:
    """Run until stopped; the exit code."""
    settings = read_settings(DeliverySettings)
    configure(NAME, settings.log_format)
    return serve(build(settings), host=settings.host, port=settings.port)


def build(settings: DeliverySettings) -> FastAPI:
    """The service as an ASGI app; everything starts and stops with its lifespan.

    Raises:
        ConfigurationError: a pack is wrong; it lists everything.
    """
    municipalities = by_code(load_pack(folder) for folder in settings.packs)
    files = {code: areas.prepared(one.pack) for code, one in municipalities.items()}
    readiness = Readiness()

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            house = await _house(settings, municipalities, stack)
            _answer(api, house, files, readiness)
            await stack.enter_async_context(_sending(settings, house, readiness))
            yield

    api = FastAPI(
        title="Lägesbild: delivery",
        description=(
            "Räknetal och statistik per område, och prenumerationer på räknetal. · "
            "Counts and statistics per area, and subscriptions to counts."
        ),
        docs_url=None,  # these pages load scripts from other hosts
        redoc_url=None,
        lifespan=lifespan,
    )
    errors.install(api, settings.language)
    api.router.routes.extend(operations_routes(readiness))
    return api


async def _house(
    settings: DeliverySettings, municipalities: Mapping[str, Municipality], stack: AsyncExitStack
) -> _House:
    """Open what has to be closed again."""

    async def pool() -> Pool:
        dsn = settings.postgres.get_secret_value()
        opened = await until_done(
            lambda: new_pool(dsn, application=NAME, most=CONNECTIONS),
            on=DATABASE_AWAY,
            action="pool_opened",
        )
        return await stack.enter_async_context(opened)

    asking = await pool()
    await require_schema_version(asking)
    names = NameServer()
    stack.callback(names.close)
    patience = Patience(settings.connect_timeout_s, settings.send_timeout_s)
    webhooks = Webhooks(names.addresses, patience=patience)
    stack.push_async_callback(webhooks.close)
    return _House(asking, await pool(), Mirror(), municipalities, webhooks)


def _answer(
    api: FastAPI, house: _House, files: Mapping[str, areas.AreaFiles], readiness: Readiness
) -> None:
    """Put the routes in place."""
    audit = AuditChain()
    doorkeeper = Doorkeeper(
        RememberingKeyRing(PostgresRegistry(house.asking), clock=monotonic).identify,
        house.municipalities,
    )
    reader = Counts(house.asking, mirror=house.mirror, audit=audit)
    register = Subscriptions(house.asking, audit=audit)
    readiness.watch("database", Ping(house.asking).answers)
    api.include_router(counts.routes(doorkeeper, reader, clock=_now))
    history = SeriesHistory(house.asking, audit=audit)
    api.include_router(series.routes(doorkeeper, history, clock=_now))
    figures = Statistics(house.asking, audit=audit)
    api.include_router(statistics.routes(doorkeeper, figures, clock=_now))
    api.include_router(areas.routes(doorkeeper, files))
    api.include_router(
        subscriptions.routes(doorkeeper, register, check_url=house.webhooks.mistakes_of, clock=_now)
    )


@asynccontextmanager
async def _sending(
    settings: DeliverySettings, house: _House, readiness: Readiness
) -> AsyncIterator[None]:
    """Send what is due for as long as the context lasts."""
    audit = AuditChain()
    register = Subscriptions(house.sending, audit=audit)
    leases = Leases(house.sending, mirror=house.mirror, audit=audit, subscriptions=register)
    terms = Terms(
        delays=[timedelta(seconds=delay) for delay in settings.retry_delays_s],
        prepare_s=settings.lease_s - settings.send_timeout_s - LEASE_MARGIN_S,
    )
    codes = list(house.municipalities)
    sender = Sender(
        leases,
        Sending(leases, house.webhooks, house.municipalities, terms=terms, clock=_now),
        pace=Pace(settings.sender_slots, settings.poll_s, settings.lease_s),
        owner=f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}",
        municipalities=codes,
    )
    upkeep = Upkeep(
        leases,
        register,
        municipalities=codes,
        keeping=Keeping(settings.deliveries_kept_h),
        clock=_now,
    )
    readiness.watch("sender", sender.is_ticking)
    tasks = [
        background.start(sender.run(), action="sender_run"),
        background.start(upkeep.run(), action="upkeep_run"),
    ]
    try:
        yield
    finally:
        for task in tasks:
            await background.stop(task)
        await sender.stop()


def _now() -> datetime:
    return datetime.now(UTC)
