"""The tables of the next generation: made, compared with the live ones, put in their place."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import asyncpg

from services.aggregator.domain.generation import LIVE, NEXT, OFFSETS, TABLES
from shared.errors import ConfigurationError
from shared.postgres import Connection, queries
from shared.windows import Tier

OLD = "counting_old"
SHOWN = 10
"""So many of the differing cells are named; of all of them the number is."""

HELD_UP = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.QueryCanceledError,
)
"""Somebody is in the way; later nobody is."""

COUNTING_ONLY = ("event", "incident")
"""Tables that nobody reads but who counts: they may be held while the last records are counted."""

PATIENT = "60s"
"""For a lock that neither counting nor reading waits for."""
COUNTING_WAITS = "800ms"
"""For all the tables together that counting needs, in one statement. Below PostgreSQL's
deadlock_timeout of a second: the statements that count may take their locks in any order, and
whatever circle that makes with ours ends by our letting go, never by an error of theirs."""
READING_WAITS = "200ms"
"""Together, for the tables that are read: whoever wants to read meanwhile waits behind us."""

_LOCK = 0x72656275  # any number, the same for everyone who rebuilds


@dataclass(frozen=True, slots=True)
class CellApart:
    """A cell that does not hold what the log gives. Unit: reports, incidents; `bucket` UTC."""

    municipality: str
    tier: str
    indicator: str
    area: str
    bucket: datetime
    counted: int
    recounted: int
    counted_incidents: int
    recounted_incidents: int

    def as_json(self) -> dict[str, Any]:
        """The cell for machines."""
        return {**asdict(self), "bucket": self.bucket.isoformat()}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What both generations say of the same records of the log.

    Shape: `missing` events are not in the live tables, `unknown` ones are not in the log,
    `otherwise` ones have another version, place, time or incident; `apart_by_tier` is how many cells
    differ, `first` the first of them.
    """

    events: int
    missing: int
    unknown: int
    otherwise: int
    cells: int
    apart_by_tier: Mapping[str, int]
    first: Sequence[CellApart]

    @property
    def cells_apart(self) -> int:
        """How many cells differ, in all tiers together."""
        return sum(self.apart_by_tier.values())

    @property
    def events_apart(self) -> int:
        """How many events differ in any way."""
        return self.missing + self.unknown + self.otherwise

    @property
    def ok(self) -> bool:
        """Whether the live generation is what the log says."""
        return not self.events_apart and not self.cells_apart

    def as_json(self) -> dict[str, Any]:
        """The comparison for machines."""
        return {
            "events": self.events,
            "events_missing": self.missing,
            "events_unknown": self.unknown,
            "events_otherwise": self.otherwise,
            "cells": self.cells,
            "cells_apart": self.cells_apart,
            "cells_apart_by_tier": dict(self.apart_by_tier),
            "first_apart": [one.as_json() for one in self.first],
        }


@dataclass(frozen=True, slots=True)
class Counted:
    """How far the live generation has come, and in which logs (one, unless something is amiss)."""

    next_offsets: dict[int, int]
    logs: frozenset[str]


class Generations:
    """The live generation and the next one, through the owner's connection."""

    def __init__(self, owner: Connection, *, consumer: str, topic: str) -> None:
        self._owner = owner
        self._of = (consumer, topic)
        self._sql = queries("services.aggregator", "rebuild.sql")
        self._version = 0

    async def be_alone(self) -> None:
        """Keep every other rebuild out until the connection is closed.

        Raises:
            ConfigurationError: another one is at it.
        """
        if not await self._owner.fetchval(self._sql["try_lock"], _LOCK):
            raise ConfigurationError(["another rebuild is making a generation of this database"])

    async def make(self) -> None:
        """Empty tables beside the live ones; what an earlier rebuild left behind goes."""
        await self.drop_next()
        async with self._owner.transaction():
            self._version = await self._schema_version()
            await self._owner.execute(f"create schema {NEXT}")
            wanted = [*TABLES, OFFSETS]
            rows = await self._owner.fetch(self._sql["how_to_make"], wanted, NEXT)
            for row in rows:
                await self._owner.execute(row["statement"])

    async def drop_next(self) -> None:
        """Remove the next generation, whole or half."""
        await self._owner.execute(f"drop schema if exists {NEXT} cascade")

    async def counted(self) -> Counted:
        """How far the live generation has come."""
        rows = await self._owner.fetch(self._sql["counted"], *self._of)
        return Counted(
            {row["part"]: row["next_offset"] for row in rows},
            frozenset(row["log_id"] for row in rows),
        )

    @asynccontextmanager
    async def offsets_held(self) -> AsyncIterator[None]:
        """A transaction during which nobody counts in the live generation; everybody may read.

        Raises:
            HELD_UP: somebody was in the way for too long; nothing was changed.
        """
        async with self._owner.transaction():
            await self._lock([f"{LIVE}.{OFFSETS}"], "share row exclusive", within=COUNTING_WAITS)
            yield

    @asynccontextmanager
    async def tables_held(self) -> AsyncIterator[None]:
        """Likewise, and the tables that counting alone needs are ours, so that they can be moved.

        First a lock on everything that hinders nobody: it sends autovacuum away and keeps it away,
        which would otherwise be in our way for as long as it likes.

        Raises:
            HELD_UP: somebody was in the way for too long; nothing was changed.
        """
        async with self._owner.transaction():
            both = [f"{schema}.{table}" for schema in (LIVE, NEXT) for table in TABLES]
            await self._lock(both, "share update exclusive", within=PATIENT)
            counting = [f"{LIVE}.{table}" for table in (*COUNTING_ONLY, OFFSETS)]
            await self._lock(counting, "access exclusive", within=COUNTING_WAITS)
            yield

    async def settle_next(self) -> None:
        """Leave out of the next generation what is too old, and make it as small as it can be."""
        for statement in ("trim_changes", "trim_hours", "trim_days"):
            await self._owner.execute(self._sql[statement])
        for table in TABLES:
            how = "(analyze)" if table in COUNTING_ONLY else "(full, analyze)"
            await self._owner.execute(f"vacuum {how} {NEXT}.{table}")

    async def compared(self, snapshot: Connection) -> Comparison:
        """What both say at the moment of the snapshot, which must be one of equal offsets."""
        cells = await snapshot.fetch(self._sql["cells_apart"], SHOWN)
        events = await snapshot.fetchrow(self._sql["events_apart"])
        if events is None:
            raise AssertionError("an aggregate returns one row")
        return Comparison(
            events=events["looked_at"],
            missing=events["missing"],
            unknown=events["unknown"],
            otherwise=events["otherwise"],
            cells=cells[0]["looked_at"],
            apart_by_tier={tier: cells[0][f"{tier}_apart"] for tier in Tier},
            first=[
                CellApart(**{name: row[name] for name in CellApart.__slots__})
                for row in cells
                if row["tier"] is not None
            ],
        )

    async def agree_since(self, snapshot: str) -> bool:
        """Whether both have counted the same since the comparison; asked while live is held."""
        return bool(await self._owner.fetchval(self._sql["agree_since"], snapshot))

    async def switch(self) -> int:
        """Put the next generation in the live one's place; its number. Called in `tables_held`.

        Statements of running services are prepared again by name. What depends on the old tables
        otherwise than through a view stops the switch: nothing is dropped unseen.

        Raises:
            HELD_UP: somebody reads for too long; nothing was changed.
            ConfigurationError: the schema is not what it was when the tables were made.
        """
        read = [f"{LIVE}.{table}" for table in TABLES if table not in COUNTING_ONLY]
        await self._lock(read, "access exclusive", within=READING_WAITS)
        if await self._schema_version() != self._version:
            raise ConfigurationError(["the database was migrated meanwhile: begin again"])
        views = await self._owner.fetch(self._sql["views"], list(TABLES))
        await self._owner.execute(f"create schema {OLD}")
        for table in TABLES:
            await self._owner.execute(f"alter table {LIVE}.{table} set schema {OLD}")
            await self._owner.execute(f"alter table {NEXT}.{table} set schema {LIVE}")
        for view in views:
            options = f" with ({', '.join(view['options'])})" if view["options"] else ""
            await self._owner.execute(
                f"create or replace view {view['of_schema']}.{view['name']}{options}"
                f" as {view['definition']}"
            )
        old = ", ".join(f"{OLD}.{table}" for table in TABLES)
        await self._owner.execute(f"drop table {old}")
        await self._owner.execute(f"drop schema {OLD}")
        await self._owner.execute(f"drop schema {NEXT} cascade")
        await self._owner.execute(self._sql["wake_readers"])
        return int(await self._owner.fetchval(self._sql["raise_generation"]))

    async def _lock(self, tables: Sequence[str], mode: str, *, within: str) -> None:
        """Lock all of them or none, waiting no longer than that in all; also for what follows."""
        await self._owner.execute(f"set local lock_timeout = '{within}'")
        await self._owner.execute(f"set local statement_timeout = '{within}'")
        await self._owner.execute(f"lock table {', '.join(tables)} in {mode} mode")
        await self._owner.execute("set local statement_timeout = 0")

    async def _schema_version(self) -> int:
        return int(await self._owner.fetchval(self._sql["schema_version"]))
