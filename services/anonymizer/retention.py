"""Deletes tokens when their 24 hours are over, and decisions that can matter no more."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from services.anonymizer import linkage_store as store
from shared.postgres import DATABASE_AWAY, Pool

DECISIONS_KEPT = timedelta(days=400)
"""As long as an event can be corrected: the horizon of ingest, unless it is set (decision 0026)."""

log = structlog.get_logger()


async def forget_for_ever(pool: Pool, *, every_seconds: float) -> None:
    """A round now and then; one that fails is tried again at the next."""
    while True:
        try:
            await forget(pool, datetime.now(UTC))
        except DATABASE_AWAY as error:
            log.warning(
                "action_retried",
                action="tokens_deleted",
                error_type=type(error).__name__,
                wait_seconds=every_seconds,
            )
        await asyncio.sleep(every_seconds)


async def forget(pool: Pool, now: datetime) -> None:
    """One round; any number of instances may be at it."""
    async with pool.acquire() as connection:
        await store.forget(connection, now, decided_before=now - DECISIONS_KEPT)
