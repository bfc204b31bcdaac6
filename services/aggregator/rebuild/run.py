"""One rebuild from its beginning to its end."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from services.aggregator.config import GROUP
from services.aggregator.domain.generation import NEXT
from services.aggregator.rebuild.counting import NextCounting
from services.aggregator.rebuild.reading import EventLog, opened
from services.aggregator.rebuild.tables import HELD_UP, Comparison, Counted, Generations
from services.aggregator.store import SESSION, CountStore
from shared.errors import ConfigurationError, WorldError
from shared.kafka import cluster_of
from shared.language import Text
from shared.postgres import (
    DATABASE_AWAY,
    Connection,
    new_pool,
    owner_session,
    require_schema_version,
)
from shared.progress import Shown
from shared.retry import Backoff
from shared.topics import EVENTS

CLOSE = 8_000
"""So many records behind the live generation, it may be held while we count the rest."""
TRIES = 60
"""Of holding the live tables, with up to five seconds between them: five minutes."""
FROZEN = "15s"
"""PostgreSQL ends the session of a rebuild that stands still with the live generation in hand."""
GONE = "2s"
"""So soon it also ends what a rebuild that was killed has left running."""

COMPARES = Text("Jämför med det som gäller", "Comparing with what holds")
SWITCHES = Text("Byter", "Switching")


class ReadersInTheWay(WorldError):  # noqa: N818 - a fact about the world, not a fault of ours
    """Somebody reads the live tables without a pause; nothing was switched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildOptions:
    """What to make anew, and how carefully.

    Shape: `dry_run` compares and puts nothing in place; `accept_shorter_log` makes a generation of
    what the log has even if more than that was counted.
    """

    owner_dsn: str = field(repr=False)
    kafka: str
    topic_prefix: str = ""
    dry_run: bool = False
    accept_shorter_log: bool = False


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made and found.

    Shape: `generation` None: nothing was put in place. Unit: seconds; `held_seconds` is the longest
    time for which counting had to wait.
    """

    records: int
    comparison: Comparison
    agrees_at_switch: bool
    generation: int | None
    seconds: float
    held_seconds: float

    @property
    def ok(self) -> bool:
        """Whether the live generation was what the log says, to the end."""
        return self.comparison.ok and self.agrees_at_switch

    def as_json(self) -> dict[str, Any]:
        """The outcome for machines."""
        return {
            "ok": self.ok,
            "switched": self.generation is not None,
            "generation": self.generation,
            "records": self.records,
            "records_per_s": round(self.records / self.seconds) if self.seconds else 0,
            "seconds": round(self.seconds, 3),
            "live_held_s": round(self.held_seconds, 3),
            **self.comparison.as_json(),
        }


async def rebuild(options: RebuildOptions, shown: Shown) -> Rebuilt:
    """Make the next generation, compare it, and put it in place unless it is a dry run.

    Raises:
        ConfigurationError: another rebuild is at it, the log is not what was counted, or the schema
            is not this program's.
        WorldError: the log or the readers do not let us; the live generation is untouched.
        asyncpg.PostgresError, OSError, KafkaError: the database or Kafka is away; likewise.
    """
    topic = EVENTS.named(options.topic_prefix)
    consumer = f"{options.topic_prefix}{GROUP}"
    async with (
        _session(options.owner_dsn) as owner,
        _session(options.owner_dsn) as snapshot,
        opened(options.kafka, topic) as log,
        await new_pool(options.owner_dsn, application="rebuild", most=2, session=SESSION) as pool,
    ):
        log_id = await cluster_of(options.kafka)
        store = CountStore(
            pool, consumer=consumer, topic=topic, log_id=log_id, owner="rebuild", schema=NEXT
        )
        generations = Generations(owner, consumer=consumer, topic=topic)
        await require_schema_version(pool)
        await generations.be_alone()
        extents, counted = await log.offsets(), await generations.counted()
        if not options.accept_shorter_log:
            _refuse_shorter(extents, counted, log_id)
        work = _Rebuild(generations, log, store, snapshot, extents, shown)
        try:
            rebuilt = await work.done(dry_run=options.dry_run)
        except BaseException:
            with suppress(*DATABASE_AWAY):  # then the next rebuild clears it
                await generations.drop_next()
            raise
        await generations.drop_next()
        return rebuilt


def _refuse_shorter(extents: Mapping[int, range], counted: Counted, log_id: str) -> None:
    """Stop before anything is made if the log cannot give what was counted.

    Raises:
        ConfigurationError: it cannot; `--accept-shorter-log` says that this is meant.
    """
    mistakes = [
        f"partition {at}: the log begins at {offsets.start}, so a rebuild would lose what was before"
        for at, offsets in sorted(extents.items())
        if offsets.start > 0
    ]
    mistakes += [
        f"partition {at}: {offset} records were counted, the log ends at {_end(extents, at)}"
        for at, offset in sorted(counted.next_offsets.items())
        if offset > _end(extents, at)
    ]
    if counted.logs - {log_id}:
        mistakes.append("what was counted comes from another Kafka cluster than this one")
    if mistakes:
        raise ConfigurationError([*mistakes, "--accept-shorter-log: make it of what there is"])


def _end(extents: Mapping[int, range], partition: int) -> int:
    return extents[partition].stop if partition in extents else 0


class _Rebuild:
    """The steps of one rebuild."""

    def __init__(
        self,
        generations: Generations,
        log: EventLog,
        store: CountStore,
        snapshot: Connection,
        extents: Mapping[int, range],
        shown: Shown,
    ) -> None:
        self._generations = generations
        self._log = log
        self._snapshot = snapshot
        self._extents = extents
        self._shown = shown
        self._next = NextCounting(log, store, self._tell)
        self._records = 0
        self._total = 0
        self._held_seconds = 0.0
        self._compared_at = ""

    async def done(self, *, dry_run: bool) -> Rebuilt:
        began = time.monotonic()
        await self._generations.make()
        await self._next.begin(self._extents)
        await self._come_close()
        await self._generations.settle_next()
        comparison = await self._compared()
        agrees, generation = (True, None) if dry_run else await self._switched(comparison)
        return Rebuilt(
            records=self._records,
            comparison=comparison,
            agrees_at_switch=agrees,
            generation=generation,
            seconds=time.monotonic() - began,
            held_seconds=self._held_seconds,
        )

    async def _come_close(self) -> None:
        """Count until little is missing, or until live is as fast as we are."""
        behind = None
        while True:
            live = await self._live()
            was, behind = behind, self._next.behind(live)
            self._total = self._records + behind
            if behind <= CLOSE or (was is not None and behind >= was):
                return
            await self._next.up_to(live)

    async def _compared(self) -> Comparison:
        """Stand where live stands for a moment, and compare what both were then."""
        transaction = self._snapshot.transaction(isolation="repeatable_read", readonly=True)

        async def look() -> None:
            await transaction.start()
            self._compared_at = await self._snapshot.fetchval("select pg_current_snapshot()::text")

        self._shown.step(COMPARES)
        await self._while_live_waits(self._generations.offsets_held, look)
        try:
            return await self._generations.compared(self._snapshot)
        finally:
            await transaction.rollback()

    async def _switched(self, comparison: Comparison) -> tuple[bool, int]:
        """Count what came meanwhile and switch; whether both counted it alike, and where we are."""
        agrees, generation = True, 0

        async def switch() -> None:
            nonlocal agrees, generation
            agrees = not comparison.ok or await self._generations.agree_since(self._compared_at)
            generation = await self._generations.switch()

        self._shown.step(SWITCHES)
        await self._while_live_waits(self._generations.tables_held, switch)
        return agrees, generation

    async def _while_live_waits(
        self,
        held: Callable[[], AbstractAsyncContextManager[None]],
        work: Callable[[], Awaitable[None]],
    ) -> None:
        """Hold live, count up to exactly where it stands, and do this.

        Raises:
            ReadersInTheWay: it was tried often enough; nothing was done.
        """
        for delay in islice(Backoff().delays(), TRIES):
            await self._come_close()
            try:
                async with held():
                    began = time.monotonic()
                    await self._next.up_to(await self._live())
                    await work()
            except HELD_UP:
                await asyncio.sleep(delay)
            else:
                self._held_seconds = max(self._held_seconds, time.monotonic() - began)
                return
        raise ReadersInTheWay("the live tables are in use without a pause; nothing was switched")

    async def _live(self) -> dict[int, int]:
        """Where live stands, within the log; a partition that nobody counted is at its first."""
        counted = (await self._generations.counted()).next_offsets
        return {
            at: min(max(counted.get(at, 0), self._extents[at].start), offsets.stop)
            for at, offsets in (await self._log.offsets()).items()
            if at in self._extents
        }

    def _tell(self, records: int) -> None:
        self._records += records
        self._shown(self._records, max(self._total, self._records))


def _session(owner_dsn: str) -> AbstractAsyncContextManager[Connection]:
    return owner_session(
        owner_dsn,
        application="rebuild",
        idle_in_transaction_session_timeout=FROZEN,
        client_connection_check_interval=GONE,
    )
