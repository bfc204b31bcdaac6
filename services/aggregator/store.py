"""The counting transaction in PostgreSQL."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import asyncpg

from services.aggregator.domain.plan import Claim, Claimed, Extent, Plan
from shared.errors import Fenced
from shared.postgres import Connection, Pool, queries

DATA_REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""The database judges the rows, not the moment: trying the same again cannot help."""


class CountStore:
    """Reads and writes schema `counting` for one consumer group on one topic."""

    def __init__(self, pool: Pool, *, consumer: str, topic: str, log_id: str, owner: str) -> None:
        self._pool = pool
        self._consumer = consumer
        self._topic = topic
        self._log_id = log_id
        self._owner = owner
        self._sql: MappingProxyType[str, str] = queries("services.aggregator")

    async def claim(self, partition: int, extent: Extent) -> Claimed:
        """Take the partition from whoever had it; the log has the offsets of `extent` now."""
        row = await self._pool.fetchrow(
            self._sql["claim"],
            self._consumer,
            self._topic,
            partition,
            extent.first,
            extent.end,
            self._log_id,
            self._owner,
        )
        if row is None:
            raise AssertionError("an upsert returns its row")
        return Claimed(
            Claim(epoch=row["epoch"], next_offset=row["next_offset"]),
            stored_offset=row["stored_offset"],
            same_log=row["stored_log"] in (None, self._log_id),
        )

    async def standing(self, partitions: Sequence[int]) -> Mapping[int, Claim]:
        """Where the partitions stand now, whoever owns them."""
        rows = await self._pool.fetch(
            self._sql["standing"], self._consumer, self._topic, list(partitions)
        )
        return {row["part"]: Claim(row["epoch"], row["next_offset"]) for row in rows}

    async def write(self, plan: Plan) -> int:
        """One transaction: offsets, events, cells, dead letters; the number of changed events.

        Raises:
            Fenced: a partition has another owner now; nothing was written.
            asyncpg.PostgresError, OSError, ...: see DATA_REFUSED and shared.postgres.DATABASE_AWAY.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await self._advance(connection, plan)
            revision = await connection.fetchval(self._sql["next_revision"])
            if plan.dead:
                await connection.execute(
                    self._sql["bury"],
                    self._topic,
                    [letter.partition for letter in plan.dead],
                    [letter.offset for letter in plan.dead],
                    [letter.reason.value for letter in plan.dead],
                )
            changed = await self._count(connection, plan, revision) if plan.events else 0
            await connection.execute(self._sql["wake"], str(revision))
        return changed

    async def _advance(self, connection: Connection, plan: Plan) -> None:
        moved = await connection.fetch(
            self._sql["advance"],
            self._consumer,
            self._topic,
            [step.partition for step in plan.advances],
            [step.epoch for step in plan.advances],
            [step.from_offset for step in plan.advances],
            [step.to_offset for step in plan.advances],
        )
        if len(moved) != len(plan.advances):
            raise Fenced("a partition has a newer claim")

    async def _count(self, connection: Connection, plan: Plan, revision: int) -> int:
        events = [placed.event for placed in plan.events]
        row = await connection.fetchrow(
            self._sql["count"],
            [event.event_id for event in events],
            [event.version for event in events],
            [event.municipality for event in events],
            [event.live for event in events],
            [event.indicator for event in events],
            [event.area for event in events],
            [event.occurred_at for event in events],
            [event.confirmed for event in events],
            [None if event.placement is None else event.placement.value for event in events],
            [placed.partition for placed in plan.events],
            [placed.offset for placed in plan.events],
            revision,
        )
        if row is None:
            raise AssertionError("a select without from returns one row")
        return int(row["events"])
