"""Every way in refuses what lies beyond the horizon, unless the key is for history."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.ingest.adapters.polisen import report_of
from tests.support.ingest_memory import (
    FIRE_KEY,
    HISTORY_KEY,
    HORIZON,
    NOW,
    READ_KEY,
    Ingest,
    a_row,
    an_agreement,
    bearer,
)
from tests.support.workbooks import MULTIPART, a_form_with, a_workbook

AT_THE_HORIZON = (NOW - HORIZON).replace(microsecond=0) + timedelta(seconds=1)
BEYOND = AT_THE_HORIZON - timedelta(minutes=1)


@dataclass(frozen=True)
class Way:
    """A way in: where it goes, and a body whose one row happened then."""

    path: str
    content_type: str
    body: Callable[[datetime], bytes]


def an_object(at: datetime) -> bytes:
    return json.dumps(a_row(occurred_at=at.isoformat())).encode()


def an_array(at: datetime) -> bytes:
    return b"[" + an_object(at) + b"]"


def a_file(at: datetime) -> bytes:
    local = at.astimezone(ZoneInfo("Europe/Stockholm")).replace(tzinfo=None)
    rows = [["Ärende", "Version", "Återtagen", "Typ", "Tidpunkt", "Bekräftad", "Latitud"]]
    rows[0] += ["Longitud", "E", "N", "NYKO", "Adress", "Anteckning"]
    cells = ["A-1", None, None, "Brand i soptunna", local.isoformat(sep=" "), None, 59.33, 18.07]
    return a_form_with(a_workbook([*rows, cells]))


def an_event_of_the_feed(at: datetime) -> bytes:
    item = {"id": 1, "type": "Brand i soptunna", "datetime": f"{at:%Y-%m-%d %H:%M:%S} +00:00"}
    return json.dumps(report_of(item, an_agreement())).encode()


WAYS = {
    "object": Way("/v1/reports", "application/json", an_object),
    "array": Way("/v1/reports", "application/json", an_array),
    "lines": Way("/v1/reports", "application/x-ndjson", an_object),
    "file": Way("/v1/deliveries", MULTIPART, a_file),
    "feed": Way("/v1/reports", "application/x-ndjson", an_event_of_the_feed),
}

ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


async def sent(ingest: Ingest, way: Way, at: datetime, *, key: str, **more: str) -> list[str]:
    """The codes of the refused row; none when it was accepted."""
    headers = bearer(key, content_type=way.content_type, **more)
    async with ingest.client() as client:
        answer = await client.post(way.path, content=way.body(at), headers=headers)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert told["accepted"] + len(told["rejected"]) == 1
    errors = [error for row in told["rejected"] for error in row["errors"]]
    assert all(error["field"] == "occurred_at" for error in errors)
    assert all("400 dagar" in error["message"] for error in errors)
    return [error["code"] for error in errors]


@ways
async def test_what_lies_beyond_the_horizon_is_refused_before_anything_is_published(
    way: Way,
) -> None:
    ingest = Ingest()
    assert await sent(ingest, way, BEYOND, key=FIRE_KEY) == ["too_late"]
    assert ingest.publisher.all == []


@ways
async def test_what_lies_within_the_horizon_is_accepted(way: Way) -> None:
    ingest = Ingest()
    assert await sent(ingest, way, AT_THE_HORIZON, key=FIRE_KEY) == []
    assert len(ingest.publisher.all) == 1


@ways
async def test_a_key_for_history_is_let_past_the_horizon(way: Way) -> None:
    ingest = Ingest()
    assert await sent(ingest, way, BEYOND - timedelta(days=3000), key=HISTORY_KEY) == []
    (one,) = ingest.publisher.all
    assert one.report.actor == "fire"


@pytest.mark.parametrize("asked", ["?history=true", "?scope=history", ""])
async def test_an_ordinary_key_that_asks_for_history_is_refused_as_always(asked: str) -> None:
    way = WAYS["lines"]
    asking = Way(f"{way.path}{asked}", way.content_type, way.body)
    headers = {"x_lagesbild_history": "true", "history": "true"}
    assert await sent(Ingest(), asking, BEYOND, key=FIRE_KEY, **headers) == ["too_late"]


async def test_the_same_event_has_the_same_id_whichever_key_sent_it() -> None:
    ingest = Ingest()
    for key in (FIRE_KEY, HISTORY_KEY):
        assert await sent(ingest, WAYS["object"], AT_THE_HORIZON, key=key) == []
    first, second = ingest.publisher.all
    assert first == second


async def test_a_withdrawal_of_what_is_long_past_is_accepted() -> None:
    ingest = Ingest()
    row = {"id": "1", "version": 2, "withdrawn": True}
    async with ingest.client() as client:
        answer = await client.post("/v1/reports", content=json.dumps(row), headers=bearer())
    assert answer.json() == {"accepted": 1, "rejected": []}


async def test_a_key_for_reading_reports_nothing_however_old() -> None:
    async with Ingest().client() as client:
        answer = await client.post(
            "/v1/reports", content=an_object(BEYOND), headers=bearer(READ_KEY)
        )
    assert (answer.status_code, answer.json()["error"]) == (403, "wrong_scope")


async def test_the_contract_says_it() -> None:
    async with Ingest().client() as client:
        document = (await client.get("/openapi.json")).json()
    assert "too_late" in document["paths"]["/v1/reports"]["post"]["description"]
