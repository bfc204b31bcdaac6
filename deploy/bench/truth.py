"""What must have been counted, from the generator's own knowledge, and where the tables differ.

Every cell is covered twice: summed over time per area, and summed over areas per bucket. The
database adds up, so that millions of cells need not be fetched.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg
import numpy as np

from deploy.bench import mix
from deploy.bench.history import TIERS, History
from shared.postgres import queries

PlaceSums = Mapping[tuple[str, str, str, str], int]
"""Reports by tier, municipality, indicator and area."""
BucketSums = Mapping[tuple[str, int], int]
"""Reports by tier and bucket. Unit: seconds since 1970."""


def place_sums(history: History) -> PlaceSums:
    """An event is in one cell of each tier, so each tier has the same sums."""
    now = history.current
    live = np.flatnonzero(now.live)
    areas, indicators = len(mix.AREAS), len(mix.INDICATORS)
    number = now.municipality[live].astype(np.int64) * indicators + now.indicator[live]
    found, counts = np.unique(number * areas + now.area[live], return_counts=True)
    sums: dict[tuple[str, str, str, str], int] = {}
    for one, count in zip(found.tolist(), counts.tolist(), strict=True):
        rest, area = divmod(one, areas)
        municipality, indicator = divmod(rest, indicators)
        place = (mix.MUNICIPALITIES[municipality], mix.INDICATORS[indicator], mix.AREAS[area])
        sums.update({(tier.value, *place): count for tier in TIERS})
    return sums


def bucket_sums(history: History) -> BucketSums:
    """How many live events each bucket of each tier has."""
    now = history.current
    occurred = history.occurred(now)[now.live]
    sums: dict[tuple[str, int], int] = {}
    for tier in TIERS:
        found, counts = np.unique(history.bucket(tier, occurred), return_counts=True)
        pairs = zip(found.tolist(), counts.tolist(), strict=True)
        sums.update({(tier.value, bucket): count for bucket, count in pairs})
    return sums


def differing(true: Mapping[Any, int], counted: Mapping[Any, int]) -> int:
    """How many sums are not what they must be, in either direction; absent is zero."""
    return sum(true.get(key, 0) != counted.get(key, 0) for key in true.keys() | counted.keys())


async def wrong_sums(dsn: str, history: History) -> int:
    """How many sums of the database are wrong; a missing or a surplus event is one, too."""
    sql = queries("deploy.bench")
    connection = await asyncpg.connect(dsn)
    try:
        places = await connection.fetch(sql["place_sums"])
        buckets = await connection.fetch(sql["bucket_sums"])
        rows = await connection.fetchval(sql["rows"])
    finally:
        await connection.close()
    found_places = {tuple(row)[:4]: int(row["reports"]) for row in places}
    found_buckets = {(row["tier"], _seconds(row["bucket"])): int(row["reports"]) for row in buckets}
    return (
        differing(place_sums(history), found_places)
        + differing(bucket_sums(history), found_buckets)
        + abs(int(rows) - history.events)
    )


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
