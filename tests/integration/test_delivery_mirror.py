"""The cells in memory on real PostgreSQL: every change once, and only for whom it may be."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import asyncpg
import pytest

from deploy.schema.register import register
from services.delivery.domain.selection import Selection
from services.delivery.domain.view import Audience, Plan, plan
from services.delivery.store.mirror import Mirror
from shared.api_keys import ApiKeys, new_key
from shared.pack.model import Sensitivity
from shared.postgres import Connection, Pool, new_pool
from shared.windows import Tier, Window, floored
from tests.support.delivery import COUNT, a_pack, owner_executes
from tests.support.servers import Database

PACK = a_pack()
FIRE = Audience(PACK.code, "fire")
SOCIAL = Audience(PACK.code, "social")
PLACES = [(PACK.code, code, "101") for code in ("bins", "houses", "special")]


@dataclass
class World:
    """A registered pack with numbered places, a mirror, and who asks it."""

    database: Database
    pool: Pool
    mirror: Mirror = field(default_factory=Mirror)

    async def total(
        self,
        code: str = "bins",
        window: Window = Window.D7,
        *,
        audience: Audience = FIRE,
        mirror: Mirror | None = None,
    ) -> int:
        """The reports of one indicator in the town."""
        asked = Selection((code,), None, 1, (window,))
        planned = plan(PACK, asked, actor=audience.actor, as_of=datetime.now(UTC))
        return await self.read(planned, audience, mirror or self.mirror)

    @staticmethod
    async def _sum(
        mirror: Mirror, connection: Connection, planned: Plan, audience: Audience
    ) -> int:
        return sum(one.reports for _, one in await mirror.sums(connection, planned, audience))

    async def read(self, planned: Plan, audience: Audience, mirror: Mirror) -> int:
        return await mirror.transaction(
            self.pool,
            lambda connection: self._sum(mirror, connection, planned, audience),
            municipality=audience.municipality,
        )

    @asynccontextmanager
    async def session(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """One who counts, on a connection of its own."""
        connection = await asyncpg.connect(self.database.owner_dsn)
        try:
            yield connection
        finally:
            await connection.close()

    async def execute(self, statement: str, *values: Any) -> None:
        await owner_executes(self.database, statement, [values])


async def count(
    connection: "asyncpg.Connection[Any]",
    reports: int = 1,
    *,
    code: str = "bins",
    ago: timedelta = timedelta(minutes=5),
) -> None:
    at = floored(datetime.now(UTC) - ago, Tier.MINUTE)
    await connection.execute(COUNT, PACK.code, code, "101", at, reports, lane_of(connection))


def lane_of(connection: "asyncpg.Connection[Any]") -> int:
    """Each has one of its own, as aggregators have, so that none waits for another."""
    return connection.get_server_pid() % 30_000


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    keys = ApiKeys(
        actors={actor: {"report": new_key(), "read": new_key()} for actor in PACK.actors},
        owner=new_key(),
    )
    await register(database.owner_dsn, PACK, keys=keys)
    await owner_executes(
        database,
        "insert into counting.series (municipality, indicator, area) values ($1, $2, $3)",
        PLACES,
    )
    async with await new_pool(database.dsn("lagesbild_delivery"), application="test") as pool:
        yield World(database, pool)


async def test_a_lower_transaction_that_commits_after_a_higher_one_is_not_lost(
    world: World,
) -> None:
    async with world.session() as first, world.session() as second, world.session() as third:
        await count(third, 1)
        assert await world.total() == 1
        lower, higher = first.transaction(), second.transaction()
        await lower.start()
        await count(first, 10)  # it has its number now
        await higher.start()
        await count(second, 100, code="houses")
        await higher.commit()
        await count(third, 1000)
        for _ in range(2):
            assert (await world.total(), await world.total("houses")) == (1001, 100)
        await lower.commit()
        for _ in range(2):
            assert (await world.total(), await world.total("houses")) == (1011, 100)
        undone = first.transaction()
        await undone.start()
        await count(first, 10_000)
        assert await world.total() == 1011
        await undone.rollback()
        assert await world.total() == 1011


async def test_many_open_transactions_commit_in_any_order_and_each_counts_once(
    world: World,
) -> None:
    dice = random.Random(3)
    async with AsyncExitStack() as stack:
        counting = [await stack.enter_async_context(world.session()) for _ in range(6)]
        opened: dict[int, tuple[Any, int]] = {}
        committed = 0
        assert await world.total() == 0
        for _ in range(60):
            who = dice.randrange(len(counting))
            if who not in opened:
                transaction = counting[who].transaction()
                await transaction.start()
                reports = dice.randrange(1, 50)
                await count(counting[who], reports)
                opened[who] = transaction, reports
            else:
                transaction, reports = opened.pop(who)
                if dice.random() < 0.2:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    committed += reports
            if dice.random() < 0.6:
                assert await world.total() == committed
        for transaction, reports in opened.values():
            await transaction.commit()
            committed += reports
        assert await world.total() == committed == await world.total(mirror=Mirror())


async def test_another_generation_of_the_tables_is_read_anew(world: World) -> None:
    async with world.session() as counting:
        await count(counting, 5)
        assert await world.total() == 5
        async with counting.transaction():
            for table in ("change", "hour_cell", "day_cell"):
                await counting.execute(f"update counting.{table} set reports = 7")
            await counting.execute("update counting.generation set generation = 2")
        assert await world.total() == 7


async def test_after_a_restore_nothing_of_before_is_followed(world: World) -> None:
    """One rebuild ran since the backup: by ones, the restored generation would be the held one."""
    text = files("deploy.backup").joinpath("sql", "after_restore.sql").read_text(encoding="utf-8")
    async with world.session() as counting:
        await count(counting, 5)
        await counting.execute("update counting.generation set generation = 2")
        assert await world.total() == 5
        async with counting.transaction():
            for table in ("change", "hour_cell", "day_cell"):
                await counting.execute(f"update counting.{table} set reports = 7")
            await counting.execute("update counting.generation set generation = 1")
            await counting.execute(
                "select set_config('lagesbild.made_at', now()::text, true),"
                " set_config('lagesbild.sha256', '', true)"
            )
            await counting.execute(text)
        for _ in range(2):
            assert await world.total() == 7


async def test_after_a_crash_of_the_database_the_cells_are_read_anew(world: World) -> None:
    """A number that was seen as aborted may be given again: no snapshot can tell."""
    written = "update counting.{} set reports = $1"  # past the feed: only reading anew shows it
    async with world.session() as counting:

        async def write(reports: int) -> None:
            for table in ("change", "hour_cell", "day_cell"):
                await counting.execute(written.format(table), reports)

        await count(counting, 5)
        assert await world.total() == 5
        await write(7)
        assert await world.total() == 5
        (copy,) = world.mirror._towns[PACK.code].copies.values()
        generation, _, since = copy.edition.split(" ")
        copy.edition = f"{generation} 1767225600.000000 {since}"  # the server was started again
        assert await world.total() == 7
        await write(9)
        assert await world.total() == 7
        await counting.execute("select pg_stat_reset_shared('wal')")  # as every recovery does
        assert await world.total() == 9


async def test_what_may_have_been_dropped_before_it_was_seen_is_read_anew(world: World) -> None:
    async with world.session() as counting:
        await count(counting, 1)
        assert await world.total() == 1
        await count(counting, 10, ago=timedelta(days=5))
        await counting.execute(
            "update counting.tier set settled = pg_snapshot_xmax(pg_current_snapshot())"
            " where tier = 'minute'"
        )
        await counting.execute("delete from counting.change where reports = 10")
        assert await world.total() == 11
        await count(counting, 100)
        assert await world.total() == 111


async def test_a_database_whose_snapshots_went_backwards_is_read_anew(world: World) -> None:
    """As one that was restored: its next transactions have numbers that were seen already."""
    async with world.session() as counting:
        await count(counting, 1)
        assert await world.total() == 1
        for copy in world.mirror._towns[PACK.code].copies.values():
            copy.seen = "900000:900000:"
        for table in ("change", "hour_cell", "day_cell"):
            await counting.execute(f"update counting.{table} set reports = 3")
        assert await world.total() == 3
        await count(counting, 10)
        assert await world.total() == 13


async def test_a_clearance_that_is_taken_back_is_without_effect_at_the_next_reading(
    world: World,
) -> None:
    away = "delete from registry.clearance where actor = $1 and sensitivity = $2"
    back = "insert into registry.clearance values ($1, $2, $3)"
    async with world.session() as counting:
        await count(counting, 4, code="houses")
        await count(counting, 2, code="special", ago=timedelta(days=2))
        assert await world.total("houses") == 4
        assert await world.total("special", Window.D30, audience=SOCIAL) == 2
        await world.execute(away, "fire", "S1")
        assert await world.total("houses") == 0
        assert await world.total("special", Window.D30, audience=SOCIAL) == 2
        await count(counting, 40, code="houses")
        await world.execute(back, PACK.code, "fire", "S1")
        assert await world.total("houses") == 44
    # Whoever is not cleared gets nothing of what is in memory, also if the pack says otherwise.
    planned = plan(
        PACK,
        Selection(("special",), None, 1, (Window.D30,)),
        actor="social",
        as_of=datetime.now(UTC),
    )
    assert await world.read(planned, FIRE, world.mirror) == 0


async def test_an_indicator_whose_class_changes_moves_to_the_other_copy(world: World) -> None:
    async with world.session() as counting:
        await count(counting, 4, code="houses")
        assert (await world.total("houses"), await world.total()) == (4, 0)
        await counting.execute(
            "update registry.indicator set sensitivity = 'S0' where indicator = 'houses'"
        )
        await count(counting, 10, code="houses")
        assert (await world.total("houses"), await world.total()) == (14, 0)
        held = world.mirror._towns[PACK.code].copies
        assert "houses" in held[Sensitivity.S0].indicators


async def test_a_place_that_is_new_is_followed(world: World) -> None:
    async with world.session() as counting:
        assert await world.total() == 0
        await counting.execute(
            "insert into counting.series (municipality, indicator, area)"
            " values ('0001', 'bins', '201'), ('0002', 'bins', '201')"
        )
        at = datetime.now(UTC) - timedelta(minutes=2)
        for municipality in ("0001", "0002"):
            await counting.execute(COUNT, municipality, "bins", "201", at, 3, 0)
        assert await world.total() == 3


async def test_a_reading_that_is_cancelled_changes_nothing(world: World) -> None:
    dice = random.Random(4)
    async with world.session() as counting:
        await count(counting, 1)
        expected = await world.total()
        began = time.perf_counter()
        for _ in range(5):
            await world.total()
        takes = (time.perf_counter() - began) / 5
        cancelled = 0
        for step in range(60):
            await count(counting, step)
            expected += step
            reading = asyncio.create_task(world.total())
            await asyncio.sleep(dice.random() * takes)
            reading.cancel()
            (ended,) = await asyncio.gather(reading, return_exceptions=True)
            was_in_time = isinstance(ended, asyncio.CancelledError)
            cancelled += was_in_time
            takes *= 1.25 if was_in_time else 0.8  # a busy machine may have been slow just before
            if step % 6 == 0:
                assert await world.total() == expected
        assert await world.total() == expected
        assert cancelled > 5


async def test_readers_at_once_never_see_less_than_before_they_asked(world: World) -> None:
    """Eight readers, two of them with a copy of their own, while three count without a pause."""
    written = started = 0
    going_on = True
    others = [Mirror(), Mirror()]

    async def write() -> None:
        nonlocal written, started
        async with world.session() as counting:
            while going_on:
                started += 1
                async with counting.transaction():
                    await count(counting, 1)
                written += 1

    async def read(mirror: Mirror) -> None:
        for _ in range(25):
            before = written
            found = await world.total(mirror=mirror)
            assert before <= found <= started

    writers = [asyncio.create_task(write()) for _ in range(3)]
    await asyncio.gather(*(read(mirror) for mirror in [world.mirror] * 6 + others))
    going_on = False
    await asyncio.gather(*writers)
    totals = [await world.total(mirror=mirror) for mirror in (world.mirror, *others, Mirror())]
    assert totals == [written] * 4
    assert written > 20


async def test_an_error_of_the_database_leaves_nothing_half_followed(world: World) -> None:
    async with world.session() as counting:
        await count(counting, 1)
        assert await world.total() == 1
        await counting.execute("revoke select on counting.change from lagesbild_delivery")
        await count(counting, 10)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await world.total()
        assert world.mirror.cells == 0
        await counting.execute("grant select on counting.change to lagesbild_delivery")
        assert await world.total() == 11


async def test_an_error_after_the_reading_throws_away_what_was_read(world: World) -> None:
    """Of this municipality alone: nobody knows what the database has lost of it."""

    async def read_and_fail(connection: Connection) -> None:
        selection = Selection(("bins",), None, 1, (Window.D7,))
        planned = plan(PACK, selection, actor="fire", as_of=datetime.now(UTC))
        await world.mirror.sums(connection, planned, FIRE)
        assert world.mirror.cells
        await connection.execute("select 1 / 0")

    async with world.session() as counting:
        await count(counting, 1)
        assert await world.total() == 1
        for municipality, is_held in (("0002", True), (PACK.code, False)):
            with pytest.raises(asyncpg.DivisionByZeroError):
                await world.mirror.transaction(world.pool, read_and_fail, municipality=municipality)
            assert bool(world.mirror.cells) is is_held
        assert await world.total() == 1


async def test_to_follow_is_planned_once_and_looks_up_what_has_changed(world: World) -> None:
    """To plan at each asking, or to collect every cleared series for ten rows, takes most of it."""
    async with world.session() as counting:
        await counting.execute(
            "insert into counting.series (municipality, indicator, area)"
            " select $1, 'bins', '1' || number from generate_series(1000, 3000) as number",
            PACK.code,
        )
        await counting.execute(
            "insert into counting.change (xact, minute, series, reports, incidents)"
            " select number::text::xid8, 0, 1, 1, 1 from generate_series(1, 20000) as number"
        )
        await counting.execute("analyze counting.series, counting.change")
        dsn = world.database.dsn("lagesbild_delivery")
        async with await new_pool(dsn, application="test", most=1) as pool:
            alone = World(world.database, pool)
            for total in range(1, 8):
                await count(counting)
                assert await alone.total() == total
            async with pool.acquire() as connection, connection.transaction():
                (told,) = await connection.fetch(
                    "select name, custom_plans, generic_plans from pg_prepared_statements"
                    " where statement like $1",
                    "%pg_visible_in_snapshot%",
                )
                assert (told["custom_plans"], told["generic_plans"] > 6) == (0, True)
                await connection.execute("set local plan_cache_mode = force_generic_plan")
                lines = await connection.fetch(
                    f"explain (costs off) execute {told['name']}('1:1:')"
                )
    how = "\n".join(line[0] for line in lines)
    assert "Index Scan using change_xact" in how
    assert not any("series" in line and "hashed" in line for line in how.splitlines())
