"""`GET /v1/indicators`: what the key's actor may report."""

import pytest

from shared.key_ring import RegistryAwayError
from tests.support.ingest_memory import (
    FIRE_KEY,
    OWNER_KEY,
    READ_KEY,
    STRANGER_KEY,
    Ingest,
    bearer,
)

PATH = "/v1/indicators"


@pytest.mark.parametrize("key", [FIRE_KEY, READ_KEY], ids=["report", "read"])
async def test_the_actors_part_of_the_catalogue_is_listed_statistics_included(key: str) -> None:
    async with Ingest().client() as client:
        answer = await client.get(PATH, headers=bearer(key))
    assert answer.status_code == 200
    assert answer.json() == {
        "indicators": [
            {
                "code": "bin_fire",
                "name": "bin_fire sv",
                "name_en": "bin_fire en",
                "kind": "event",
                "class": "S0",
                "family": "fire",
            },
            {
                "code": "truancy",
                "name": "truancy sv",
                "name_en": "truancy en",
                "kind": "statistic",
                "class": "S0",
                "family": "other",
            },
        ]
    }


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        (OWNER_KEY, 403, "wrong_scope"),
        (STRANGER_KEY, 403, "unknown_municipality"),
        ("nonsense", 401, "unknown_key"),
    ],
    ids=["owner", "stranger", "nobody"],
)
async def test_other_keys_are_refused(key: str, status: int, code: str) -> None:
    async with Ingest().client() as client:
        answer = await client.get(PATH, headers=bearer(key))
    assert (answer.status_code, answer.json()["error"]) == (status, code)


async def test_a_registry_that_is_away_is_a_503() -> None:
    ingest = Ingest()
    ingest.key_ring.error = RegistryAwayError()
    async with ingest.client() as client:
        answer = await client.get(PATH, headers=bearer())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
