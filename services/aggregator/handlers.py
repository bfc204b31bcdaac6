"""on_events: records of a poll in, one transaction out."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import structlog
from faststream.kafka import KafkaMessage

from services.aggregator import metrics
from services.aggregator.domain.plan import (
    LogRecord,
    Plan,
    plan,
    refused,
    still_to_count,
)
from services.aggregator.ownership import Ownership
from services.aggregator.store import DATA_REFUSED, CountStore
from shared.background import crash
from shared.errors import Fenced
from shared.postgres import DATABASE_AWAY
from shared.retry import Backoff

log = structlog.get_logger()


class EventCounting:
    """Counts what the consumer reads, for as long as the partitions are ours."""

    def __init__(self, store: CountStore, ownership: Ownership) -> None:
        self._store = store
        self._ownership = ownership
        self._backoff = Backoff()

    async def on_events(self, message: KafkaMessage) -> None:
        """Count the batch; an error nobody expected ends the process, for FastStream would skip."""
        try:
            await self._until_counted(_by_partition(message))
        except Exception as error:  # noqa: BLE001 - the outermost frame of the stream
            crash("events_counted", error)

    async def _until_counted(self, records: Mapping[int, Sequence[LogRecord]]) -> None:
        delays = self._backoff.delays()
        most = sum(map(len, records.values()))
        while True:
            try:
                async with self._ownership.writing:
                    written = await self._write_some(records, most=most)
            except Fenced:
                await self._reconcile(records)
            except DATA_REFUSED:
                metrics.RETRIES.labels("refused").inc()
                most = max(1, most // 2)
            except DATABASE_AWAY as error:
                metrics.RETRIES.labels("database_away").inc()
                delay = next(delays)
                log.warning("counting_retried", error_type=type(error).__name__, wait_seconds=delay)
                await asyncio.sleep(delay)
                await self._reconcile(records)
            else:
                if written == 0:
                    await self._read_again(records)
                    return
                delays = self._backoff.delays()
                most *= 2

    async def _read_again(self, records: Mapping[int, Sequence[LogRecord]]) -> None:
        """Seek where the batch lacks the record that comes next; what is behind it comes again."""
        gaps = still_to_count(records, self._ownership.claims, most=0).gaps
        for partition in gaps:
            metrics.GAPS.inc()
            log.error("log_gap_found", partition=partition)
            self._ownership.seek_next(partition)
        if gaps:
            await asyncio.sleep(self._backoff.first)  # a gap that stays must not spin

    async def _write_some(self, records: Mapping[int, Sequence[LogRecord]], *, most: int) -> int:
        """Write up to `most` records that are ours; the number written, 0 when none is left."""
        claims = dict(self._ownership.claims)
        mine = still_to_count(records, claims, most=most).records
        if not mine:
            return 0
        planned = plan(mine, claims)
        began = time.perf_counter()
        try:
            changed = await self._store.write(planned)
        except DATA_REFUSED:
            if len(mine) > 1:
                raise
            planned = refused(mine[0], claims)
            changed = await self._store.write(planned)
        metrics.TRANSACTION_SECONDS.observe(time.perf_counter() - began)
        for step in planned.advances:
            self._ownership.advance(step.partition, step.to_offset)
        _count_metrics(planned, mine, changed)
        return len(mine)

    async def _reconcile(self, records: Mapping[int, Sequence[LogRecord]]) -> None:
        """Ask the database where we stand: the last transaction may have committed after all."""
        try:
            async with self._ownership.writing:
                standing = await self._store.standing(sorted(records))
                self._ownership.reconcile(sorted(records), standing)
        except DATABASE_AWAY:
            return  # the next write tries again; the fence protects it


def _count_metrics(planned: Plan, mine: Sequence[LogRecord], changed: int) -> None:
    metrics.BATCH_RECORDS.observe(planned.records)
    metrics.EVENTS_READ.inc(planned.records)
    metrics.EVENTS_COUNTED.inc(changed)
    for letter in planned.dead:
        metrics.DEAD_LETTERS.labels("aggregator", letter.reason).inc()
        log.warning(
            "record_buried",
            partition=letter.partition,
            offset=letter.offset,
            reason=letter.reason,
        )
    now_ms = time.time() * 1000
    age = metrics.EVENT_AGE_SECONDS.labels("aggregator")
    for record in mine:
        age.observe(max(0.0, now_ms - record.timestamp_ms) / 1000)


def _by_partition(message: KafkaMessage) -> dict[int, list[LogRecord]]:
    raw = message.raw_message
    by_partition: dict[int, list[LogRecord]] = {}
    for record in raw if isinstance(raw, tuple) else (raw,):
        by_partition.setdefault(record.partition, []).append(
            LogRecord(record.partition, record.offset, record.timestamp, record.key, record.value)
        )
    return by_partition
