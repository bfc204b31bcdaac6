"""Statistics the whole way on real Kafka and PostgreSQL: reported, kept, corrected, read."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.schema.register import register
from services.aggregator.app import build as build_aggregator
from services.aggregator.audit import recount
from services.aggregator.config import AggregatorSettings
from services.aggregator.domain.plan import Advance, Extent
from services.aggregator.domain.statistics import PlacedStatistic, StatisticPlan
from services.aggregator.statistic_store import StatisticStore
from services.aggregator.store import CountStore
from services.delivery.app import build as build_delivery
from services.delivery.config import DeliverySettings
from services.ingest.app import build as build_ingest
from services.ingest.config import IngestSettings
from shared.api_keys import ApiKeys, new_key
from shared.errors import Fenced
from shared.identity import partition_of_key
from shared.kafka import Outgoing, new_producer, send_all
from shared.messages.codec import encode
from shared.messages.statistic import Statistic
from shared.pack import load_pack
from shared.postgres import new_pool
from shared.sealing import new_key_pair
from shared.topics import DEFAULT_PARTITIONS, STATISTICS
from tests.support.delivery import owner_executes
from tests.support.servers import Database
from tests.support.statistics import a_pack_that_clears_police

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GROUP = "lagesbild.aggregator.statistics"
READ = (
    "select coalesce(sum(next_offset), 0) from counting.stream_offset"
    f" where consumer like '%{GROUP}'"
)
CODE = "truancy"


def a_statistic(version: int = 1, **changes: Any) -> Statistic:
    usual = {
        "municipality": "9998",
        "actor": "education",
        "indicator": CODE,
        "area": "111",
        "period": "2024/2025",
        "version": version,
        "received_at": NOON + timedelta(minutes=min(version, 100)),
        "numerator": 3,
        "denominator": 40,
    }
    return Statistic(**{**usual, **changes})


def withdrawn(version: int, **changes: Any) -> Statistic:
    return a_statistic(version, live=False, numerator=None, denominator=None, **changes)


async def publish(kafka: str, prefix: str, records: Sequence[Statistic | bytes]) -> None:
    """Put statistics, or bytes that are none, into the log as ingest would."""
    producer = new_producer(kafka, client_id="test")
    await producer.start()
    try:
        by_partition: dict[int, list[Outgoing]] = {}
        for record in records:
            key = record.key if isinstance(record, Statistic) else a_statistic().key
            value = encode(record) if isinstance(record, Statistic) else record
            outgoing = Outgoing(key, value, int(time.time() * 1000))
            partition = partition_of_key(key, DEFAULT_PARTITIONS)
            by_partition.setdefault(partition, []).append(outgoing)
        for future in await send_all(producer, STATISTICS.named(prefix), by_partition):
            await future
    finally:
        await producer.stop()


@asynccontextmanager
async def an_aggregator(kafka: str, prefix: str, database: Database) -> AsyncIterator[None]:
    app = build_aggregator(
        AggregatorSettings(
            kafka=kafka,
            topic_prefix=prefix,
            postgres=database.dsn("lagesbild_aggregator"),
            packs=(Path("unused"),),
            port=1,
        )
    )
    async with app.router.lifespan_context(app):
        yield


async def until(database: Database, query: str, wanted: Callable[[Any], bool]) -> Any:
    """Wait until the answer to a query is wanted; the deadline is the test's own time-out."""
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        while not wanted(found := await connection.fetchval(query)):
            await asyncio.sleep(0.02)
        return found
    finally:
        await connection.close()


async def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


STANDING = (
    "select version, live, numerator, denominator, standing_since"
    " from counting.statistic order by area"
)
VERSIONS = "select version, numerator, received_at from counting.statistic_version order by version"


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


async def test_the_highest_version_holds_and_every_earlier_one_stays_readable(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    log = [
        a_statistic(2, numerator=5),
        a_statistic(1, numerator=4),  # out of order
        a_statistic(4, numerator=6),  # corrected
        a_statistic(4, numerator=9),  # of equal versions the first holds
        a_statistic(3, numerator=7),  # stale
        a_statistic(1, area="112", numerator=8),
    ]
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, log)
        await until(database, READ, lambda read: read == len(log))
    assert await rows(database, STANDING) == [
        (4, True, 6, 40, NOON + timedelta(minutes=4)),
        (1, True, 8, 40, NOON + timedelta(minutes=1)),
    ]
    history = await rows(
        database,
        "select version, numerator, received_at from counting.statistic_version"
        " where area = '111' order by version",
    )
    assert history == [
        (1, 4, NOON + timedelta(minutes=1)),
        (2, 5, NOON + timedelta(minutes=2)),
        (3, 7, NOON + timedelta(minutes=3)),
        (4, 6, NOON + timedelta(minutes=4)),
    ]


async def test_the_same_figures_sent_again_change_nothing(database: Database) -> None:
    async with a_store(database) as kept:
        await kept.claim()
        assert await kept.write(a_statistic(1)) == 1
        before = await rows(database, STANDING)
        assert await kept.write(a_statistic(1)) == 0  # the same version
        assert await rows(database, STANDING) == before
        assert await kept.write(a_statistic(2)) == 0  # another version, the same numbers
        assert [row[1:] for row in await rows(database, STANDING)] == [row[1:] for row in before]
        assert await kept.write(a_statistic(3, denominator=41)) == 1
        assert (await rows(database, STANDING))[0][-1] == NOON + timedelta(minutes=3)


async def test_a_withdrawn_figure_stays_known_and_a_stale_copy_cannot_revive_it(
    database: Database,
) -> None:
    async with a_store(database) as kept:
        await kept.claim()
        await kept.write(a_statistic(1))
        assert await kept.write(withdrawn(3)) == 1
        assert await kept.write(a_statistic(2), a_statistic(1)) == 0
        assert [row[:3] for row in await rows(database, STANDING)] == [(3, False, None)]
        assert await kept.write(a_statistic(4)) == 1
        assert [row[:3] for row in await rows(database, STANDING)] == [(4, True, 3)]


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
    assert await rows(database, STANDING) == expected


async def test_an_earlier_owner_writes_nothing(database: Database) -> None:
    async with a_store(database) as old, a_store(database, owner="b") as new:
        await old.claim()
        await new.claim()
        with pytest.raises(Fenced):
            await old.write(a_statistic(1))
        assert await rows(database, STANDING) == []
        assert await rows(database, VERSIONS) == []
        await new.write(a_statistic(1))
        new.next_offset -= 1
        with pytest.raises(Fenced):  # the same step again
            await new.write(a_statistic(2, numerator=9))
        assert [row[0] for row in await rows(database, STANDING)] == [1]


async def test_a_restart_goes_on_where_the_transaction_was_and_two_share_the_work(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    areas = [area.code for area in load_pack(Path("deploy/municipalities/demo")).areas]
    log = [a_statistic(version, area=area) for version in (1, 2) for area in areas]
    third = len(log) // 3
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, log[:third])
        await until(database, READ, lambda read: read > 0)
    async with an_aggregator(kafka, topic_prefix, database):
        async with an_aggregator(kafka, topic_prefix, database):
            await publish(kafka, topic_prefix, log[third : 2 * third])
            await until(database, READ, lambda read: read == 2 * third)
        await publish(kafka, topic_prefix, log[2 * third :])
        await until(database, READ, lambda read: read == len(log))
    assert [row[0] for row in await rows(database, STANDING)] == [2] * len(areas)
    assert await rows(database, "select count(*) from counting.statistic_version") == [(len(log),)]


async def test_what_can_never_be_kept_is_buried_and_the_rest_is_kept(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    beyond_bigint = a_statistic(2**63, received_at=NOON)
    with_a_nul = a_statistic(area="1\x0011")
    log: list[Statistic | bytes] = [b"no statistic", beyond_bigint, with_a_nul, a_statistic(7)]
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, log)
        await until(database, READ, lambda read: read == len(log))
    assert [row[0] for row in await rows(database, STANDING)] == [7]
    reasons = await rows(database, "select reason from counting.dead_letter order by reason")
    assert reasons == [("not_a_statistic",), ("refused_by_database",), ("refused_by_database",)]


@pytest.mark.parametrize("committed", [True, False])
async def test_a_connection_cut_around_the_commit_loses_nothing_and_repeats_nothing(
    kafka: str,
    topic_prefix: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    committed: bool,
) -> None:
    write = StatisticStore.write
    cuts = [True]

    async def cut_once(store: StatisticStore, plan: StatisticPlan) -> int:
        changed = await write(store, plan) if committed or not cuts else 0
        if cuts:
            cuts.pop()
            raise ConnectionResetError
        return changed

    monkeypatch.setattr(StatisticStore, "write", cut_once)
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, [a_statistic(1), a_statistic(2, numerator=9)])
        await until(database, READ, lambda read: read == 2)
        await publish(kafka, topic_prefix, [a_statistic(3, numerator=8)])
        await until(database, READ, lambda read: read == 3)
    assert not cuts
    assert [row[:3] for row in await rows(database, STANDING)] == [(3, True, 8)]
    assert [row[1] for row in await rows(database, VERSIONS)] == [3, 9, 8]


@dataclass(frozen=True)
class House:
    """Ingest, aggregator and delivery of one test."""

    ingest: httpx2.AsyncClient
    delivery: httpx2.AsyncClient
    keys: ApiKeys
    database: Database

    async def report(self, *given: dict[str, Any], actor: str = "education") -> Any:
        body = "\n".join(json.dumps(row) for row in given).encode()
        answer = await self.ingest.post(
            "/v1/statistics",
            content=body,
            headers={
                "authorization": f"Bearer {self.keys.actors[actor]['report']}",
                "content-type": "application/x-ndjson",
            },
        )
        assert answer.status_code == 202, answer.text
        assert answer.json()["rejected"] == []
        return answer.json()

    async def read(self, query: str, *, actor: str = "police") -> Any:
        answer = await self.delivery.get(
            f"/v1/statistics?{query}",
            headers={"authorization": f"Bearer {self.keys.actors[actor]['read']}"},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def kept(self, count: int) -> None:
        await until(self.database, READ, lambda read: read == count)


@pytest.fixture
async def house(
    kafka: str, topic_prefix: str, database: Database, tmp_path: Path
) -> AsyncIterator[House]:
    folder = a_pack_that_clears_police(tmp_path)
    pack = load_pack(folder)
    keys = ApiKeys(
        actors={actor: {"report": new_key(), "read": new_key()} for actor in pack.actors},
        owner=new_key(),
    )
    await register(database.owner_dsn, pack, keys=keys)
    common: dict[str, Any] = {
        "kafka": kafka,
        "topic_prefix": topic_prefix,
        "packs": (folder,),
        "port": 1,
    }
    ingest = build_ingest(
        IngestSettings.model_validate(
            {
                **common,
                "postgres": database.dsn("lagesbild_ingest"),
                "installation_secret": "0123456789abcdef" * 4,
                "sealing_public_key": new_key_pair()[1],
            }
        )
    )
    delivery = build_delivery(
        DeliverySettings.model_validate({**common, "postgres": database.dsn("lagesbild_delivery")})
    )
    async with AsyncExitStack() as stack:
        clients = []
        for app in (ingest, delivery):
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx2.ASGITransport(app=app)
            client = httpx2.AsyncClient(transport=transport, base_url="http://lagesbild")
            clients.append(await stack.enter_async_context(client))
        await stack.enter_async_context(an_aggregator(kafka, topic_prefix, database))
        yield House(clients[0], clients[1], keys, database)


def a_row(area: str, numerator: int, denominator: int = 50, **changes: Any) -> dict[str, Any]:
    return {
        "indicator": CODE,
        "area": area,
        "period": "2024/2025",
        "numerator": numerator,
        "denominator": denominator,
        **changes,
    }


async def test_what_is_reported_is_summed_corrected_and_taken_back(house: House) -> None:
    await house.report(a_row("111", 5), a_row("112", 10), a_row("121", 1), a_row("13", 7, 70))
    await house.kept(4)
    found = await house.read(f"indicator={CODE}&level=2&area=11&area=12&area=13")
    values = {
        one["area"]: (one["numerator"], one["denominator"], one["areas_reported"])
        for one in found["values"]
    }
    leaves = [area.code for area in load_pack(Path("deploy/municipalities/demo")).areas]
    of_13 = sum(leaf.startswith("13") for leaf in leaves)
    assert values == {"11": (15, 100, 2), "12": (1, 50, 1), "13": (7, 70, of_13)}
    missing = [leaf for leaf in leaves if leaf[:2] in {"11", "12"}]
    missing = [leaf for leaf in missing if leaf not in {"111", "112", "121"}]
    assert found["missing"] == [{"indicator": CODE, "period": "2024/2025", "areas": missing}]
    assert found["withheld"] == []

    await house.report(a_row("111", 5), a_row("112", 10))  # sent again
    await house.kept(6)
    again = await house.read(f"indicator={CODE}&level=2&area=11&area=12&area=13")
    assert (again["values"], again["missing"]) == (found["values"], found["missing"])

    await house.report(a_row("111", 8))  # corrected
    await house.report({**a_row("121", 0), "withdrawn": True})
    await house.kept(8)
    found = await house.read(f"indicator={CODE}&level=2&area=11&area=12")
    assert [(one["area"], one["numerator"]) for one in found["values"]] == [("11", 18)]
    history = await rows(
        house.database,
        "select numerator from counting.statistic_version where area = '111' order by version",
    )
    assert history == [(5,), (5,), (8,)]


async def test_periods_are_chosen_by_name_and_by_the_day_they_begin(house: House) -> None:
    periods = ["2024", "2024-H2", "2024/2025", "2025-Q1", "2025-02"]
    await house.report(*(a_row("111", 1, period=period) for period in periods))
    await house.kept(len(periods))

    async def read(query: str) -> list[str]:
        found = await house.read(f"indicator={CODE}&level=1&{query}")
        return [one["period"] for one in found["values"]]

    assert await read("") == ["2024", "2024-H2", "2024/2025", "2025-Q1", "2025-02"]
    assert await read("period=2025-02&period=2024") == ["2024", "2025-02"]
    assert await read("from=2024-07-01&to=2025-02-01") == ["2024-H2", "2024/2025", "2025-Q1"]
    assert await read("period=2024&from=2024-07-01") == []


async def test_who_is_not_cleared_sees_nothing_and_every_question_is_written_down(
    house: House,
) -> None:
    await house.report(a_row("111", 5))
    await house.kept(1)
    for actor, level in (("fire", 1), ("education", 2), ("police", 3)):
        found = await house.read(f"indicator={CODE}&level={level}", actor=actor)
        assert (found["values"], found["missing"], found["withheld"]) == ([], [], [CODE])
    assert (await house.read(f"indicator={CODE}&level=2"))["values"]
    entries = await rows(
        house.database,
        "select actor, kind, detail->>'level' from audit.entry order by seq",
    )
    assert entries == [
        (actor, "statistics_read", level)
        for actor, level in (("fire", "1"), ("education", "2"), ("police", "3"), ("police", "2"))
    ]


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
