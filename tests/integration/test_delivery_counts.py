"""Counts and areas on real PostgreSQL: who sees what, and that every question is written down."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from deploy.schema.register import register
from shared.api_keys import ApiKeys
from shared.pack import load_pack
from shared.windows import Window, end_of, is_offered, start_of
from tests.support.delivery import DEMO, Town, a_town, count, owner_executes, owner_reads
from tests.support.servers import Database

PACK = load_pack(DEMO)


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    async with a_town(database) as running:
        yield running


def ago(**parts: float) -> datetime:
    return datetime.now(UTC) - timedelta(**parts)


async def counts(town: Town, query: str = "", *, actor: str = "fire") -> dict[str, Any]:
    status, answer = await town.client(actor).ask("GET", f"/v1/counts?{query}")
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


async def test_an_actor_sees_only_what_it_is_cleared_for(database: Database, town: Town) -> None:
    await count(database, ("111", "arson", ago(minutes=3), 2), ("111", "robbery", ago(hours=5), 9))
    query = "indicator=arson&indicator=robbery&window=24h"
    fire = await counts(town, query)
    assert fire["cells"] == [
        {"area": "111", "indicator": "arson", "window": "24h", "reports": 2, "incidents": 2}
    ]
    assert fire["withheld"] == ["robbery"]
    guards = await counts(town, query, actor="guards")
    assert (guards["cells"], guards["withheld"]) == ([], ["arson", "robbery"])


async def test_without_an_actor_the_database_gives_delivery_no_cell(database: Database) -> None:
    await count(database, ("111", "arson", ago(minutes=3), 2))
    connection = await asyncpg.connect(database.dsn("lagesbild_delivery"))
    try:
        assert await connection.fetchval("select count(*) from counting.cell") == 0
        await connection.execute("select set_config('lagesbild.municipality', '9998', false)")
        assert await connection.fetchval("select count(*) from counting.cell") == 0
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "select * from counting.event",
        "select * from registry.actor",
        "select * from audit.entry",
        "insert into counting.change (minute, series, reports, incidents) values (1, 1, 1, 1)",
        "insert into audit.head values ('9998', 1, '')",
        "update delivery.subscription set url = 'x'",
        "update delivery.subscription set indicators = '{arson}'",
        "update delivery.delivery set body = ''",
        "delete from delivery.subscription",
        "update delivery.attempt set outcome = 'delivered'",
        "update registry.clearance set sensitivity = 'S3'",
    ],
)
async def test_the_role_of_delivery_can_do_no_more_than_its_work(
    database: Database, statement: str
) -> None:
    connection = await asyncpg.connect(database.dsn("lagesbild_delivery"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_role_without_the_right_cannot_append_to_the_audit_chain(
    database: Database,
) -> None:
    connection = await asyncpg.connect(database.dsn("lagesbild_ingest"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("select audit.append('9998', 'x', null, '{}')")
    finally:
        await connection.close()


async def test_every_level_sums_the_one_below(database: Database, town: Town) -> None:
    await count(
        database,
        ("111", "arson", ago(minutes=3), 2),
        ("121", "arson", ago(minutes=30), 3),
        ("211", "arson", ago(minutes=3), 4),
        ("999", "arson", ago(minutes=3), 5),
    )
    for level in (1, 2, 3):
        found = await counts(town, f"indicator=arson&window=1h&level={level}")
        sums = {cell["area"]: cell["reports"] for cell in found["cells"]}
        expected: Counter[str] = Counter()
        for leaf, reports in (("111", 2), ("121", 3), ("211", 4), ("999", 5)):
            expected[leaf[:level]] += reports
        assert sums == expected


async def test_another_municipality_is_never_in_the_answer(database: Database, town: Town) -> None:
    await owner_executes(database, "insert into registry.municipality values ('0002', 'Other')")
    await count(database, ("111", "arson", ago(minutes=3), 7), municipality="0002")
    assert (await counts(town, "indicator=arson&window=1h"))["cells"] == []


async def test_every_cell_of_every_window_is_what_an_oracle_counts(
    database: Database, town: Town
) -> None:
    dice = random.Random(7)
    codes = [one for one in PACK.indicators.values() if one.sensitivity in {"S0", "S1"}][:4]
    events = [
        (
            dice.choice(["111", "112", "121"]),
            dice.choice(codes).code,
            ago(
                minutes=dice.choice([20, 90, 60 * 30, 60 * 24 * 40, 60 * 24 * 400]) * dice.random()
            ),
            1,
        )
        for _ in range(400)
    ]
    await count(database, *events)
    found = await counts(town, "level=2&" + "&".join(f"indicator={one.code}" for one in codes))
    as_of = datetime.fromisoformat(found["as_of"])
    expected: Counter[tuple[str, str, str]] = Counter()
    for leaf, code, at, reports in events:
        grain = PACK.grain_of(code)
        for window in Window:
            if start_of(window, as_of, grain=grain) <= at < end_of(as_of):
                assert is_offered(window, grain)
                expected[leaf[:2], code, window] += reports
    counted = {
        (cell["area"], cell["indicator"], cell["window"]): cell["reports"]
        for cell in found["cells"]
    }
    assert counted == expected
    assert found["cells"] == sorted(
        found["cells"],
        key=lambda one: (one["area"], one["indicator"], list(Window).index(one["window"])),
    )


async def test_zeros_lists_every_cell_that_was_asked_for(town: Town) -> None:
    found = await counts(town, "zeros=true&indicator=arson&level=2&window=1h&window=24h")
    assert len(found["cells"]) == 2 * len(PACK.codes_at(2))
    assert {cell["reports"] for cell in found["cells"]} == {0}


async def test_a_question_is_in_the_audit_chain_before_its_answer(
    database: Database, town: Town
) -> None:
    await counts(town, "indicator=arson&window=1h&area=111")
    rows = await owner_reads(
        database, "select actor, role, kind, detail->>'areas', seq from audit.entry"
    )
    assert rows == [("fire", "lagesbild_delivery", "counts_read", '["111"]', 1)]


async def test_a_key_that_is_revoked_is_refused(database: Database, town: Town) -> None:
    client = town.client("fire")
    others = ApiKeys(
        actors={actor: keys for actor, keys in town.keys.actors.items() if actor != "fire"},
        owner=town.keys.owner,
    )
    await register(database.owner_dsn, PACK, keys=others)
    assert (await client.ask("GET", "/v1/counts"))[0] == 401


@pytest.mark.parametrize(
    ("actor", "purpose", "path", "status"),
    [
        ("fire", "report", "/v1/counts", 403),
        ("fire", "report", "/v1/subscriptions", 403),
        ("fire", "report", "/v1/areas", 200),
        ("social", "read", "/v1/areas", 200),
        (None, None, "/v1/counts", 403),
        (None, None, "/v1/areas", 200),
        (None, None, "/v1/subscriptions", 200),
    ],
)
async def test_each_key_opens_what_it_is_for(
    town: Town, actor: str | None, purpose: Any, path: str, status: int
) -> None:
    client = town.client(actor, purpose) if actor else town.owner
    assert (await client.ask("GET", path))[0] == status


async def test_the_areas_are_geojson_with_a_strong_etag(town: Town) -> None:
    key = town.keys.actors["fire"]["read"]
    headers = {"authorization": f"Bearer {key}"}
    async with town.session.get(f"{town.url}/v1/areas", headers=headers) as response:
        areas = await response.json(content_type="application/geo+json")
        etag = response.headers["etag"]
    assert {one["properties"]["level"] for one in areas["features"]} == {1, 2, 3}
    assert set(areas["features"][0]["properties"]) == {
        "code",
        "name",
        "level",
        "population",
        "valid_from",
        "valid_to",
    }
    headers["if-none-match"] = f'"other", {etag}'
    async with town.session.get(f"{town.url}/v1/areas", headers=headers) as response:
        assert (response.status, await response.read()) == (304, b"")
        assert response.headers["etag"] == etag


async def test_ready_and_metrics_are_served(town: Town) -> None:
    async with town.session.get(f"{town.url}/ready") as response:
        assert set((await response.json())["waiting_for"]) <= {"sender"}
    async with town.session.get(f"{town.url}/metrics") as response:
        text = await response.text()
    assert 'lagesbild_deliveries_total{channel="webhook",outcome="folded"}' in text
    assert "lagesbild_due_age_seconds" in text
