"""The counts of how well reports were located, each report once, in PostgreSQL."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.quality import Result, tallied
from shared.errors import DeadReason
from shared.postgres import DATABASE_AWAY, Pool, queries
from shared.records import LogRecord
from shared.retry import until_done


class QualityStore:
    """Counts batches for one consumer group on one topic.

    Where each partition is counted to is written with the counts, so a replay adds nothing and two
    instances that both have a partition for a moment add it once.
    """

    def __init__(self, pool: Pool, *, consumer: str, topic: str, log_id: str) -> None:
        self._pool = pool
        self._consumer = consumer
        self._topic = topic
        self._log_id = log_id
        self._sql = queries("services.anonymizer", "quality.sql")
        self._counted_to: dict[int, int] = {}

    async def count(
        self,
        records: Sequence[LogRecord],
        outcomes: Sequence[Anonymized | DeadReason],
        next_offsets: Mapping[int, int],
    ) -> None:
        """Count a batch; return when it is counted, however long the database is away.

        Shape: partition to the offset after the batch's last in `next_offsets`.
        """
        work = partial(self._counted, records, outcomes, next_offsets)
        await until_done(work, on=DATABASE_AWAY, action="quality_counted")

    async def _counted(
        self,
        records: Sequence[LogRecord],
        outcomes: Sequence[Anonymized | DeadReason],
        next_offsets: Mapping[int, int],
    ) -> None:
        while True:
            since = await self._standing(sorted(next_offsets))
            ahead = {part: end for part, end in next_offsets.items() if end > since[part]}
            if not ahead:
                return
            results = tallied(zip(records, outcomes, strict=True), since)
            # Whether it was written is not known before the answer: ask anew, whatever happens.
            self._counted_to = {}
            if await self._write(ahead, since, results):
                self._counted_to = {**since, **ahead}
                return

    async def _standing(self, partitions: Sequence[int]) -> dict[int, int]:
        """Up to where the partitions are counted."""
        if not self._counted_to.keys() >= set(partitions):
            await self._pool.execute(
                self._sql["claim"], self._consumer, self._topic, self._log_id, partitions
            )
            rows = await self._pool.fetch(
                self._sql["standing"], self._consumer, self._topic, partitions
            )
            self._counted_to |= {row["part"]: row["next_offset"] for row in rows}
        return dict(self._counted_to)

    async def _write(
        self, ahead: Mapping[int, int], since: Mapping[int, int], results: Counter[Result]
    ) -> bool:
        """One statement; false: a partition stands elsewhere, nothing was written."""
        parts = sorted(ahead)
        columns = [list(column) for column in zip(*results, strict=True)] or [[]] * len(
            Result._fields
        )
        written = await self._pool.fetchval(
            self._sql["count"],
            self._consumer,
            self._topic,
            parts,
            [since[part] for part in parts],
            [ahead[part] for part in parts],
            self._log_id,
            *columns,
            list(results.values()),
        )
        return bool(written)
