"""Delivery's answers that need no database: who is let in, what is refused, and in which words."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from services.delivery.domain.endpoint import Network
from services.delivery.domain.mistake import Mistake
from services.delivery.domain.municipality import by_code
from services.delivery.domain.selection import Selection
from services.delivery.domain.statistics import Figure, StatisticQuestion
from services.delivery.domain.subscription import Act, Decision, State, Subscription
from services.delivery.domain.view import Audience, Plan, View, composed
from services.delivery.handlers import areas, counts, errors, statistics, subscriptions
from services.delivery.handlers.asking import Doorkeeper
from services.delivery.store.audit import Teller
from services.delivery.store.subscriptions import NotFound
from shared.errors import WorldError
from shared.key_ring import Principal, Scope
from shared.language import Language
from tests.support.delivery import a_pack, a_request

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILE = areas.AreaFile(b'{"type":"FeatureCollection","features":[]}', '"abc"')
RING = {
    "fire-read": Principal("0001", "fire", Scope.READ),
    "fire-report": Principal("0001", "fire", Scope.REPORT),
    "owner": Principal("0001", None, Scope.OWN),
    "elsewhere": Principal("0002", "fire", Scope.READ),
}


class EmptyCounts:
    """Counts in which nothing has happened."""

    async def read(
        self, plan: Plan, audience: Audience, *, selection: Selection, zeros: bool
    ) -> View:
        return composed(plan, (), zeros=zeros)


class NoFigures:
    """Statistics that nobody has reported."""

    async def read(
        self,
        question: StatisticQuestion,
        audience: Audience,
        *,
        shown: Sequence[str],
        as_of: datetime,
    ) -> list[Figure]:
        return []


class InMemoryRegister:
    """A register that forgets when the test ends."""

    def __init__(self) -> None:
        self.kept: dict[UUID, Subscription] = {}

    async def add(self, subscription: Subscription, *, secret: bytes) -> None:
        assert len(secret) == 32
        self.kept[subscription.id] = subscription

    async def of(self, teller: Teller) -> list[Subscription]:
        return [one for one in self.kept.values() if teller.actor in {None, one.actor}]

    async def find(self, teller: Teller, which: UUID) -> Subscription:
        for one in await self.of(teller):
            if one.id == which:
                return one
        raise NotFound

    async def decide(
        self, teller: Teller, which: UUID, *, act: Act, decision: Decision, now: datetime
    ) -> State:
        await self.find(teller, which)
        return State.APPROVED if act is Act.APPROVE else State.REFUSED

    async def end(self, teller: Teller, which: UUID, *, now: datetime) -> State:
        await self.find(teller, which)
        return State.ENDED


async def no_mistakes(_url: str, _listed: Sequence[Network]) -> list[Mistake]:
    return []


def service(identify: Callable[[str], Awaitable[Principal | None]]) -> FastAPI:
    api = FastAPI()
    errors.install(api, Language.SV)
    doorkeeper = Doorkeeper(identify, by_code([a_pack()]))
    api.include_router(counts.routes(doorkeeper, EmptyCounts(), clock=lambda: NOON))
    api.include_router(statistics.routes(doorkeeper, NoFigures(), clock=lambda: NOON))
    api.include_router(areas.routes(doorkeeper, {"0001": areas.AreaFiles(FILE, FILE)}))
    api.include_router(
        subscriptions.routes(
            doorkeeper, InMemoryRegister(), check_url=no_mistakes, clock=lambda: NOON
        )
    )
    return api


def talking_to(api: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=api), base_url="http://delivery")


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async def identify(key: str) -> Principal | None:
        return RING.get(key)

    async with talking_to(service(identify)) as talking:
        yield talking


def key(name: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}", **more}


@pytest.mark.parametrize(
    "headers", [{}, key("nobody"), {"authorization": "Basic x"}, {"authorization": "Bearer"}]
)
async def test_without_a_valid_key_nobody_is_let_in(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    for path in ("/v1/counts", "/v1/areas", "/v1/subscriptions", "/v1/subscriptions/x"):
        answer = await client.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"] == "unauthorized"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", ["fire-report", "owner", "elsewhere"])
async def test_a_key_for_something_else_is_forbidden(client: httpx2.AsyncClient, name: str) -> None:
    answer = await client.get("/v1/counts", headers=key(name))
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("accepted", "word"), [("sv", "Visa"), ("en-GB, sv;q=0.5", "Show"), ("de", "Visa")]
)
async def test_the_answer_is_in_the_askers_language(
    client: httpx2.AsyncClient, accepted: str, word: str
) -> None:
    answer = await client.get("/v1/counts", headers={"accept-language": accepted})
    assert answer.json()["message"].startswith(word)


async def test_counts_say_everything_that_they_do_not_show(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/counts", headers=key("fire-read"))
    assert answer.json() == {
        "as_of": "2026-11-23T12:00:00Z",
        "cells": [],
        "withheld": ["people", "special"],
        "not_offered": [],
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("indicator=bins&indicator=secretive", {"indicator[1]"}),
        ("indicator=grades", {"indicator[0]"}),
        ("area=secretive", {"area[0]"}),
        ("area=101&area=11", {"area[1]"}),
        ("level=secretive", {"level"}),
        ("level=7", {"level"}),
        ("level=-1", {"level"}),
        ("level=1&level=2", {"level"}),
        ("level=", {"level"}),
        ("window=secretive", {"window[0]"}),
        ("window=", {"window[0]"}),
        ("zeros=secretive", {"zeros"}),
        ("zeros=true&zeros=true", {"zeros"}),
        ("indicator=bins&secretive=secretive", {"parameter[1]"}),
        ("Indicator=bins", {"parameter[0]"}),
        ("level=9&window=secretive&area=secretive", {"level", "window[0]", "area[0]"}),
    ],
)
async def test_a_question_that_cannot_be_answered_says_where_it_is_wrong(
    client: httpx2.AsyncClient, query: str, fields: set[str]
) -> None:
    answer = await client.get(f"/v1/counts?{query}", headers=key("fire-read"))
    content = answer.json()
    assert (answer.status_code, content["error"]) == (400, "invalid_parameter")
    assert {one["field"] for one in content["errors"]} == fields
    assert "secretive" not in answer.text


async def test_areas_that_have_not_changed_are_not_sent_again(client: httpx2.AsyncClient) -> None:
    first = await client.get("/v1/areas", headers=key("fire-report"))
    assert (first.status_code, first.content) == (200, FILE.content)
    assert first.headers["content-type"] == "application/geo+json"
    for known in ('"abc"', 'W/"abc"', '"x", "abc"', "*"):
        again = await client.get("/v1/areas", headers=key("owner", **{"if-none-match": known}))
        assert (again.status_code, again.content) == (304, b"")
    changed = await client.get("/v1/areas", headers=key("owner", **{"if-none-match": '"x"'}))
    assert changed.status_code == 200


async def test_a_secret_is_shown_once(client: httpx2.AsyncClient) -> None:
    body = a_request("https://host.se/", indicators=["bins"])
    made = await client.post("/v1/subscriptions", json=body, headers=key("fire-read"))
    assert made.status_code == 201
    secret = made.json()["secret"].removeprefix("whsec_")
    for path in ("", f"/{made.json()['id']}"):
        shown = await client.get(f"/v1/subscriptions{path}", headers=key("owner"))
        assert shown.status_code == 200
        assert secret not in shown.text


async def test_a_host_that_cannot_be_decoded_is_a_mistake_in_the_request(
    client: httpx2.AsyncClient,
) -> None:
    body = a_request("https://xn--/", indicators=["bins"])
    answer = await client.post("/v1/subscriptions", json=body, headers=key("fire-read"))
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["errors"]] == ["url_malformed"]


async def test_a_field_that_we_do_not_have_is_not_repeated(client: httpx2.AsyncClient) -> None:
    body = a_request("https://host.se/", indicators=["bins"], CANARYFIELD=1)
    answer = await client.post("/v1/subscriptions", json=body, headers=key("fire-read"))
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [
        ("", "unknown_field")
    ]
    assert "CANARY" not in answer.text


@pytest.mark.parametrize(
    ("accepted", "message"),
    [("sv", "Något gick fel hos oss."), ("en", "Something went wrong on our side.")],
)
async def test_what_nobody_foresaw_is_said_in_json_without_its_text(
    accepted: str, message: str
) -> None:
    async def identify(_key: str) -> Principal | None:
        raise LookupError("CANARY")

    transport = httpx2.ASGITransport(app=service(identify), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://delivery") as talking:
        answer = await talking.get(
            "/v1/counts", headers=key("fire-read", **{"accept-language": accepted})
        )
    assert answer.status_code == 500
    assert answer.json() == {"error": "internal", "message": message}


async def test_a_body_that_is_too_large_is_not_read(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "/v1/subscriptions", content=b"x" * 300_000, headers=key("fire-read")
    )
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("PUT", "/v1/counts", 405), ("GET", "/", 404)],
)
async def test_what_is_not_there_is_said_in_json(
    client: httpx2.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path, headers=key("owner"))
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}


@pytest.mark.parametrize(
    "away",
    [WorldError("away"), ConnectionRefusedError(), TimeoutError(), asyncpg.InterfaceError("x")],
)
async def test_a_database_that_is_away_is_said_and_may_be_asked_again(away: Exception) -> None:
    async def identify(_key: str) -> Principal | None:
        raise away

    async with talking_to(service(identify)) as talking:
        answer = await talking.get("/v1/counts", headers=key("fire-read"))
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_the_interface_describes_itself(client: httpx2.AsyncClient) -> None:
    described: dict[str, Any] = (await client.get("/openapi.json")).json()
    assert set(described["paths"]) == {
        "/v1/counts",
        "/v1/statistics",
        "/v1/areas",
        "/v1/subscriptions",
        "/v1/subscriptions/{which}",
        "/v1/subscriptions/{which}/approve",
        "/v1/subscriptions/{which}/refuse",
    }
    names = {one["name"] for one in described["paths"]["/v1/counts"]["get"]["parameters"]}
    assert names == {"indicator", "area", "level", "window", "zeros"}
