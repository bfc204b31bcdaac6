"""Lost reports are noted before their offset is committed, and only by whom they belong to."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from aiokafka import TopicPartition

from services.anonymizer.domain.lost import LostReport
from services.anonymizer.metrics import Metrics
from services.anonymizer.ownership import Membership
from shared.postgres import DATABASE_AWAY
from shared.retry import Backoff

log = structlog.get_logger()


class Store(Protocol):
    """Where lost reports are noted, see `LostReports`."""

    async def note(self, lost: Sequence[LostReport], *, noticed_at: datetime) -> None:
        """Note them, each once."""


class Losses:
    """Notes lost reports, however long the database is away; `now` gives aware UTC."""

    def __init__(
        self,
        store: Store,
        membership: Membership,
        *,
        now: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._membership = membership
        self._now = now
        self._metrics = metrics

    async def note(self, lost: Sequence[LostReport], firsts: Mapping[TopicPartition, int]) -> bool:
        """Whether they are noted; False: the partitions were given to somebody else meanwhile.

        Somebody who woke up late might call lost what others had opened while there was a key.
        """
        progress = self._membership.progress
        assignment = progress.assignment
        for delay in Backoff().delays():
            if progress.assignment != assignment:
                return False
            if await self._membership.holds(firsts) and await self._noted(lost):
                self._metrics.reports_lost.inc(len(lost))
                log.error("reports_lost", count=len(lost))
                return True
            await asyncio.sleep(delay)
        raise AssertionError("the delays never end")

    async def _noted(self, lost: Sequence[LostReport]) -> bool:
        try:
            await self._store.note(lost, noticed_at=self._now())
        except DATABASE_AWAY as error:
            log.warning("losses_retried", error_type=type(error).__name__, count=len(lost))
            return False
        return True
