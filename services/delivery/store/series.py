"""History, read as one audience: row-level security lets nothing else through."""

import asyncio
from datetime import datetime

from services.delivery.domain.series import TIER, Kept, SeriesQuestion
from services.delivery.domain.view import Audience, Count
from services.delivery.store.audit import AuditChain, Entry, Teller
from services.delivery.store.counts import ANSWER_SECONDS
from shared.buckets import number_of
from shared.postgres import Connection, Pool, queries


class SeriesHistory:
    """The series that actors ask for; each question is in the audit chain before its answer."""

    def __init__(self, pool: Pool, *, audit: AuditChain) -> None:
        self._pool = pool
        self._audit = audit
        self._set_audience = queries("services.delivery", "counts.sql")["set_audience"]
        self._cells = queries("services.delivery", "series.sql")["cells"]

    async def read(
        self, question: SeriesQuestion, audience: Audience, *, is_shown: bool, as_of: datetime
    ) -> Kept | None:
        """What is kept of the series, if it is to be shown; the question is written down first.

        Raises:
            DATABASE_AWAY: there is no answer within five seconds.
        """
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            kept = await self._kept(connection, question, audience) if is_shown else None
            await self._audit.append(
                connection,
                Teller(audience.municipality, audience.actor),
                Entry.SERIES_READ,
                {
                    "as_of": as_of,
                    "indicator": question.indicator,
                    "area": question.area,
                    "step": question.step,
                    "from": question.begins,
                    "to": question.ends,
                },
            )
        return kept

    async def _kept(
        self, connection: Connection, question: SeriesQuestion, audience: Audience
    ) -> Kept:
        """The cells; the audience holds until the transaction ends."""
        tier = TIER[question.step]
        await connection.fetchrow(self._set_audience, audience.municipality, audience.actor)
        row = await connection.fetchrow(
            self._cells,
            audience.municipality,
            question.indicator,
            question.area,
            number_of(question.begins, tier),
            number_of(question.ends, tier),
            tier,
        )
        if row is None:
            raise AssertionError("every tier has a row")
        columns = (row[name] or () for name in ("buckets", "reports", "incidents"))
        return Kept(
            kept_from=row["kept_from"],
            counts={
                bucket: Count(reports, incidents)
                for bucket, reports, incidents in zip(*columns, strict=True)
            },
            is_cleared=row["is_cleared"],
        )
