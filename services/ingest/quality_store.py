"""What ingest reads in PostgreSQL besides the registry: how well an actor's reports were located."""

import asyncio
from datetime import date
from typing import Protocol

from services.ingest.domain.quality import Located
from shared.errors import WorldError
from shared.messages.event import Placement
from shared.postgres import DATABASE_AWAY, Pool, queries
from shared.quality import Confidence

SECONDS = 4.0  # an answer within five, key and all


class QualityAwayError(WorldError):
    """The database does not answer."""


class Quality(Protocol):
    """Where the counts are kept."""

    async def located(
        self, municipality: str, actor: str, first: date, last: date
    ) -> list[Located]:
        """The counts of the days from first to last, the oldest first.

        Raises:
            QualityAwayError: they cannot be read now.
        """


class PostgresQuality:
    """Table `quality.located`, which the anonymizer writes."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = queries("services.ingest", "quality.sql")

    async def located(
        self, municipality: str, actor: str, first: date, last: date
    ) -> list[Located]:
        """See `Quality.located`."""
        try:
            async with asyncio.timeout(SECONDS):
                rows = await self._pool.fetch(
                    self._sql["located"], municipality, actor, first, last, timeout=SECONDS
                )
        except DATABASE_AWAY:
            raise QualityAwayError from None
        return [
            Located(day, Placement(method), Confidence(confidence), reports)
            for day, method, confidence, reports in rows
        ]
