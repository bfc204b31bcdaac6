"""A changed area division as delivery shows it: present areas, retired ones when they are named."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from services.delivery.domain.municipality import by_code
from services.delivery.domain.selection import Selection
from services.delivery.domain.view import Audience, Count, Key, Plan, View, composed
from services.delivery.handlers import areas, counts, errors
from services.delivery.handlers.asking import Doorkeeper
from shared.key_ring import Principal, Scope
from shared.language import Language
from shared.pack import load_pack
from shared.pack.model import Pack
from shared.windows import Window
from tests.support.towns import Land, write_town

CHANGE, LATER = "2025-06-01", "2027-01-01"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEADERS = {"authorization": "Bearer fire"}
LAND = (
    Land("111", 0, 1, valid_to=CHANGE),
    Land("112", 1, 2, valid_to=CHANGE),
    Land("111", 0, 1.5, valid_from=CHANGE),
    Land("113", 1.5, 2, valid_from=CHANGE),
    Land("211", 2, 3, valid_to=LATER),
    Land("212", 2, 3, valid_from=LATER),
)
COUNTED = {"111": 1, "112": 2, "113": 4, "211": 8, "999": 16}


class SummedByPrefix:
    """Answers as the database does: by prefix, and of the areas that are named."""

    async def read(
        self, plan: Plan, audience: Audience, *, selection: Selection, zeros: bool
    ) -> View:
        sums: dict[Key, int] = {}
        for leaf, reports in COUNTED.items():
            code = leaf[: plan.prefix_length]
            if plan.areas is None or code in plan.areas:
                key = (code, "bin_fire", Window.MO12)
                sums[key] = sums.get(key, 0) + reports
        counted = ((key, Count(reports, reports)) for key, reports in sums.items())
        return composed(plan, counted, zeros=zeros)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return load_pack(write_town(tmp_path_factory.mktemp("town") / "pack", LAND))


@pytest.fixture
async def client(pack: Pack) -> AsyncIterator[httpx2.AsyncClient]:
    async def identify(key: str) -> Principal | None:
        return Principal("0012", "fire", Scope.READ) if key == "fire" else None

    api = FastAPI()
    errors.install(api, Language.SV)
    doorkeeper = Doorkeeper(identify, by_code([pack]))
    api.include_router(counts.routes(doorkeeper, SummedByPrefix(), clock=lambda: NOW))
    api.include_router(areas.routes(doorkeeper, {"0012": areas.prepared(pack)}))
    transport = httpx2.ASGITransport(app=api)
    async with httpx2.AsyncClient(transport=transport, base_url="http://delivery") as talking:
        yield talking


async def counted(client: httpx2.AsyncClient, query: str) -> dict[str, int]:
    answer = await client.get(f"/v1/counts?window=12mo&{query}", headers=HEADERS)
    assert answer.status_code == 200, answer.text
    return {one["area"]: one["reports"] for one in answer.json()["cells"]}


async def features(client: httpx2.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/areas{query}", headers=HEADERS)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["features"]
    return found


async def test_the_leaf_level_lists_the_areas_that_have_not_ended(
    client: httpx2.AsyncClient,
) -> None:
    present = {"111": 1, "113": 4, "211": 8, "999": 16}
    assert await counted(client, "level=3") == present
    assert await counted(client, "zeros=true") == {**present, "212": 0}


async def test_a_retired_area_is_counted_when_it_is_asked_for(client: httpx2.AsyncClient) -> None:
    assert await counted(client, "area=112") == {"112": 2}
    assert await counted(client, "area=112&area=113&zeros=true") == {"112": 2, "113": 4}


@pytest.mark.parametrize("zeros", ["true", "false"])
async def test_sums_of_higher_levels_have_the_retired_areas_too(
    client: httpx2.AsyncClient, zeros: str
) -> None:
    assert await counted(client, f"level=2&zeros={zeros}") == {"11": 7, "21": 8, "99": 16}
    assert sum((await counted(client, f"level=1&zeros={zeros}")).values()) == sum(COUNTED.values())


async def test_a_code_that_no_area_ever_had_is_still_unknown(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/counts?area=114", headers=HEADERS)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown_code")


async def test_the_areas_say_since_when_they_are_valid(client: httpx2.AsyncClient) -> None:
    shown = {
        one["id"]: (one["properties"]["valid_from"], one["properties"]["valid_to"])
        for one in await features(client)
    }
    assert shown == {
        "1": ("2020-01-01", None),
        "2": ("2020-01-01", None),
        "9": (None, None),
        "11": ("2020-01-01", None),
        "21": ("2020-01-01", None),
        "99": (None, None),
        "111": (CHANGE, None),
        "113": (CHANGE, None),
        "212": (LATER, None),
        "999": (None, None),
    }


async def test_retired_areas_are_listed_when_they_are_asked_for(
    client: httpx2.AsyncClient,
) -> None:
    present = await features(client)
    assert await features(client, "?retired=false") == present
    every = await features(client, "?retired=true")
    assert every[: len(present)] == present
    old = every[len(present) :]
    assert [one["id"] for one in old] == ["111@2020-01-01", "112@2020-01-01", "211@2020-01-01"]
    assert old[0]["properties"] == {
        "code": "111",
        "name": "Område 111",
        "level": 3,
        "population": 100,
        "valid_from": "2020-01-01",
        "valid_to": CHANGE,
    }
    assert max(east for east, _ in old[0]["geometry"]["coordinates"][0]) == 17.1


async def test_the_two_lists_are_told_apart_by_who_remembers_them(
    client: httpx2.AsyncClient,
) -> None:
    known = (await client.get("/v1/areas", headers=HEADERS)).headers["etag"]
    for query, status in (("", 304), ("?retired=true", 200)):
        answer = await client.get(f"/v1/areas{query}", headers={**HEADERS, "if-none-match": known})
        assert answer.status_code == status


@pytest.mark.parametrize("query", ["retired=yes", "retired=", "retired=true&retired=true"])
async def test_anything_but_true_and_false_is_refused(
    client: httpx2.AsyncClient, query: str
) -> None:
    answer = await client.get(f"/v1/areas?{query}", headers=HEADERS)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_parameter")


def test_a_pack_without_a_past_keeps_one_file(tmp_path: Path) -> None:
    pack = load_pack(write_town(tmp_path / "pack", [Land("111", 0, 1), Land("211", 1, 2)]))
    files = areas.prepared(pack)
    assert files.ever is files.in_use
