"""What the database says: who wrote, and every cell."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeAlias

import asyncpg

from deploy.chaos.compare import Comparison, compared
from deploy.chaos.oracle import Count, Oracle
from deploy.demo.truth import Cell
from shared.postgres import queries

PATIENCE_S = 300  # a million cells take some seconds

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Witness:
    """Looks into one municipality's database as its owner, who sees everything."""

    def __init__(self, dsn: str, municipality: str) -> None:
        self._dsn = dsn
        self._municipality = municipality
        self._sql = queries("deploy.chaos")
        self._before: dict[Cell, Count] = {}

    async def install(self) -> None:
        """Watch from now on who moves a partition; what was counted until now is not compared."""
        async with self._connected() as connection:
            await connection.execute(self._sql["witness"])
            self._before = await self._cells(connection)

    async def overlaps(self) -> tuple[int, int]:
        """How many moves were not their owner's, and how many there were."""
        async with self._connected() as connection:
            overlaps = int(await connection.fetchval(self._sql["overlaps"]))
            return overlaps, int(await connection.fetchval(self._sql["writes"]))

    async def comparison(self, oracle: Oracle) -> Comparison:
        """Every cell beside the oracle's, all of one moment."""
        async with (
            self._connected() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            kept_from = await self._kept_from(connection)
            cells = await self._cells(connection)
        return compared(oracle.cells(), _since(self._before, cells), kept_from=kept_from)

    async def _cells(self, connection: Connection) -> dict[Cell, Count]:
        rows = await connection.fetch(self._sql["cells"], self._municipality)
        return {
            Cell(row["tier"], row["indicator"], row["bucket"], row["area"]): Count(
                row["reports"], row["incidents"]
            )
            for row in rows
        }

    async def _kept_from(self, connection: Connection) -> dict[str, datetime]:
        rows = await connection.fetch(self._sql["kept_from"])
        return {row["tier"]: row["kept_from"] for row in rows if row["kept_from"] is not None}

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        connection = await asyncpg.connect(self._dsn, timeout=10, command_timeout=PATIENCE_S)
        try:
            yield connection
        finally:
            await connection.close()


def _since(before: Mapping[Cell, Count], now: Mapping[Cell, Count]) -> Iterator[tuple[Cell, Count]]:
    """What has been added to each cell."""
    nothing = Count(0, 0)
    for cell in before.keys() | now.keys():
        was, is_now = before.get(cell, nothing), now.get(cell, nothing)
        if was != is_now:
            yield cell, Count(is_now.reports - was.reports, is_now.incidents - was.incidents)
