"""The recount behind `lagesbild audit`: are the cells what the event rows say?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from shared.postgres import queries


@dataclass(frozen=True, slots=True)
class DifferingCell:
    """A cell that does not hold what a recount gives.

    Unit: `bucket` UTC; the first two counts in reports, the others in incidents.
    """

    municipality: str
    tier: str
    indicator: str
    bucket: datetime
    area: str
    counted: int
    recounted: int
    counted_incidents: int
    recounted_incidents: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What a recount found; `differing` is empty when all is well."""

    events: int
    live_events: int
    cells: int
    dead_letters: int
    differing: tuple[DifferingCell, ...]

    @property
    def ok(self) -> bool:
        """Whether every cell is right."""
        return not self.differing

    def as_json(self) -> dict[str, Any]:
        """The audit for machines."""
        return {
            "ok": self.ok,
            "events": self.events,
            "live_events": self.live_events,
            "cells": self.cells,
            "dead_letters": self.dead_letters,
            "differing": [
                {
                    "municipality": cell.municipality,
                    "tier": cell.tier,
                    "indicator": cell.indicator,
                    "bucket": cell.bucket.isoformat(),
                    "area": cell.area,
                    "counted": cell.counted,
                    "recounted": cell.recounted,
                    "counted_incidents": cell.counted_incidents,
                    "recounted_incidents": cell.recounted_incidents,
                }
                for cell in self.differing
            ],
        }


async def recount(owner_dsn: str) -> Audit:
    """Count every live event again, in one consistent snapshot, while the service keeps running.

    Raises:
        asyncpg.PostgresError, OSError: the database does not answer.
    """
    sql = queries("services.aggregator", "audit.sql")
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute(sql["consistent"])
            totals = await connection.fetchrow(sql["totals"])
            rows = await connection.fetch(sql["differing"])
    finally:
        await connection.close()
    if totals is None:
        raise AssertionError("a select without from returns one row")
    return Audit(**dict(totals), differing=tuple(DifferingCell(**dict(row)) for row in rows))
