"""Drops the cells that no window can reach any more, tier by tier (decision 0019).

First the tier's `kept_from` is raised, and from then on nobody reads what lies before it; only
then are rows deleted, some at a time. Late events and corrections below it leave rows that the next
round drops, so nothing ever becomes wrong by a round, by two at once or by half of one.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from services.aggregator import metrics
from services.aggregator.domain.retention import kept_from
from shared.postgres import DATABASE_AWAY, Connection, Pool, queries
from shared.windows import Tier

ROWS_AT_A_TIME = 10_000
BLOCKS_AT_A_TIME = 128  # of 8 kB: about 15,000 changes
UNSEEN_SECONDS = 600.0
"""Whoever follows the changes in memory and has not looked for so long reads them anew."""

_LOCK = 0x6B657074  # any number, the same for everyone who drops

log = structlog.get_logger()


class Retention:
    """Rounds of dropping; any number of instances may run them, one works at a time."""

    def __init__(
        self,
        pool: Pool,
        *,
        days: Mapping[Tier, int],
        unseen_seconds: float = UNSEEN_SECONDS,
        rows: int = ROWS_AT_A_TIME,
        blocks: int = BLOCKS_AT_A_TIME,
    ) -> None:
        self._pool = pool
        self._days = days
        self._unseen_seconds = unseen_seconds
        self._rows = rows
        self._blocks = blocks
        self._sql = queries("services.aggregator", "retention.sql")

    async def keep(self, *, every_seconds: float) -> None:
        """A round now and then, for ever; one that fails is tried again at the next."""
        while True:
            await asyncio.sleep(every_seconds)
            try:
                await self.round(datetime.now(UTC))
            except DATABASE_AWAY as error:
                log.warning(
                    "action_retried",
                    action="cells_dropped",
                    error_type=type(error).__name__,
                    wait_seconds=every_seconds,
                )

    async def round(self, now: datetime) -> Mapping[Tier, int] | None:
        """Drop what is too old at `now`: rows by tier, or None if another instance is at it."""
        async with self._pool.acquire() as connection:
            if not await connection.fetchval(self._sql["try_lock"], _LOCK):
                return None
            try:
                return await self._round(connection, now)
            finally:
                await connection.execute(self._sql["unlock"], _LOCK)

    async def _round(self, connection: Connection, now: datetime) -> Mapping[Tier, int]:
        first = kept_from(now, self._days)
        await connection.execute(self._sql["keep_from"], list(first), list(first.values()))
        await connection.execute(self._sql["settle"], self._unseen_seconds)
        return {
            Tier.MINUTE: await self._drop_changes(connection),
            Tier.HOUR: await self._drop_cells(connection, Tier.HOUR, "drop_hours"),
            Tier.DAY: await self._drop_cells(connection, Tier.DAY, "drop_days"),
        }

    async def _drop_changes(self, connection: Connection) -> int:
        end = await connection.fetchval(self._sql["change_blocks"])
        dropped = 0
        for block in range(0, end, self._blocks):
            dropped += await self._dropped(
                connection, Tier.MINUTE, "drop_changes", block, block + self._blocks
            )
        return dropped

    async def _drop_cells(self, connection: Connection, tier: Tier, statement: str) -> int:
        dropped = 0
        while rows := await self._dropped(connection, tier, statement, self._rows):
            dropped += rows
        return dropped

    async def _dropped(
        self, connection: Connection, tier: Tier, statement: str, *values: int
    ) -> int:
        """One statement, which is a transaction of its own; how many rows it dropped."""
        answer = await connection.execute(self._sql[statement], *values)
        rows = int(answer.rpartition(" ")[2])
        metrics.CELLS_DROPPED.labels(tier).inc(rows)
        return rows
