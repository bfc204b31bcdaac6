"""The reports of an actor that were accepted and lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.postgres import Pool, queries


@dataclass(frozen=True, slots=True)
class Lost:
    """One of them. Unit: aware UTC."""

    event_id: UUID
    received_at: datetime
    noticed_at: datetime


class LostReports(Protocol):
    """Tells what was lost."""

    async def of(
        self, municipality: str, actor: str, *, before: tuple[datetime, UUID], most: int
    ) -> Sequence[Lost]:
        """The newest of an actor that come before a place in the order, newest first."""


class PostgresLostReports:
    """Table `intake.lost_report`, which the anonymizer writes."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = queries(__package__)

    async def of(
        self, municipality: str, actor: str, *, before: tuple[datetime, UUID], most: int
    ) -> Sequence[Lost]:
        """The newest of an actor that come before a place in the order, newest first.

        Raises:
            shared.postgres.DATABASE_AWAY: the database does not answer.
        """
        rows = await self._pool.fetch(
            self._sql["lost_reports"], municipality, actor, *before, most, timeout=3
        )
        return [Lost(**row) for row in rows]
