"""Exact counts, read as one audience: row-level security lets nothing else through."""

import asyncio

from services.delivery.domain.selection import Selection
from services.delivery.domain.view import Audience, Key, Plan, View, composed
from services.delivery.store.audit import AuditChain, Entry, Teller
from shared.postgres import Connection, Pool, queries
from shared.windows import Window

ANSWER_SECONDS = 5.0  # a request waits no longer for the database


class CellReader:
    """Sums cells over the segments of a plan, inside the caller's transaction."""

    def __init__(self) -> None:
        named = queries("services.delivery", "counts.sql")
        self._set_audience = named["set_audience"]
        self._window_counts = named["window_counts"]

    async def sums(
        self, connection: Connection, plan: Plan, audience: Audience
    ) -> list[tuple[Key, int]]:
        """The sums that are not zero. The audience holds until the transaction ends."""
        if not plan.parts:
            return []
        await connection.fetchrow(self._set_audience, audience.municipality, audience.actor)
        rows = await connection.fetch(
            self._window_counts,
            audience.municipality,
            plan.prefix_length,
            plan.areas,
            [window for _, window, _ in plan.parts],
            [segment.tier for _, _, segment in plan.parts],
            [segment.start for _, _, segment in plan.parts],
            [segment.end for _, _, segment in plan.parts],
            [code for code, _, _ in plan.parts],
        )
        windows = {window.value: window for window in Window}
        return [((area, code, windows[name]), reports) for area, code, name, reports in rows]


class Counts:
    """The views that actors ask for; each question is in the audit chain before its answer."""

    def __init__(self, pool: Pool, *, cells: CellReader, audit: AuditChain) -> None:
        self._pool = pool
        self._cells = cells
        self._audit = audit

    async def read(
        self, plan: Plan, audience: Audience, *, selection: Selection, zeros: bool
    ) -> View:
        """The view of a plan, after the question has been written down.

        Raises:
            DATABASE_AWAY: there is no answer within five seconds.
        """
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            sums = await self._cells.sums(connection, plan, audience)
            await self._audit.append(
                connection,
                Teller(audience.municipality, audience.actor),
                Entry.COUNTS_READ,
                {
                    "as_of": plan.as_of,
                    "indicators": selection.indicators,
                    "areas": selection.areas,
                    "level": selection.level,
                    "windows": selection.windows,
                },
            )
        return composed(plan, sums, zeros=zeros)
