"""GET /v1/reports/lost: each actor sees its own losses, newest first, page by page."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.ingest.handlers import contract
from services.ingest.publisher import BacklogTooOldError, KeysAwayError
from services.ingest.store import Lost
from shared.language import Language
from tests.support.ingest_memory import (
    FIRE_KEY,
    HISTORY_KEY,
    NOW,
    OWNER_KEY,
    READ_KEY,
    SCHOOL_KEY,
    STRANGER_KEY,
    Ingest,
    a_row,
    bearer,
)

PATH = "/v1/reports/lost"


def losses(count: int) -> list[Lost]:
    return [Lost(UUID(int=at), NOW + timedelta(seconds=at // 3), NOW) for at in range(count)]


async def test_each_actor_sees_its_own_with_any_of_its_keys() -> None:
    ingest = Ingest()
    ingest.lost.by_actor["9998", "fire"] = losses(1)
    async with ingest.client() as client:
        for key in (FIRE_KEY, HISTORY_KEY, READ_KEY):
            answer = await client.get(PATH, headers=bearer(key))
            assert answer.json() == {
                "lost": [
                    {
                        "event_id": str(UUID(int=0)),
                        "received_at": "2026-11-23T12:34:56.789123Z",
                        "noticed_at": "2026-11-23T12:34:56.789123Z",
                    }
                ],
                "next": None,
            }
        answer = await client.get(PATH, headers=bearer(SCHOOL_KEY))
        assert answer.json() == {"lost": [], "next": None}


async def test_the_pages_together_are_everything_newest_first() -> None:
    ingest = Ingest()
    ingest.lost.by_actor["9998", "fire"] = losses(10)
    found: list[str] = []
    async with ingest.client() as client:
        query = "limit=4"
        while True:
            answer = (await client.get(f"{PATH}?{query}", headers=bearer())).json()
            assert len(answer["lost"]) <= 4
            found += [one["event_id"] for one in answer["lost"]]
            if answer["next"] is None:
                break
            query = f"limit=4&before={answer['next']}"
    assert found == [str(UUID(int=at)) for at in reversed(range(10))]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "before=x", "before=20261123T123456.0-x"]
)
async def test_a_query_that_cannot_be_read_is_refused(query: str) -> None:
    async with Ingest().client() as client:
        answer = await client.get(f"{PATH}?{query}", headers=bearer())
    assert (answer.status_code, answer.json()["error"]) == (400, "unreadable_query")


async def test_who_is_no_actor_here_sees_nothing() -> None:
    ingest = Ingest()
    async with ingest.client() as client:
        statuses = [
            (await client.get(PATH, headers=headers)).status_code
            for headers in ({}, bearer("lb_nobody"), bearer(OWNER_KEY), bearer(STRANGER_KEY))
        ]
    assert statuses == [401, 401, 403, 403]


async def test_a_database_that_is_away_is_503() -> None:
    ingest = Ingest()
    ingest.lost.error = TimeoutError()
    async with ingest.client() as client:
        answer = await client.get(PATH, headers=bearer())
    assert (answer.status_code, answer.json()["error"]) == (503, "registry_away")


@pytest.mark.parametrize(
    ("error", "code", "seconds"),
    [(KeysAwayError(), "keys_away", "5"), (BacklogTooOldError(), "backlog_too_old", "60")],
)
async def test_reports_that_must_not_be_accepted_get_503_before_they_are_read(
    error: Exception, code: str, seconds: str
) -> None:
    ingest = Ingest()
    ingest.publisher.reports_error = error
    async with ingest.client() as client:
        refused = await client.post("/v1/reports", json=a_row(), headers=bearer())
        statistics = await client.post("/v1/statistics", json=[], headers=bearer())
    assert (refused.status_code, refused.json()["error"]) == (503, code)
    assert refused.headers["retry-after"] == seconds
    assert statistics.status_code == 202


async def test_the_document_tells_of_it() -> None:
    async with Ingest().client() as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    document = paths[PATH]["get"]
    assert {one["name"] for one in document["parameters"]} == {"limit", "before"}
    assert {"200", "400", "401", "403", "503"} <= set(document["responses"])


@pytest.mark.parametrize("language", Language)
def test_the_contract_says_that_a_503_may_stand_in_the_list_too(language: Language) -> None:
    text = contract.LOST.in_(language)
    assert "202" in text
    assert "503" in text
