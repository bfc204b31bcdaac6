"""Statistics in PostgreSQL: which version holds, who may write, who may see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.schema.register import register
from services.aggregator.audit import recount
from services.aggregator.domain.plan import Advance, Extent
from services.aggregator.domain.statistics import PlacedStatistic, StatisticPlan
from services.aggregator.statistic_store import StatisticStore
from services.aggregator.store import CountStore
from shared.api_keys import ApiKeys, new_key
from shared.errors import Fenced
from shared.messages.statistic import Statistic
from shared.pack import load_pack
from shared.postgres import new_pool
from tests.support.delivery import owner_executes, owner_reads
from tests.support.servers import Database
from tests.support.statistics import (
    NOON,
    STANDING,
    VERSIONS,
    a_pack_that_clears_police,
    a_statistic,
    withdrawn,
)


@asynccontextmanager
async def a_store(database: Database, *, owner: str = "a") -> AsyncIterator["Kept"]:
    pool = await new_pool(database.dsn("lagesbild_aggregator"), application="test")
    async with pool:
        counting = CountStore(pool, consumer="group", topic="statistics", log_id="log", owner=owner)
        yield Kept(counting, StatisticStore(counting))


@dataclass
class Kept:
    """One partition of a log, written batch by batch."""

    counting: CountStore
    store: StatisticStore
    epoch: int = 0
    next_offset: int = 0

    async def claim(self) -> None:
        claimed = await self.counting.claim(0, Extent(0, 1 << 40))
        self.epoch, self.next_offset = claimed.claim.epoch, claimed.claim.next_offset

    async def write(self, *statistics: Statistic) -> int:
        end = self.next_offset + max(1, len(statistics))
        best: dict[tuple[bytes, int], PlacedStatistic] = {}
        for at, one in enumerate(statistics):
            placed = PlacedStatistic(one, 0, self.next_offset + at)
            best.setdefault((one.key, one.version), placed)
        step = Advance(0, self.epoch, self.next_offset, end)
        placed_in_order = tuple(best[key] for key in sorted(best))
        changed = await self.store.write(
            StatisticPlan((step,), placed_in_order, (), len(statistics))
        )
        self.next_offset = end
        return changed


async def test_the_same_figures_sent_again_change_nothing(database: Database) -> None:
    async with a_store(database) as kept:
        await kept.claim()
        assert await kept.write(a_statistic(1)) == 1
        before = await owner_reads(database, STANDING)
        assert await kept.write(a_statistic(1)) == 0  # the same version
        assert await owner_reads(database, STANDING) == before
        assert await kept.write(a_statistic(2)) == 0  # another version, the same numbers
        assert [row[1:] for row in await owner_reads(database, STANDING)] == [
            row[1:] for row in before
        ]
        assert await kept.write(a_statistic(3, denominator=41)) == 1
        assert (await owner_reads(database, STANDING))[0][-1] == NOON + timedelta(minutes=3)


async def test_a_withdrawn_figure_stays_known_and_a_stale_copy_cannot_revive_it(
    database: Database,
) -> None:
    async with a_store(database) as kept:
        await kept.claim()
        await kept.write(a_statistic(1))
        assert await kept.write(withdrawn(3)) == 1
        assert await kept.write(a_statistic(2), a_statistic(1)) == 0
        assert [row[:3] for row in await owner_reads(database, STANDING)] == [(3, False, None)]
        assert await kept.write(a_statistic(4)) == 1
        assert [row[:3] for row in await owner_reads(database, STANDING)] == [(4, True, 3)]


DRIFTS = {
    "111": "update counting.statistic set numerator = 9 where area = '111'",
    "112": "update counting.statistic set version = 1 where area = '112'",
    "113": "update counting.statistic set standing_since = now() where area = '113'",
    "114": "delete from counting.statistic where area = '114'",
    "115": "delete from counting.statistic_version where area = '115'",
}


async def test_an_audit_lists_every_figure_that_is_not_its_newest_version(
    database: Database,
) -> None:
    async with a_store(database) as kept:
        await kept.claim()
        for area in (*DRIFTS, "116"):
            await kept.write(*(a_statistic(number, area=area, numerator=5) for number in (3, 2)))
            await kept.write(a_statistic(1, area=area))
        await kept.write(withdrawn(4, area="114"), withdrawn(4, area="116"))
    found = await recount(database.owner_dsn)
    assert (found.ok, found.statistics) == (True, 6)
    for drift in DRIFTS.values():
        await owner_executes(database, drift)
    found = await recount(database.owner_dsn)
    told = [(one.area, one.held_version, one.newest_version) for one in found.differing_statistics]
    wrong = [("111", 3, 3), ("112", 1, 3), ("113", 3, 3), ("114", None, 4), ("115", 3, None)]
    assert (found.ok, told) == (False, wrong)
    assert found.as_json()["statistics_wrong"] == len(wrong)


changes = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from([None, 1, 2]), st.sampled_from(["111", "112"])),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes, st.integers(1, 4))
async def test_neither_order_nor_batches_make_a_difference(
    database: Database, log: list[tuple[int, int | None, str]], size: int
) -> None:
    """What stands follows from the versions alone; an oracle tells it by sorting them."""
    statistics = []
    for place, (version, numerator, area) in enumerate(log):
        came = NOON + timedelta(minutes=place)  # in the order of the log, not of the versions
        statistics.append(
            withdrawn(version, area=area, received_at=came)
            if numerator is None
            else a_statistic(version, area=area, numerator=numerator, received_at=came)
        )
    connection = await asyncpg.connect(database.owner_dsn)
    await connection.execute("truncate counting.statistic, counting.statistic_version")
    await connection.close()
    async with a_store(database) as kept:
        await kept.claim()
        for start in range(0, len(statistics), size):
            await kept.write(*statistics[start : start + size])
    expected = []
    for area in sorted({one.area for one in statistics}):
        first: dict[int, Statistic] = {}
        for one in statistics:
            if one.area == area:
                first.setdefault(one.version, one)
        versions = [first[number] for number in sorted(first, reverse=True)]
        top = versions[0]
        since = top.received_at
        for one in versions:
            if (one.live, one.numerator) != (top.live, top.numerator):
                break
            since = one.received_at
        expected.append((top.version, top.live, top.numerator, top.denominator, since))
    assert await owner_reads(database, STANDING) == expected


async def test_an_earlier_owner_writes_nothing(database: Database) -> None:
    async with a_store(database) as old, a_store(database, owner="b") as new:
        await old.claim()
        await new.claim()
        with pytest.raises(Fenced):
            await old.write(a_statistic(1))
        assert await owner_reads(database, STANDING) == []
        assert await owner_reads(database, VERSIONS) == []
        await new.write(a_statistic(1))
        new.next_offset -= 1
        with pytest.raises(Fenced):  # the same step again
            await new.write(a_statistic(2, numerator=9))
        assert [row[0] for row in await owner_reads(database, STANDING)] == [1]


@pytest.mark.parametrize(
    ("municipality", "actor", "count"),
    [
        (None, None, 0),
        ("9998", None, 0),
        ("9998", "fire", 0),
        ("9998", "education", 0),
        ("0002", "police", 0),
        ("9998", "police", 1),
    ],
)
async def test_the_database_gives_delivery_no_figure_that_the_actor_is_not_cleared_for(
    database: Database, tmp_path: Path, municipality: str | None, actor: str | None, count: int
) -> None:
    pack = load_pack(a_pack_that_clears_police(tmp_path))
    keys = ApiKeys(
        actors={one: {"report": new_key(), "read": new_key()} for one in pack.actors},
        owner=new_key(),
    )
    await register(database.owner_dsn, pack, keys=keys)
    async with a_store(database) as kept:
        await kept.claim()
        await kept.write(a_statistic(1), a_statistic(1, municipality="0002"))
    connection = await asyncpg.connect(database.dsn("lagesbild_delivery"))
    try:
        for name, value in (("municipality", municipality), ("actor", actor)):
            if value is not None:
                await connection.execute(
                    "select set_config($1, $2, false)", f"lagesbild.{name}", value
                )
        assert await connection.fetchval("select count(*) from counting.statistic") == count
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("delivery", "select * from counting.statistic_version"),
        ("delivery", "update counting.statistic set numerator = 1"),
        ("delivery", "delete from counting.statistic"),
        ("ingest", "select * from counting.statistic"),
        ("anonymizer", "select * from counting.statistic"),
        ("aggregator", "delete from counting.statistic"),
        ("aggregator", "update counting.statistic_version set numerator = 1"),
        ("aggregator", "delete from counting.statistic_version"),
    ],
)
async def test_no_role_can_do_more_with_statistics_than_its_work(
    database: Database, role: str, statement: str
) -> None:
    connection = await asyncpg.connect(database.dsn(f"lagesbild_{role}"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()
