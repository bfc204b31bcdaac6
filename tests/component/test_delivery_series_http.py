"""`GET /v1/series` without a database: what is passed on, what is withheld, what is refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi import FastAPI

from services.delivery.domain.municipality import by_code
from services.delivery.domain.series import TIER, Kept, SeriesQuestion, Step
from services.delivery.domain.view import Audience, Count
from services.delivery.handlers import errors, series
from services.delivery.handlers.asking import Doorkeeper
from shared.buckets import number_of
from shared.key_ring import Principal, Scope
from shared.language import Language
from shared.pack.model import Coarsening, Pack, Sensitivity
from shared.windows import Tier
from tests.support.delivery import a_pack

PATH = "/v1/series"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MIDNIGHT = NOON - timedelta(hours=13)
RING = {
    "fire-read": Principal("0001", "fire", Scope.READ),
    "social-read": Principal("0001", "social", Scope.READ),
    "fire-report": Principal("0001", "fire", Scope.REPORT),
    "owner": Principal("0001", None, Scope.OWN),
    "elsewhere": Principal("0002", "fire", Scope.READ),
}
WHOLE = "indicator=bins&area=10&from=2026-11-22&to=2026-11-25&step=day"


class OneDay:
    """A history in which three reports of two incidents came in on one day."""

    def __init__(self) -> None:
        self.asked: list[tuple[SeriesQuestion, str, bool]] = []

    async def read(
        self, question: SeriesQuestion, audience: Audience, *, is_shown: bool, as_of: datetime
    ) -> Kept | None:
        self.asked.append((question, audience.actor, is_shown))
        counts = {number_of(MIDNIGHT, TIER[question.step]): Count(3, 2)}
        kept_from = datetime(2020, 1, 1, tzinfo=UTC)
        return Kept(kept_from, counts, is_cleared=True) if is_shown else None


@pytest.fixture
def history() -> OneDay:
    return OneDay()


@asynccontextmanager
async def talking_to(history: OneDay, pack: Pack) -> AsyncIterator[httpx2.AsyncClient]:
    async def identify(key: str) -> Principal | None:
        return RING.get(key)

    api = FastAPI()
    errors.install(api, Language.SV)
    doorkeeper = Doorkeeper(identify, by_code([pack]))
    api.include_router(series.routes(doorkeeper, history, clock=lambda: NOON))
    transport = httpx2.ASGITransport(app=api)
    async with httpx2.AsyncClient(transport=transport, base_url="http://delivery") as talking:
        yield talking


@pytest.fixture
async def client(history: OneDay) -> AsyncIterator[httpx2.AsyncClient]:
    async with talking_to(history, a_pack()) as talking:
        yield talking


def key(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}"}


async def test_the_answer_has_its_shape(client: httpx2.AsyncClient, history: OneDay) -> None:
    answer = await client.get(f"{PATH}?{WHOLE}", headers=key("fire-read"))
    assert answer.json() == {
        "indicator": "bins",
        "area": "10",
        "step": "day",
        "from": "2026-11-21T23:00:00Z",
        "to": "2026-11-24T23:00:00Z",
        "as_of": "2026-11-23T12:00:00Z",
        "kept_from": "2020-01-01T00:00:00Z",
        "points": [
            {
                "start": f"2026-11-{day}T23:00:00Z",
                "end": f"2026-11-{day + 1}T23:00:00Z",
                "reports": reports,
                "incidents": incidents,
            }
            for day, reports, incidents in ((21, 0, 0), (22, 3, 2), (23, None, None))
        ],
        "withheld": [],
    }
    assert answer.headers["cache-control"] == "no-store"
    begins = datetime(2026, 11, 21, 23, tzinfo=UTC)
    asked = SeriesQuestion("bins", "10", Step.DAY, begins, begins + timedelta(days=3))
    assert history.asked == [(asked, "fire", True)]


@pytest.mark.parametrize(
    ("name", "indicator", "area", "is_shown"),
    [
        ("fire-read", "houses", "101", True),
        ("fire-read", "people", "1", False),
        ("fire-read", "special", "1", False),
        ("social-read", "houses", "1", False),
        ("social-read", "special", "1", True),
        ("social-read", "special", "10", True),
        ("social-read", "special", "101", False),
    ],
)
async def test_what_the_actor_is_not_cleared_for_is_withheld_and_not_read(
    client: httpx2.AsyncClient,
    history: OneDay,
    name: str,
    indicator: str,
    area: str,
    is_shown: bool,
) -> None:
    query = f"indicator={indicator}&area={area}&from=2026-11-22&to=2026-11-25&step=week"
    answer = (await client.get(f"{PATH}?{query}", headers=key(name))).json()
    assert answer["withheld"] == ([] if is_shown else [indicator])
    assert bool(answer["points"]) is is_shown
    assert (answer["kept_from"] is not None) is is_shown
    assert [shown for _, _, shown in history.asked] == [is_shown]


@pytest.mark.parametrize(
    ("name", "status"), [("fire-report", 403), ("owner", 403), ("elsewhere", 403), ("nobody", 401)]
)
async def test_only_a_key_to_read_with_opens_it(
    client: httpx2.AsyncClient, history: OneDay, name: str, status: int
) -> None:
    assert (await client.get(f"{PATH}?{WHOLE}", headers=key(name))).status_code == status
    assert history.asked == []


@pytest.mark.parametrize(
    ("changed", "mistakes"),
    [
        ({"indicator": "secretive"}, {"indicator": "unknown_code"}),
        ({"indicator": "grades"}, {"indicator": "not_an_event"}),
        ({"area": "secretive"}, {"area": "unknown_code"}),
        ({"step": "minute"}, {"step": "unknown_code"}),
        ({"step": ""}, {"step": "unknown_code"}),
        ({"indicator": "people", "step": "hour"}, {"step": "too_fine"}),
        ({"indicator": "special", "step": "hour"}, {"step": "too_fine"}),
        ({"indicator": "special", "step": "day"}, {"step": "too_fine"}),
        ({"from": "2026-11-22T00:00:00"}, {"from": "not_an_instant"}),  # where?
        ({"from": "2026-11-22T00:00:00 01:00"}, {"from": "not_an_instant"}),
        ({"from": "2026-W47"}, {"from": "not_an_instant"}),
        ({"from": "2026-02-30"}, {"from": "not_an_instant"}),
        ({"from": ""}, {"from": "not_an_instant"}),
        ({"from": "0001-01-01T00:00:00+01:00"}, {"from": "not_an_instant"}),
        ({"to": "9999-12-31"}, {"to": "out_of_range"}),
        ({"from": "1969-12-31"}, {"from": "out_of_range"}),
        ({"to": "2026-11-22"}, {"to": "out_of_range"}),
        ({"to": "2026-11-21T23:00Z"}, {"to": "out_of_range"}),
        ({"from": "1990-01-01"}, {"to": "too_many"}),
        ({"step": "hour", "from": "2025-10-04T06:59:00Z"}, {"to": "too_many"}),
        (dict.fromkeys(("indicator", "area", "from", "to", "step")), None),
        (
            {"indicator": "x", "area": "y", "from": "z", "to": "1800-01-01", "step": "secretive"},
            {
                "indicator": "unknown_code",
                "area": "unknown_code",
                "from": "not_an_instant",
                "to": "out_of_range",
                "step": "unknown_code",
            },
        ),
    ],
)
async def test_a_question_that_cannot_be_answered_says_everything_that_is_wrong(
    client: httpx2.AsyncClient,
    history: OneDay,
    changed: dict[str, str | None],
    mistakes: dict[str, str] | None,
) -> None:
    asked = dict(part.split("=") for part in WHOLE.split("&")) | changed
    given = {name: value for name, value in asked.items() if value is not None}
    answer = await client.get(PATH, params=given, headers=key("fire-read"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_parameter")
    found = {one["field"]: one["code"] for one in answer.json()["errors"]}
    assert found == (mistakes or dict.fromkeys(asked, "missing"))
    assert len(answer.json()["errors"]) == len(found)
    assert "secretive" not in answer.text
    assert history.asked == []


async def test_the_most_steps_are_allowed(client: httpx2.AsyncClient) -> None:
    query = "indicator=bins&area=10&from=2025-10-04T14:00:00Z&to=2026-11-25T06:00:00Z&step=hour"
    answer = await client.get(f"{PATH}?{query}", headers=key("fire-read"))
    assert len(answer.json()["points"]) == 10_000


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        (f"{WHOLE}&step=week", "step", "repeated"),
        (f"{WHOLE}&from=2026-11-22", "from", "repeated"),
        (f"{WHOLE}&secretive=1", "parameter[5]", "unknown_field"),
        (f"{WHOLE}&begins=2026-11-22", "parameter[5]", "unknown_field"),
    ],
)
async def test_each_parameter_is_given_once_and_known(
    client: httpx2.AsyncClient, query: str, field: str, code: str
) -> None:
    answer = await client.get(f"{PATH}?{query}", headers=key("fire-read"))
    assert answer.status_code == 400
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]
    assert "secretive" not in answer.text


async def test_the_interface_describes_itself(client: httpx2.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"][PATH]["get"]
    names = {one["name"] for one in described["parameters"]}
    assert names == {"indicator", "area", "from", "to", "step"}
    example = described["responses"]["200"]["content"]["application/json"]["example"]
    answer = (await client.get(f"{PATH}?{WHOLE}", headers=key("fire-read"))).json()
    assert list(example) == list(answer)
    assert list(example["points"][0]) == list(answer["points"][0])


@pytest.mark.parametrize(
    ("area", "step", "wrong"),
    [
        ("1", "day", []),
        ("10", "day", []),
        ("99", "day", []),
        ("101", "day", [("area", "too_fine")]),
        ("999", "day", [("area", "too_fine")]),
        ("10", "hour", [("step", "too_fine")]),
        ("101", "hour", [("area", "too_fine"), ("step", "too_fine")]),
    ],
)
async def test_the_packs_policy_says_how_fine_a_series_can_be(
    history: OneDay, area: str, step: str, wrong: list[tuple[str, str]]
) -> None:
    pack = a_pack(coarsening={Sensitivity.S1: Coarsening(Tier.HOUR, 2)})
    async with talking_to(history, pack) as client:
        answer = await client.get(
            f"{PATH}?indicator=houses&area={area}&from=2026-11-22&to=2026-11-25&step={step}",
            headers=key("fire-read"),
        )
    found = [(one["field"], one["code"]) for one in answer.json().get("errors", [])]
    assert found == wrong
    assert answer.status_code == (400 if wrong else 200)
    assert bool(history.asked) is not bool(wrong)
