"""Exact counts, read as one audience: row-level security lets nothing else through."""

import asyncio

from services.delivery.domain.selection import Selection
from services.delivery.domain.view import Audience, Plan, View, WrittenView, composed
from services.delivery.store.audit import AuditChain, Entry, Teller
from services.delivery.store.mirror import Mirror
from shared.postgres import Connection, Pool

ANSWER_SECONDS = 5.0  # a request waits no longer for the database


class Counts:
    """The views that actors ask for; each question is in the audit chain before its answer."""

    def __init__(self, pool: Pool, *, mirror: Mirror, audit: AuditChain) -> None:
        self._pool = pool
        self._mirror = mirror
        self._audit = audit

    async def read(
        self, plan: Plan, audience: Audience, *, selection: Selection, zeros: bool
    ) -> View | WrittenView:
        """The view of a plan, after the question has been written down.

        Raises:
            DATABASE_AWAY: there is no answer within five seconds.
        """

        async def read_and_tell(connection: Connection) -> View | WrittenView:
            if zeros:
                sums = await self._mirror.sums(connection, plan, audience)
                view: View | WrittenView = composed(plan, sums, zeros=True)
            else:
                view = await self._mirror.view(connection, plan, audience)
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
            return view

        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._mirror.transaction(
                self._pool, read_and_tell, municipality=audience.municipality
            )
