"""What the database says, beside what the truth says."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from deploy.demo.draft import Telling
from deploy.demo.truth import Cell, Truth
from shared.postgres import queries

CHUNK = 5_000  # events asked for at once

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True, slots=True)
class Findings:
    """The result of the audit. Shape: all is well if nothing is wrong and the lives agree."""

    events_counted: int
    events_true: int
    events_wrong: int
    cells_checked: int
    cells_wrong: int

    @property
    def ok(self) -> bool:
        """Whether every accepted report is counted exactly once, and nothing besides."""
        agree = self.events_counted == self.events_true
        return agree and self.events_wrong == 0 and self.cells_wrong == 0


class Auditor:
    """Reads one municipality's counts as the owner of the database."""

    def __init__(
        self, dsn: str, municipality: str, *, event_id: Callable[[str, str], UUID]
    ) -> None:
        self._dsn = dsn
        self._municipality = municipality
        self._event_id = event_id
        self._sql = queries("deploy.demo")

    async def live_events(self) -> int:
        """How many events count now."""
        connection = await self._connected()
        try:
            return await self._live(connection)
        finally:
            await connection.close()

    async def missing(self, tellings: Sequence[Telling]) -> list[Telling]:
        """Those of the tellings that the counts do not rest on yet."""
        connection = await self._connected()
        try:
            return [
                telling
                async for telling, row in self._rows(connection, "versions", tellings)
                if row is None or row["version"] < telling.version
            ]
        finally:
            await connection.close()

    async def findings(self, truth: Truth) -> Findings:
        """Compare every event and every cell of every tier with the truth."""
        connection = await self._connected()
        try:
            wrong_events = 0
            winners = list(truth.winners.values())
            async for telling, row in self._rows(connection, "states", winners):
                wrong_events += row is None or not _agrees(truth, telling, row)
            cells = await self._cells(connection)
            live = await self._live(connection)
        finally:
            await connection.close()
        checked, wrong = compared(truth.cells(), cells)
        return Findings(
            events_counted=live,
            events_true=sum(1 for _ in truth.live()),
            events_wrong=wrong_events,
            cells_checked=checked,
            cells_wrong=wrong,
        )

    async def _connected(self) -> Connection:
        return await asyncpg.connect(self._dsn, timeout=5, command_timeout=60)

    async def _live(self, connection: Connection) -> int:
        return int(await connection.fetchval(self._sql["live_events"], self._municipality))

    async def _cells(self, connection: Connection) -> dict[Cell, int]:
        rows = await connection.fetch(self._sql["cells"], self._municipality)
        return {
            Cell(row["tier"], row["indicator"], row["bucket"], row["area"]): row["reports"]
            for row in rows
        }

    async def _rows(
        self, connection: Connection, query: str, tellings: Sequence[Telling]
    ) -> AsyncIterator[tuple[Telling, Any]]:
        """Each telling with the row of its event, if there is one."""
        for chunk in _chunks(tellings):
            ids = [self._event_id(one.actor, one.own_id) for one in chunk]
            found = {row["event_id"]: row for row in await connection.fetch(self._sql[query], ids)}
            for telling, event in zip(chunk, ids, strict=True):
                yield telling, found.get(event)


def compared(true: Mapping[Cell, int], found: Mapping[Cell, int]) -> tuple[int, int]:
    """How many cells were checked, and how many of them are wrong: all that either side knows."""
    every = {*true, *found}
    return len(every), sum(true.get(cell, 0) != found.get(cell, 0) for cell in every)


def _agrees(truth: Truth, telling: Telling, row: Mapping[str, Any]) -> bool:
    """Whether the event's row is what the telling says it must be."""
    expected: tuple[str | None, datetime | None, str | None] = (None, None, None)
    if counted := truth.counted(telling):
        expected = (counted.indicator, counted.at, counted.area)
    return (
        row["version"] == telling.version
        and row["live"] is telling.is_live
        and (row["indicator"], row["occurred_at"], row["area"]) == expected
    )


def _chunks(tellings: Sequence[Telling]) -> Iterator[list[Telling]]:
    remaining = iter(tellings)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
