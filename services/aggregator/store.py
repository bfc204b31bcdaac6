"""The counting transaction in PostgreSQL."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.aggregator.domain import binary
from services.aggregator.domain.generation import LIVE, in_schema
from services.aggregator.domain.plan import (
    NOWHERE,
    Advance,
    Claim,
    Claimed,
    DeadLetter,
    Extent,
    Place,
    Plan,
)
from services.aggregator.domain.settle import (
    WITHDRAWN,
    Deltas,
    Draft,
    Known,
    Settled,
    Some,
    Standing,
    draft,
    move_incidents,
    settle,
)
from shared.errors import Fenced
from shared.postgres import Connection, Pool, queries

ID_BYTES = 16
PIECE_BYTES = 1 << 19

DATA_REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""The database judges the rows, not the moment: trying the same again cannot help."""

SESSION = {
    # An index is right for a batch however small the table was when the plan was made, and the
    # parameters of a batch, folded into a plan of its own, cost more than the answer.
    "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""Settings of the sessions that count."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, ready to be written. Shape: `ids` are the events' ids as PostgreSQL writes arrays."""

    plan: Plan
    draft: Draft
    ids: str

    @property
    def advances(self) -> tuple[Advance, ...]:
        """The partitions' steps."""
        return self.plan.advances

    @property
    def dead(self) -> tuple[DeadLetter, ...]:
        """The records that can never be counted."""
        return self.plan.dead


class CountStore:
    """Reads and writes one generation of the counts for one consumer group on one topic."""

    def __init__(
        self,
        pool: Pool,
        *,
        consumer: str,
        topic: str,
        log_id: str,
        owner: str,
        schema: str = LIVE,
    ) -> None:
        self._pool = pool
        self._consumer = consumer
        self._topic = topic
        self._log_id = log_id
        self._owner = owner
        self._schema = schema
        self._sql: MappingProxyType[str, str] = in_schema(queries("services.aggregator"), schema)
        self._series: dict[Place, int] = {NOWHERE: WITHDRAWN}

    async def fence(self, partition: int) -> None:
        """Keep everybody from moving the partition on who has claimed it so far."""
        await self._pool.execute(
            self._sql["fence"], self._consumer, self._topic, partition, self._owner
        )

    async def claim(self, partition: int, extent: Extent) -> Claimed:
        """Take the partition from whoever had it; the log has the offsets of `extent` now."""
        row = await self._pool.fetchrow(
            self._sql["claim"],
            self._consumer,
            self._topic,
            partition,
            extent.first,
            extent.end,
            self._log_id,
            self._owner,
        )
        if row is None:
            raise AssertionError("an upsert returns its row")
        # A claim may follow the loss of a database: numbers given since its backup are void.
        self._series.clear()
        self._series[NOWHERE] = WITHDRAWN
        return Claimed(
            Claim(epoch=row["epoch"], next_offset=row["next_offset"]),
            stored_offset=row["stored_offset"],
            same_log=row["stored_log"] in (None, self._log_id),
        )

    async def standing(self, partitions: Sequence[int]) -> Mapping[int, Claim]:
        """Where the partitions stand now, whoever owns them."""
        rows = await self._pool.fetch(
            self._sql["standing"], self._consumer, self._topic, list(partitions)
        )
        return {row["part"]: Claim(row["epoch"], row["next_offset"]) for row in rows}

    async def prepare(self, plan: Plan) -> "Prepared":
        """All that can be made before the transaction begins; new places get their numbers.

        Raises:
            asyncpg.PostgresError, OSError, ...: see DATA_REFUSED and shared.postgres.DATABASE_AWAY.
        """
        made = draft(plan.winners, await self._numbers(plan.winners.places))
        return Prepared(plan, made, f"{{{made.ids.tobytes().hex(',', ID_BYTES)}}}")

    async def write(self, plan: Plan) -> int:
        """Prepare and write a plan; the number of changed events. Raises: see `write_prepared`."""
        return (await self.write_prepared(await self.prepare(plan))).changed

    async def write_prepared(self, prepared: "Prepared") -> Settled:
        """One transaction: offsets, events, cells, dead letters; what changed.

        Raises:
            Fenced: a partition has another owner now; nothing was written.
            asyncpg.PostgresError, OSError, ...: see DATA_REFUSED and shared.postgres.DATABASE_AWAY.
        """
        plan = prepared.plan
        async with self.transaction() as connection:
            known = await self._advance(connection, prepared)
            settled = settle(prepared.draft, known)
            if plan.dead:
                await self.bury(connection, plan.dead)
            if settled.changed:
                await self._write_events(connection, settled)
                await self._move_incidents(connection, settled)
                await self._count(connection, plan, settled)
        return settled

    async def _numbers(self, places: Sequence[Place]) -> list[int]:
        """The number of each place; a new one is given before the transaction, and for good."""
        numbers = list(map(self._series.get, places))
        while None in numbers:
            missing = {place for place in places if place not in self._series}
            columns = [list(column) for column in zip(*missing, strict=True)]
            for row in await self._pool.fetch(self._sql["number_series"], *columns):
                self._series[row["municipality"], row["indicator"], row["area"]] = row["series"]
            numbers = list(map(self._series.get, places))
        return [number for number in numbers if number is not None]

    async def _advance(self, connection: Connection, prepared: "Prepared") -> dict[bytes, Known]:
        """Move the offsets, if they are still ours, and read what is known of the events."""
        plan = prepared.plan
        moved, *rows = await connection.fetch(
            self._sql["advance_and_find"], *self._steps(plan.advances), prepared.ids
        )
        if moved["version"] != len(plan.advances):
            raise Fenced("a partition has a newer claim")
        return {
            event_id: Known(version, series, minute, incident)
            for event_id, version, series, minute, incident in rows
        }

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A session with a transaction of its own."""
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection

    async def advance(self, connection: Connection, advances: Sequence[Advance]) -> None:
        """Move the offsets, if they are still ours.

        Raises:
            Fenced: a partition has another owner now.
        """
        moved = await connection.fetch(self._sql["advance"], *self._steps(advances))
        if len(moved) != len(advances):
            raise Fenced("a partition has a newer claim")

    def _steps(self, advances: Sequence[Advance]) -> tuple[Any, ...]:
        return (
            self._consumer,
            self._topic,
            [step.partition for step in advances],
            [step.epoch for step in advances],
            [step.from_offset for step in advances],
            [step.to_offset for step in advances],
        )

    async def bury(self, connection: Connection, dead: Sequence[DeadLetter]) -> None:
        """Remember records that can never be counted; the log keeps their bytes."""
        await connection.execute(
            self._sql["bury"],
            self._topic,
            [letter.partition for letter in dead],
            [letter.offset for letter in dead],
            [letter.reason.value for letter in dead],
        )

    async def _write_events(self, connection: Connection, settled: Settled) -> None:
        events, new, amended = settled.draft, settled.new, settled.amended
        is_linked = events.is_linked[new]
        alone, linked = new[~is_linked], new[is_linked]
        if len(alone):
            await self._copy(connection, binary.plain(events, alone), binary.COLUMNS)
        if len(linked):
            rows = binary.linked(events, linked)
            await self._copy(connection, rows, binary.LINKED_COLUMNS)
        if len(amended):
            await connection.execute(self._sql["amend"], *_columns(events, amended))

    async def _copy(self, connection: Connection, rows: bytes, columns: Sequence[str]) -> None:
        await connection.copy_to_table(
            "event",
            schema_name=self._schema,
            columns=list(columns),
            source=_pieces(rows),
            format="binary",
        )

    async def _move_incidents(self, connection: Connection, settled: Settled) -> None:
        """Count each incident where its earliest live event is now; no two of us at a time."""
        if not settled.linked:
            return
        ids = [UUID(bytes=one) for one in settled.linked]
        was = await connection.fetch(self._sql["lock_incidents"], ids)
        now = await connection.fetch(self._sql["earliest"], ids)
        moved = move_incidents(_standings(was), _standings(now), settled.moves)
        if moved:
            await connection.execute(
                self._sql["move_incidents"],
                [UUID(bytes=incident) for incident in moved],
                [UUID(bytes=one.event) if one.event else None for one in moved.values()],
                [one.series for one in moved.values()],
                [one.minute for one in moved.values()],
            )

    async def _count(self, connection: Connection, plan: Plan, settled: Settled) -> None:
        lane = min(step.partition for step in plan.advances)
        columns = [column for tier in settled.deltas() for column in _delta_columns(tier)]
        await connection.execute(self._sql["count"], lane, *columns)


def _columns(
    events: Draft, some: Some
) -> tuple[list[UUID], list[int], list[int], list[int], list[UUID | None]]:
    incidents = [events.incident(at) for at in some]
    return (
        [UUID(bytes=events.id(at)) for at in some],
        events.versions[some].tolist(),
        events.series[some].tolist(),
        events.minutes[some].tolist(),
        [UUID(bytes=one) if one else None for one in incidents],
    )


def _standings(rows: Sequence[asyncpg.Record]) -> dict[bytes, Standing]:
    return {
        incident.bytes: Standing(event.bytes if event else None, series, minute)
        for incident, event, series, minute in rows
    }


async def _pieces(rows: bytes) -> AsyncIterator[bytes]:
    """What a copy sends at once. Of a file asyncpg would read each piece in a thread of its own.

    What is made in one thread and freed in another fragments the memory of both: 40 MB per million
    rows.
    """
    for at in range(0, len(rows), PIECE_BYTES):
        yield rows[at : at + PIECE_BYTES]


def _delta_columns(deltas: Deltas) -> tuple[str, ...]:
    columns = deltas.series, deltas.buckets, deltas.reports, deltas.incidents
    return tuple(map(_written, columns))


def _written(numbers: Sequence[int]) -> str:
    """An array as PostgreSQL reads it: thousands of parameters one by one cost more than parsing."""
    return f"{{{msgspec.json.encode(numbers)[1:-1].decode()}}}"
