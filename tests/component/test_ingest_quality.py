"""`GET /v1/quality`: how well the actor's own reports were located."""

from datetime import date

import pytest

from services.ingest.domain.quality import Located
from services.ingest.quality_store import QualityAwayError
from shared.messages.event import Placement
from shared.quality import Confidence
from tests.support.ingest_memory import (
    FIRE_KEY,
    MUNICIPALITY,
    OWNER_KEY,
    READ_KEY,
    STRANGER_KEY,
    Ingest,
    bearer,
)

PATH = "/v1/quality"
TODAY, YESTERDAY, LONG_AGO = date(2026, 11, 23), date(2026, 11, 22), date(2026, 10, 24)


@pytest.fixture
def ingest() -> Ingest:
    made = Ingest()
    made.quality.counts[MUNICIPALITY, "fire"] = [
        Located(LONG_AGO, Placement.NYKO, Confidence.EXACT, 5),
        Located(YESTERDAY, Placement.ADDRESS, Confidence.EXACT, 1),
        Located(YESTERDAY, Placement.REST_AMBIGUOUS, Confidence.NONE, 2),
        Located(TODAY, Placement.ADDRESS, Confidence.EXACT, 5),
    ]
    made.quality.counts[MUNICIPALITY, "school"] = [
        Located(TODAY, Placement.OBJECT, Confidence.GOOD, 99)
    ]
    return made


@pytest.mark.parametrize("key", [FIRE_KEY, READ_KEY], ids=["report", "read"])
async def test_an_actor_reads_its_own_days_methods_and_shares(ingest: Ingest, key: str) -> None:
    async with ingest.client() as client:
        answer = await client.get(PATH, headers=bearer(key, accept_language="en"))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["from"], told["to"]) == ("2026-10-25", "2026-11-23")
    assert (told["reports"], told["located"], told["located_share"]) == (8, 6, 0.75)
    assert told["results"] == [
        {
            "method": "address",
            "confidence": "exact",
            "reports": 6,
            "share": 0.75,
            "method_text": "Address.",
            "confidence_text": "Exact: as written.",
        },
        {
            "method": "rest_ambiguous",
            "confidence": "none",
            "reports": 2,
            "share": 0.25,
            "method_text": "Several places fit, or none that all of the text agrees with: name the "
            "locality and the house number, and only the place where it happened.",
            "confidence_text": "None: counts in the rest area.",
        },
    ]
    assert [(day["day"], day["reports"], day["located_share"]) for day in told["days"]] == [
        ("2026-11-22", 3, 0.3333),
        ("2026-11-23", 5, 1.0),
    ]


async def test_the_words_are_swedish_unless_asked_for(ingest: Ingest) -> None:
    async with ingest.client() as client:
        told = (await client.get(PATH, headers=bearer())).json()
    assert told["results"][0]["method_text"] == "Adress."


async def test_further_back_is_asked_for(ingest: Ingest) -> None:
    async with ingest.client() as client:
        all_days = (await client.get(f"{PATH}?days=400", headers=bearer())).json()
        today = (await client.get(f"{PATH}?days=1", headers=bearer())).json()
    assert (all_days["reports"], today["reports"]) == (13, 5)


async def test_of_no_reports_there_is_no_share() -> None:
    async with Ingest().client() as client:
        told = (await client.get(PATH, headers=bearer())).json()
    assert (told["reports"], told["located_share"], told["results"]) == (0, None, [])


@pytest.mark.parametrize("days", ["0", "401", "-1", "x", "", "1.5", "٣", "9" * 40])
async def test_another_number_of_days_is_refused(ingest: Ingest, days: str) -> None:
    async with ingest.client() as client:
        answer = await client.get(PATH, params={"days": days}, headers=bearer())
    assert (answer.status_code, answer.json()["error"]) == (400, "wrong_days")


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        (OWNER_KEY, 403, "wrong_scope"),
        (STRANGER_KEY, 403, "unknown_municipality"),
        ("nonsense", 401, "unknown_key"),
    ],
    ids=["owner", "stranger", "nobody"],
)
async def test_other_keys_are_refused(ingest: Ingest, key: str, status: int, code: str) -> None:
    async with ingest.client() as client:
        answer = await client.get(PATH, headers=bearer(key))
    assert (answer.status_code, answer.json()["error"]) == (status, code)


async def test_a_database_that_is_away_is_a_503(ingest: Ingest) -> None:
    ingest.quality.error = QualityAwayError()
    async with ingest.client() as client:
        answer = await client.get(PATH, headers=bearer())
    assert (answer.status_code, answer.json()["error"]) == (503, "quality_away")


async def test_the_document_tells_of_it(ingest: Ingest) -> None:
    async with ingest.client() as client:
        document = (await client.get("/openapi.json")).json()
    told = document["paths"][PATH]["get"]
    assert told["parameters"][0]["name"] == "days"
    methods = told["responses"]["200"]["content"]["application/json"]["schema"]["properties"][
        "results"
    ]["items"]["properties"]["method"]["enum"]
    assert set(methods) == set(Placement)
