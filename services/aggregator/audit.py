"""The recount behind `lagesbild audit`: do cells and statistics hold what was received?"""

from dataclasses import asdict, dataclass
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
class DifferingStatistic:
    """A key whose standing figure is not its newest version; the figures themselves are not told.

    Shape: a version is None where that side has none; both may be equal, and the figures not.
    """

    municipality: str
    indicator: str
    period: str
    area: str
    actor: str
    held_version: int | None
    newest_version: int | None


@dataclass(frozen=True, slots=True)
class Audit:
    """What a recount found; nothing is differing when all is well."""

    events: int
    live_events: int
    cells: int
    statistics: int
    dead_letters: int
    differing: tuple[DifferingCell, ...]
    differing_statistics: tuple[DifferingStatistic, ...]

    @property
    def ok(self) -> bool:
        """Whether every cell and every statistic is right."""
        return not self.differing and not self.differing_statistics

    def as_json(self) -> dict[str, Any]:
        """The audit for machines."""
        return {
            "ok": self.ok,
            "events": self.events,
            "live_events": self.live_events,
            "cells": self.cells,
            "statistics": self.statistics,
            "statistics_wrong": len(self.differing_statistics),
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
            "differing_statistics": [asdict(one) for one in self.differing_statistics],
        }


async def recount(owner_dsn: str) -> Audit:
    """Count every live event again, and look for each statistic's newest version, in one snapshot.

    The service keeps running meanwhile.

    Raises:
        asyncpg.PostgresError, OSError: the database does not answer.
    """
    sql = queries("services.aggregator", "audit.sql")
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute(sql["consistent"])
            totals = await connection.fetchrow(sql["totals"])
            cells = await connection.fetch(sql["differing"])
            statistics = await connection.fetch(sql["differing_statistics"])
    finally:
        await connection.close()
    if totals is None:
        raise AssertionError("a select without from returns one row")
    return Audit(
        **dict(totals),
        differing=tuple(DifferingCell(**dict(row)) for row in cells),
        differing_statistics=tuple(DifferingStatistic(**dict(row)) for row in statistics),
    )
