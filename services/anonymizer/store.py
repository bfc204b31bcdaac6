"""The anonymizer's one table: which accepted reports were lost, for their actors to ask."""

from collections.abc import Sequence
from datetime import datetime

from services.anonymizer.domain.lost import LostReport
from shared.postgres import Pool, queries


class LostReports:
    """Table `intake.lost_report`; the role may only insert."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = queries(__package__)

    async def note(self, lost: Sequence[LostReport], *, noticed_at: datetime) -> None:
        """Note them, each once however often it is noted.

        Raises:
            shared.postgres.DATABASE_AWAY: the database does not answer.
        """
        await self._pool.execute(
            self._sql["note_lost"],
            [one.municipality for one in lost],
            [one.actor for one in lost],
            [one.event_id for one in lost],
            [one.received_at for one in lost],
            noticed_at,
        )
