"""Statistics the whole way on real Kafka and PostgreSQL: reported, kept, corrected, read."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.schema.register import register
from services.delivery.app import build as build_delivery
from services.delivery.config import DeliverySettings
from services.ingest.app import build as build_ingest
from services.ingest.config import IngestSettings
from shared.api_keys import ApiKeys, new_key
from shared.pack import load_pack
from shared.root_key import RootKey
from tests.integration.test_aggregator_counting import an_aggregator, until
from tests.support.delivery import owner_reads
from tests.support.servers import Database
from tests.support.statistics import (
    CODE,
    READ,
    a_pack_that_clears_police,
)


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
                "announcement_key": RootKey.new().announcement_key(),
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
    history = await owner_reads(
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
    entries = await owner_reads(
        house.database,
        "select actor, kind, detail->>'level' from audit.entry order by seq",
    )
    assert entries == [
        (actor, "statistics_read", level)
        for actor, level in (("fire", "1"), ("education", "2"), ("police", "3"), ("police", "2"))
    ]
