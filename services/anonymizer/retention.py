"""Deletes what has come to its term: tokens, decisions, lost reports, quality (decision 0029)."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from services.anonymizer import linkage_store as store
from shared.postgres import DATABASE_AWAY, Pool, queries

_TERMS = queries("services.anonymizer", "terms.sql").values()

log = structlog.get_logger()


async def forget_for_ever(
    pool: Pool,
    *,
    now: Callable[[], datetime],
    from_memory: Callable[[], None],
    kept: timedelta,
    every_seconds: float,
) -> None:
    """A round now and then, in memory as in the database; one that fails is tried again at the next.

    Unit: `kept` is how long decisions are, back from the newest.
    """
    while True:
        from_memory()
        try:
            await forget(pool, now(), kept=kept)
        except DATABASE_AWAY as error:
            log.warning(
                "action_retried",
                action="tokens_deleted",
                error_type=type(error).__name__,
                wait_seconds=every_seconds,
            )
        await asyncio.sleep(every_seconds)


async def forget(pool: Pool, now: datetime, *, kept: timedelta) -> None:
    """One round; any number of instances may be at it."""
    async with pool.acquire() as connection:
        await store.forget(connection, now, kept=kept)
        for term in _TERMS:
            await connection.execute(term)
