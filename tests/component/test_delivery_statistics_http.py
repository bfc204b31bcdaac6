"""`GET /v1/statistics` through its HTTP side, with the figures in memory."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import httpx2
import pytest
from fastapi import FastAPI

from services.delivery.domain.municipality import by_code
from services.delivery.domain.statistics import Figure, StatisticQuestion
from services.delivery.domain.view import Audience
from services.delivery.handlers import errors, statistics
from services.delivery.handlers.asking import Doorkeeper
from shared.key_ring import Principal, Scope
from shared.language import Language
from shared.pack.model import Kind
from tests.support.delivery import a_pack, an_indicator

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PATH = "/v1/statistics"
RING = {
    "fire-read": Principal("0001", "fire", Scope.READ),
    "social-read": Principal("0001", "social", Scope.READ),
    "fire-report": Principal("0001", "fire", Scope.REPORT),
    "owner": Principal("0001", None, Scope.OWN),
    "elsewhere": Principal("0002", "fire", Scope.READ),
}
ENOUGH = Figure("grades", "2024/2025", "school", "101", 1, 4, NOON)
FIGURES = (ENOUGH, Figure("children", "2025", "board", "101", 2, None, NOON))


class SomeFigures:
    """Figures in memory, and the questions that were asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[StatisticQuestion, str, tuple[str, ...]]] = []

    async def read(
        self,
        question: StatisticQuestion,
        audience: Audience,
        *,
        shown: Sequence[str],
        as_of: datetime,
    ) -> list[Figure]:
        self.asked.append((question, audience.actor, tuple(shown)))
        return list(FIGURES)  # as if row-level security were not there


@pytest.fixture
def figures() -> SomeFigures:
    return SomeFigures()


@pytest.fixture
async def client(figures: SomeFigures) -> AsyncIterator[httpx2.AsyncClient]:
    """`fire` is cleared for `grades` (S1), `social` for `children` (S3) down to level 2."""

    async def identify(key: str) -> Principal | None:
        return RING.get(key)

    pack = a_pack()
    indicators = dict(pack.indicators) | {
        "grades": an_indicator("grades", "S1", kind=Kind.STATISTIC),
        "children": an_indicator("children", "S3", kind=Kind.STATISTIC),
    }
    doorkeeper = Doorkeeper(identify, by_code([replace(pack, indicators=indicators)]))
    api = FastAPI()
    errors.install(api, Language.SV)
    api.include_router(statistics.routes(doorkeeper, figures, clock=lambda: NOON))
    transport = httpx2.ASGITransport(app=api)
    async with httpx2.AsyncClient(transport=transport, base_url="http://delivery") as talking:
        yield talking


def key(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}"}


async def test_the_answer_has_values_what_is_missing_and_what_is_withheld(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.get(f"{PATH}?level=1", headers=key("fire-read"))
    assert answer.status_code == 200
    assert answer.json() == {
        "as_of": "2026-11-23T12:00:00Z",
        "values": [
            {
                "indicator": "grades",
                "area": "1",
                "period": "2024/2025",
                "actor": "school",
                "numerator": 1,
                "denominator": 4,
                "areas_reported": 1,
                "areas_expected": 3,
                "updated_at": "2026-11-23T12:00:00Z",
            }
        ],
        "missing": [{"indicator": "grades", "period": "2024/2025", "areas": ["102", "111", "201"]}],
        "withheld": ["children"],
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("level", "is_shown"), [(1, True), (2, True), (3, False)])
async def test_special_figures_are_exact_down_to_level_2_and_no_further(
    client: httpx2.AsyncClient, figures: SomeFigures, level: int, is_shown: bool
) -> None:
    answer = (await client.get(f"{PATH}?level={level}", headers=key("social-read"))).json()
    assert {one["indicator"] for one in answer["values"]} == ({"children"} if is_shown else set())
    assert {one["indicator"] for one in answer["missing"]} == ({"children"} if is_shown else set())
    assert ("children" in answer["withheld"]) is not is_shown
    assert figures.asked[0][2] == (("children",) if is_shown else ())


async def test_the_whole_question_is_passed_on(
    client: httpx2.AsyncClient, figures: SomeFigures
) -> None:
    query = (
        "indicator=grades&area=10&area=11&period=2025&period=2024/2025"
        "&from=2024-01-01&to=2026-01-01"
    )
    await client.get(f"{PATH}?{query}", headers=key("fire-read"))
    question = StatisticQuestion(
        ("grades",),
        ("10", "11"),
        2,
        ("2024/2025", "2025"),
        date(2024, 1, 1),
        date(2026, 1, 1),
    )
    assert figures.asked == [(question, "fire", ("grades",))]


@pytest.mark.parametrize(
    ("name", "status"), [("fire-report", 403), ("owner", 403), ("elsewhere", 403), ("nobody", 401)]
)
async def test_only_a_key_to_read_with_opens_it(
    client: httpx2.AsyncClient, figures: SomeFigures, name: str, status: int
) -> None:
    assert (await client.get(PATH, headers=key(name))).status_code == status
    assert figures.asked == []


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("indicator=grades&indicator=secretive", {"indicator[1]"}),
        ("indicator=bins", {"indicator[0]"}),
        ("area=secretive", {"area[0]"}),
        ("area=101&area=11", {"area[1]"}),
        ("level=secretive", {"level"}),
        ("level=7", {"level"}),
        ("level=1&level=2", {"level"}),
        ("period=2025&period=secretive", {"period[1]"}),
        ("period=2025-9", {"period[0]"}),
        ("from=secretive", {"from"}),
        ("from=2025", {"from"}),
        ("to=2025-02-30", {"to"}),
        ("to=2025-01-01&to=2025-01-02", {"to"}),
        ("window=1h", {"parameter[0]"}),
        ("begins_from=2025-01-01", {"parameter[0]"}),
        ("secretive=secretive", {"parameter[0]"}),
        ("level=9&period=secretive&area=secretive&to=x", {"level", "period[0]", "area[0]", "to"}),
    ],
)
async def test_a_question_that_cannot_be_answered_says_where_it_is_wrong(
    client: httpx2.AsyncClient, figures: SomeFigures, query: str, fields: set[str]
) -> None:
    answer = await client.get(f"{PATH}?{query}", headers=key("fire-read"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_parameter")
    assert {one["field"] for one in answer.json()["errors"]} == fields
    assert "secretive" not in answer.text
    assert figures.asked == []


async def test_the_interface_describes_itself(client: httpx2.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"][PATH]["get"]
    names = {one["name"] for one in described["parameters"]}
    assert names == {"indicator", "area", "level", "period", "from", "to"}
