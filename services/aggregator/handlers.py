"""Records of a poll in, one transaction out; while one is written, the next is filled.

Python reads and plans on one core while PostgreSQL writes on another. A batch is planned for where
its partitions will stand when the write before has committed; if that has become otherwise
meanwhile, the plan is thrown away and made again from the records, which are still here. So the
slower the database, the larger the batches, up to `most` records and one batch that waits.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

import structlog
from faststream.kafka import KafkaMessage

from services.aggregator import metrics
from services.aggregator.domain.batch import Batch
from services.aggregator.domain.lag import Lag
from services.aggregator.domain.plan import (
    Advance,
    Claim,
    DeadLetter,
    Drafting,
    refused,
    rest_on,
    steps,
    still_to_count,
)
from services.aggregator.ownership import Ownership
from services.aggregator.store import DATA_REFUSED, CountStore, Prepared
from shared.background import crash
from shared.errors import Fenced
from shared.postgres import DATABASE_AWAY
from shared.records import LogRecord
from shared.retry import Backoff

log = structlog.get_logger()

POLL_RECORDS = 2000
"""Records of one poll at the most: to unpack them keeps the write under way waiting for 3 ms."""

AT_ONCE = 250
"""Records that are planned before the write under way may take its next step: a millisecond."""

Records = Mapping[int, Sequence[LogRecord]]
Claims = Mapping[int, Claim]


class Planned(Protocol):
    """What one transaction writes, as far as the loop around it must know."""

    @property
    def advances(self) -> tuple[Advance, ...]:
        """The partitions' steps."""

    @property
    def dead(self) -> tuple[DeadLetter, ...]:
        """The records that can never be counted."""


PlanT = TypeVar("PlanT", bound=Planned)
MadeT_co = TypeVar("MadeT_co", bound=Planned, covariant=True)


class Filling(Protocol[MadeT_co]):
    """A plan that is being made."""

    def add(self, records: Sequence[LogRecord]) -> None:
        """Plan some more records, in log order."""

    async def finish(self, advances: Sequence[Advance]) -> MadeT_co:
        """The plan, ready to be written."""


class Work(Protocol[PlanT]):
    """What is done with records: planned, written in one transaction, told."""

    def begin(self) -> Filling[PlanT]:
        """A plan of nothing yet."""

    async def refused(self, record: LogRecord, claims: Claims) -> PlanT:
        """The plan for one record that the database refused."""

    async def write(self, plan: PlanT) -> int:
        """Write it; how many things changed by it."""

    def tell(self, plan: PlanT, changed: int) -> None:
        """Count it in the metrics."""


class EventFilling:
    """A counting transaction that is being made."""

    def __init__(self, store: CountStore) -> None:
        self._store = store
        self._drafting = Drafting()

    def add(self, records: Sequence[LogRecord]) -> None:
        """See `Drafting.add`."""
        self._drafting.add(records)

    async def finish(self, advances: Sequence[Advance]) -> Prepared:
        """See `CountStore.prepare`."""
        return await self._store.prepare(self._drafting.plan(advances))


class EventCounting:
    """What is done with events: they are counted."""

    def __init__(self, store: CountStore) -> None:
        self._store = store

    def begin(self) -> EventFilling:
        """A counting transaction of nothing yet."""
        return EventFilling(self._store)

    async def refused(self, record: LogRecord, claims: Claims) -> Prepared:
        """See `domain.plan.refused`."""
        return await self._store.prepare(refused(record, claims))

    async def write(self, plan: Prepared) -> int:
        """See `CountStore.write_prepared`."""
        began = time.perf_counter()
        settled = await self._store.write_prepared(plan)
        metrics.TRANSACTION_SECONDS.observe(time.perf_counter() - began)
        too_old = int(time.time() - metrics.LATE_AFTER_SECONDS) // 60
        metrics.EVENTS_LATE.inc(settled.live_before(too_old))
        return settled.changed

    def tell(self, plan: Prepared, changed: int) -> None:
        """Batch sizes, and how old events are."""
        accepted_ms = plan.plan.accepted_ms
        metrics.BATCH_RECORDS.observe(len(accepted_ms))
        metrics.EVENTS_READ.inc(len(accepted_ms))
        metrics.EVENTS_COUNTED.inc(changed)
        metrics.EVENT_AGE_SECONDS.observe(time.time(), accepted_ms)


@dataclass(frozen=True, slots=True)
class _Full(Generic[PlanT]):
    """A batch to be written next. `plan` None: there is none, look at its records."""

    batch: Batch
    plan: PlanT | None


class Recording(Generic[PlanT]):
    """Writes what the consumer reads, each record once, for as long as the partitions are ours."""

    def __init__(self, work: Work[PlanT], *, ownership: Ownership, lag: Lag, most: int) -> None:
        self._work = work
        self._ownership = ownership
        self._lag = lag
        self._most = most
        self._backoff = Backoff()
        self._batch = Batch()
        self._filling = work.begin()
        self._waiting: _Full[PlanT] | None = None
        self._something = asyncio.Event()
        self._room = asyncio.Event()

    async def on_records(self, message: KafkaMessage) -> None:
        """Take what a poll gave, piece by piece; wait while a full batch waits before this one."""
        try:
            records = message.raw_message
            for at in range(0, len(records), AT_ONCE):
                self._take(records[at : at + AT_ONCE])
                if self._batch.count >= self._most:
                    await self._hand_over()
                self._something.set()
                await asyncio.sleep(0)  # let the write under way take its next step
        except Exception as error:  # noqa: BLE001 - FastStream would skip the batch in silence
            crash("records_planned", error)

    def _take(self, some: Sequence[LogRecord]) -> None:
        """Into the batch and into its plan, in one step: nobody closes it in between."""
        records = _by_partition(some)
        self._lag.took([one[0] for one in records.values()])
        self._filling.add(self._batch.take(records, self._ownership.claims))

    async def write_for_ever(self) -> None:
        """Write one batch after the other; an error nobody expected ends the process."""
        while True:
            await self._something.wait()
            full, self._waiting = self._waiting, None
            self._room.set()
            if full is None and self._batch.polls:
                full = await self._closed()
            if full is None:
                self._something.clear()
                continue
            await self._write_batch(full)
            self._lag.wrote(full.batch.polls)

    async def _hand_over(self) -> None:
        """Close the batch that is full, as soon as none waits."""
        while self._waiting is not None:
            self._room.clear()
            await self._room.wait()
        if self._batch.polls:
            self._waiting = await self._closed()

    async def _closed(self) -> _Full[PlanT]:
        """Close the batch and begin the next one where it ends."""
        batch, filling = self._batch, self._filling
        self._batch, self._filling = Batch(batch), self._work.begin()
        try:
            plan = await filling.finish(batch.advances) if batch.advances else None
        except (*DATA_REFUSED, *DATABASE_AWAY) as error:
            metrics.RETRIES.labels(_reason(error)).inc()
            plan = None
        return _Full(batch, plan)

    async def _write_batch(self, full: _Full[PlanT]) -> None:
        done = full.plan is not None and await self._in_one_go(full.plan)
        if not done or not full.batch.is_whole:
            await self._until_written(full.batch.records)

    async def _in_one_go(self, plan: PlanT) -> bool:
        """The usual case. False: something is otherwise than was thought, look at it again."""
        async with self._ownership.writing:
            if not rest_on(plan.advances, self._ownership.claims):
                return False
            try:
                await self._write(plan)
            except (Fenced, *DATA_REFUSED, *DATABASE_AWAY) as error:
                metrics.RETRIES.labels(_reason(error)).inc()
                log.warning("writing_retried", error_type=type(error).__name__)
                return False
        return True

    async def _write(self, plan: PlanT) -> None:
        changed = await self._work.write(plan)
        for step in plan.advances:
            self._ownership.advance(step.partition, step.to_offset)
        self._lag.moved((step.partition for step in plan.advances), time.time())
        self._work.tell(plan, changed)
        for letter in plan.dead:
            metrics.DEAD_LETTERS.labels("aggregator", letter.reason).inc()
            log.warning(
                "record_buried",
                partition=letter.partition,
                offset=letter.offset,
                reason=letter.reason,
            )

    async def _until_written(self, records: Records) -> None:
        """Write what is left of these records, in as many transactions as it takes."""
        delays = self._backoff.delays()
        most = sum(map(len, records.values()))
        await self._reconcile(records)
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
                log.warning("writing_retried", error_type=type(error).__name__, wait_seconds=delay)
                await asyncio.sleep(delay)
                await self._reconcile(records)
            else:
                if written == 0:
                    await self._read_again(records)
                    return
                delays = self._backoff.delays()
                most *= 2

    async def _write_some(self, records: Records, *, most: int) -> int:
        """Write up to `most` records that are ours; the number written, 0 when none is left."""
        claims = dict(self._ownership.claims)
        mine = still_to_count(records, claims, most=most).records
        if not mine:
            return 0
        filling = self._work.begin()
        filling.add(mine)
        try:
            await self._write(await filling.finish(steps(mine, claims)))
        except DATA_REFUSED:
            if len(mine) > 1:
                raise
            await self._write(await self._work.refused(mine[0], claims))
        return len(mine)

    async def _read_again(self, records: Records) -> None:
        """Seek where the batch lacks the record that comes next; what is behind it comes again."""
        gaps = still_to_count(records, self._ownership.claims, most=0).gaps
        for partition in gaps:
            metrics.GAPS.inc()
            log.error("log_gap_found", partition=partition)
            self._ownership.seek_next(partition)
        if gaps:
            await asyncio.sleep(self._backoff.first)  # a gap that stays must not spin

    async def _reconcile(self, records: Records) -> None:
        """Ask the database where we stand: the last transaction may have committed after all."""
        try:
            async with self._ownership.writing:
                await self._ownership.look_up(sorted(records))
        except DATABASE_AWAY:
            return  # the next write tries again; the fence protects it


def _reason(error: BaseException) -> str:
    if isinstance(error, Fenced):
        return "fenced"
    return "refused" if isinstance(error, DATA_REFUSED) else "database_away"


def _by_partition(records: Sequence[LogRecord]) -> dict[int, Sequence[LogRecord]]:
    """What came of each partition, in order: a poll gives one partition after the other."""
    return {
        partition: list(some) for partition, some in groupby(records, key=attrgetter("partition"))
    }
