"""Statistics, read as one audience: row-level security lets nothing else through."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from services.delivery.domain.statistics import Figure, StatisticQuestion
from services.delivery.domain.view import Audience
from services.delivery.store.audit import AuditChain, Entry, Teller
from services.delivery.store.counts import ANSWER_SECONDS
from shared.postgres import Connection, Pool, queries


class Statistics:
    """The figures that actors ask for; each question is in the audit chain before its answer."""

    def __init__(self, pool: Pool, *, audit: AuditChain) -> None:
        self._pool = pool
        self._audit = audit
        self._set_audience = queries("services.delivery", "counts.sql")["set_audience"]
        self._live = queries("services.delivery", "statistics.sql")["live_statistics"]

    async def read(
        self,
        question: StatisticQuestion,
        audience: Audience,
        *,
        shown: Sequence[str],
        as_of: datetime,
    ) -> list[Figure]:
        """The figures of the indicators in `shown`, after the question has been written down.

        Raises:
            DATABASE_AWAY: there is no answer within five seconds.
        """
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            figures = await self._figures(connection, question, audience, shown) if shown else []
            await self._audit.append(
                connection,
                Teller(audience.municipality, audience.actor),
                Entry.STATISTICS_READ,
                {
                    "as_of": as_of,
                    "indicators": question.indicators,
                    "areas": question.areas,
                    "level": question.level,
                    "periods": question.periods,
                    "from": question.begins_from,
                    "to": question.begins_before,
                },
            )
        return figures

    async def _figures(
        self,
        connection: Connection,
        question: StatisticQuestion,
        audience: Audience,
        shown: Sequence[str],
    ) -> list[Figure]:
        """The figures; the audience holds until the transaction ends."""
        await connection.fetchrow(self._set_audience, audience.municipality, audience.actor)
        rows = await connection.fetch(
            self._live,
            audience.municipality,
            list(shown),
            question.periods,
            question.begins_from,
            question.begins_before,
        )
        return [Figure(**dict(row)) for row in rows]
