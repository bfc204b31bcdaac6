"""Retention drops what no window reaches, and nothing becomes wrong by it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import prometheus_client

from services.aggregator.audit import recount
from services.aggregator.domain.retention import LEAST_DAYS
from services.aggregator.retention import Retention
from services.aggregator.store import SESSION
from shared.messages.event import Event, Placement
from shared.postgres import new_pool
from shared.windows import Tier, Window, segments
from tests.support.counting import Counter
from tests.support.servers import Database

NOW = datetime(2026, 11, 1, 9, 17, tzinfo=UTC)
AGES = (0, 1, 3, 5, 30, 40, 300, 360, 380, 800)  # days


def an_event(number: int, at: datetime, *, version: int = 1, area: str = "101") -> Event:
    return Event(UUID(int=number), version, "9998", True, "arson", area, at, True, Placement.NYKO)


@asynccontextmanager
async def a_pool(database: Database) -> AsyncIterator["asyncpg.Pool[Any]"]:
    pool = await new_pool(database.dsn("lagesbild_aggregator"), application="test", session=SESSION)
    async with pool:
        yield pool


def retention(pool: "asyncpg.Pool[Any]", **options: Any) -> Retention:
    return Retention(pool, days=LEAST_DAYS, unseen_seconds=0, **options)


async def over(pool: "asyncpg.Pool[Any]") -> None:
    """Nobody on the server, its own analyzing among them, is older than the changes any more."""
    query = "select max(xact) < pg_snapshot_xmin(pg_current_snapshot()) from counting.change"
    while await pool.fetchval(query) is False:
        await asyncio.sleep(0.02)


async def two_rounds(
    pool: "asyncpg.Pool[Any]", *, keeping: Retention | None = None, now: datetime = NOW
) -> dict[Tier, int]:
    """Changes go in the second round: in the first their transaction may still be unseen."""
    keeping = keeping or retention(pool)
    await over(pool)
    first, second = await keeping.round(now), await keeping.round(now)
    assert first is not None
    assert second is not None
    return {tier: first[tier] + second[tier] for tier in Tier}


async def windows(pool: "asyncpg.Pool[Any]") -> dict[str, int]:
    """What every window holds, by the rule of `shared.windows` and the view of cells."""
    async with pool.acquire() as connection:
        found = {}
        for window in Window:
            found[window.value] = sum(
                [
                    await connection.fetchval(
                        "select coalesce(sum(reports), 0)::int from counting.cell"
                        " where tier = $1 and bucket >= $2 and bucket < $3",
                        part.tier,
                        part.start,
                        part.end,
                    )
                    for part in segments(window, NOW, grain=Tier.MINUTE)
                ]
            )
        return found


def at_ages() -> list[Event]:
    return [
        an_event(number, NOW - timedelta(days=days, minutes=1))
        for number, days in enumerate(AGES, 1)
    ]


async def rows(database: Database) -> dict[str, int]:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        return {
            table: await connection.fetchval(f"select count(*) from counting.{table}")
            for table in ("change", "hour_cell", "day_cell")
        }
    finally:
        await connection.close()


async def test_windows_and_audit_are_the_same_before_and_after_a_round(database: Database) -> None:
    async with a_pool(database) as pool:
        await Counter(pool).count(*at_ages())
        before = await windows(pool)
        assert before["24h"] == 1
        assert before["7d"] == 4
        assert before["30d"] == 5  # its start is floored to the hour
        assert before["12mo"] == 8
        dropped = await two_rounds(pool)
        assert dropped == {Tier.MINUTE: 8, Tier.HOUR: 5, Tier.DAY: 2}
        assert await rows(database) == {"change": 2, "hour_cell": 5, "day_cell": 8}
        assert await windows(pool) == before
        audit = await recount(database.owner_dsn)
        assert audit.ok
        assert audit.live_events == len(AGES)


async def test_what_is_older_is_not_read_even_before_it_is_deleted(database: Database) -> None:
    async with a_pool(database) as pool:
        await Counter(pool).count(*at_ages())
        connection = await asyncpg.connect(database.owner_dsn)
        try:
            await retention(pool).round(NOW)  # changes are still there
            assert await connection.fetchval("select count(*) from counting.change") == len(AGES)
            count = "select count(*) from counting.cell where tier = 'minute'"
            assert await connection.fetchval(count) == 2
        finally:
            await connection.close()
        assert (await recount(database.owner_dsn)).ok


async def test_an_event_whose_minute_is_gone_can_be_corrected(database: Database) -> None:
    async with a_pool(database) as pool:
        counter = Counter(pool)
        await counter.count(*at_ages())
        await two_rounds(pool)
        old = NOW - timedelta(days=5)
        await counter.count(
            an_event(4, old, version=2, area="102"),  # within the gone
            an_event(9, NOW - timedelta(minutes=3), version=2),  # from gone days to now
            an_event(1, old, version=2),  # from now into the gone
            an_event(99, NOW - timedelta(days=900)),  # late beyond everything
        )
        assert (await recount(database.owner_dsn)).ok
        kept = await windows(pool)
        assert kept["24h"] == 1
        await two_rounds(pool)
        assert (await recount(database.owner_dsn)).ok
        assert await windows(pool) == kept


async def test_rows_go_some_at_a_time(database: Database) -> None:
    async with a_pool(database) as pool:
        counter = Counter(pool)
        old = NOW - timedelta(days=900)
        for batch in range(4):
            numbers = range(1 + batch * 500, 1 + (batch + 1) * 500)
            await counter.count(*(an_event(n, old + timedelta(hours=n)) for n in numbers))
        small = retention(pool, rows=100, blocks=1)
        seen: list[tuple[str, int]] = []
        told = small._dropped

        async def watched(connection: Any, tier: Tier, statement: str, *values: int) -> int:
            dropped = await told(connection, tier, statement, *values)
            seen.append((tier, dropped))
            return dropped

        small._dropped = watched  # type: ignore[method-assign]
        dropped = await two_rounds(pool, keeping=small, now=NOW + timedelta(days=900))
        assert dropped == {Tier.MINUTE: 2000, Tier.HOUR: 2000, Tier.DAY: 84}
        assert max(count for _, count in seen) <= 250
        assert len(seen) > 25


async def test_a_row_that_is_being_counted_in_is_left_to_the_next_round(
    database: Database,
) -> None:
    async with a_pool(database) as pool:
        await Counter(pool).count(*at_ages())
        connection = await asyncpg.connect(database.owner_dsn)
        try:
            async with connection.transaction():
                await connection.execute("select * from counting.hour_cell for update")
                found = await asyncio.wait_for(retention(pool).round(NOW), 20)
                assert found is not None
                assert found[Tier.HOUR] == 0
        finally:
            await connection.close()
        assert (await two_rounds(pool))[Tier.HOUR] == 5


async def test_two_instances_do_not_work_at_once(database: Database) -> None:
    async with a_pool(database) as one, a_pool(database) as other:
        await Counter(one).count(*at_ages())
        holding, going_on = asyncio.Event(), asyncio.Event()
        slow = retention(one)
        work = slow._round

        async def waits(*given: Any) -> Any:
            holding.set()
            await going_on.wait()
            return await work(*given)

        slow._round = waits  # type: ignore[assignment,method-assign]
        first = asyncio.create_task(slow.round(NOW))
        await holding.wait()
        assert await retention(other).round(NOW) is None
        going_on.set()
        assert await first is not None
        assert await retention(other).round(NOW) is not None
        assert (await recount(database.owner_dsn)).ok


async def test_changes_stay_until_everybody_who_follows_has_had_time_to_see_them(
    database: Database,
) -> None:
    async with a_pool(database) as pool:
        counter = Counter(pool)
        await counter.count(*at_ages())
        patient = Retention(pool, days=LEAST_DAYS, unseen_seconds=600)
        await over(pool)
        for _ in range(3):
            found = await patient.round(NOW)
            assert found is not None
            assert found[Tier.MINUTE] == 0
        connection = await asyncpg.connect(database.owner_dsn)
        try:
            await connection.execute(
                "update counting.tier set remembered_at = remembered_at - interval '11 minutes'"
            )
            await counter.count(an_event(500, NOW - timedelta(days=20)))  # after what is remembered
            found = await patient.round(NOW)
            assert found is not None
            assert found[Tier.MINUTE] == 8
            settled = "select settled > '0' from counting.tier where tier = 'minute'"
            assert await connection.fetchval(settled)
        finally:
            await connection.close()
        assert (await rows(database))["change"] == 3


async def test_kept_from_never_goes_back(database: Database) -> None:
    async with a_pool(database) as pool:
        await retention(pool).round(NOW)
        await Retention(pool, days=dict.fromkeys(Tier, 3000)).round(NOW)
        connection = await asyncpg.connect(database.owner_dsn)
        try:
            oldest = await connection.fetchval("select min(kept_from) from counting.tier")
        finally:
            await connection.close()
        assert oldest > NOW - timedelta(days=369)


async def test_dropped_rows_are_told_per_tier(database: Database) -> None:
    def told(tier: Tier) -> float:
        name = "lagesbild_cells_dropped_total"
        return prometheus_client.REGISTRY.get_sample_value(name, {"tier": tier}) or 0.0

    async with a_pool(database) as pool:
        await Counter(pool).count(*at_ages())
        before = {tier: told(tier) for tier in Tier}
        dropped = await two_rounds(pool)
        assert {tier: told(tier) - before[tier] for tier in Tier} == dropped
