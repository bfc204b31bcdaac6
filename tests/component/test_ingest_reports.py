"""`POST /v1/reports` through its HTTP side, with the servers in memory."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.ingest.domain.errors import REQUEST_ERRORS, RequestErrorCode
from services.ingest.handlers.intake import MOST_BODY_BYTES, MOST_WAITING_ROWS
from services.ingest.publisher import KafkaAwayError, OverloadedError
from shared.key_ring import RegistryAwayError
from tests.support.ingest_memory import (
    FIRE_KEY,
    NOW,
    OWNER_KEY,
    READ_KEY,
    STRANGER_KEY,
    Ingest,
    a_row,
    bearer,
)

NDJSON = "application/x-ndjson"
PATH = "/v1/reports"


def body_of(*rows: object) -> bytes:
    return json.dumps(rows[0] if len(rows) == 1 else rows).encode()


def lines_of(*rows: object) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_one_object_is_accepted() -> None:
    ingest = Ingest()
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body_of(a_row()), headers=bearer())
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "rejected": []})
    assert answer.headers["content-type"] == "application/json"
    assert [one.report.received_at for one in ingest.publisher.all] == [NOW]


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=UTF-8"])
async def test_an_array_is_accepted_in_order(content_type: str) -> None:
    ingest = Ingest()
    rows = [a_row(id="1"), a_row(id="2"), a_row(id="1", version=2)]
    async with ingest.client() as client:
        answer = await client.post(
            PATH, content=body_of(*rows), headers=bearer(content_type=content_type)
        )
    assert answer.json() == {"accepted": 3, "rejected": []}
    assert [one.report.version for one in ingest.publisher.all] == [1, 1, 2]


async def test_lines_are_accepted_and_wrong_ones_named() -> None:
    ingest = Ingest()
    body = lines_of(a_row(), "nonsense", a_row(id="")) + b"\n\n" + lines_of(a_row(id="2")) + b"\n"
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body, headers=bearer(content_type=NDJSON))
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 2
    assert [(row["row"], row["errors"][0]["code"]) for row in answer.json()["rejected"]] == [
        (1, "not_an_object"),
        (2, "empty"),
    ]
    assert len(ingest.publisher.all) == 2


async def test_one_wrong_object_is_one_refused_row() -> None:
    ingest = Ingest()
    async with ingest.client() as client:
        answer = await client.post(
            PATH, content=body_of(a_row(id="", version=0)), headers=bearer(accept_language="en")
        )
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 0,
        "rejected": [
            {
                "row": 0,
                "errors": [
                    {"field": "id", "code": "empty", "message": "The field is empty."},
                    {
                        "field": "version",
                        "code": "out_of_range",
                        "message": "The number is out of range.",
                    },
                ],
            }
        ],
    }
    assert ingest.publisher.published == []


async def test_an_empty_array_is_accepted() -> None:
    async with Ingest().client() as client:
        answer = await client.post(PATH, content=b"[]", headers=bearer())
    assert (answer.status_code, answer.json()) == (202, {"accepted": 0, "rejected": []})


async def test_the_rows_before_a_break_stand() -> None:
    ingest = Ingest()
    body = body_of(a_row(), a_row(id="2"))[:-1] + b", oops"
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body, headers=bearer())
    assert answer.status_code == 202
    assert answer.json()["accepted"] == len(ingest.publisher.all) == 2
    assert answer.json()["rejected"][0]["errors"][0]["code"] == "rest_unread"


@pytest.mark.parametrize(
    ("headers", "content", "code"),
    [
        ({}, b"", RequestErrorCode.UNREADABLE),
        ({}, b"nonsense", RequestErrorCode.UNREADABLE),
        ({}, b"42", RequestErrorCode.UNREADABLE),
        ({}, b"[oops]", RequestErrorCode.UNREADABLE),
        ({"content_type": NDJSON}, b"\n \n", RequestErrorCode.UNREADABLE),
        ({"authorization": ""}, b"{}", RequestErrorCode.NO_KEY),
        ({"authorization": "Basic abc"}, b"{}", RequestErrorCode.NO_KEY),
        ({"authorization": "Bearer"}, b"{}", RequestErrorCode.NO_KEY),
        ({"authorization": "Bearer nonsense"}, b"{}", RequestErrorCode.UNKNOWN_KEY),
        ({"authorization": f"Bearer {FIRE_KEY}x"}, b"{}", RequestErrorCode.UNKNOWN_KEY),
        ({"authorization": f"Bearer {READ_KEY}"}, b"{}", RequestErrorCode.WRONG_SCOPE),
        ({"authorization": f"Bearer {OWNER_KEY}"}, b"{}", RequestErrorCode.WRONG_SCOPE),
        ({"authorization": f"Bearer {STRANGER_KEY}"}, b"{}", RequestErrorCode.UNKNOWN_MUNICIPALITY),
        ({"content_type": "text/csv"}, b"{}", RequestErrorCode.UNSUPPORTED_TYPE),
        ({"content_type": ""}, b"{}", RequestErrorCode.UNSUPPORTED_TYPE),
        (
            {"content_type": "application/json; charset=latin-1"},
            b"{}",
            RequestErrorCode.UNSUPPORTED_TYPE,
        ),
        ({"content_encoding": "gzip"}, b"{}", RequestErrorCode.UNSUPPORTED_TYPE),
        ({"content_length": str(MOST_BODY_BYTES + 1)}, b"{}", RequestErrorCode.TOO_LARGE),
    ],
)
@pytest.mark.parametrize("language", ["sv", "en"])
async def test_a_request_that_cannot_be_taken_hears_why(
    headers: dict[str, str], content: bytes, code: RequestErrorCode, language: str
) -> None:
    ingest = Ingest()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with ingest.client() as client:
        answer = await client.post(
            PATH, content=content, headers={**bearer(accept_language=language), **named}
        )
    error = REQUEST_ERRORS[code]
    text = error.message.sv if language == "sv" else error.message.en
    assert (answer.status_code, answer.json()) == (
        error.status,
        {"error": code.value, "message": text},
    )
    assert answer.headers.get("www-authenticate") == ("Bearer" if error.status == 401 else None)
    assert ingest.publisher.published == []


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
async def test_the_name_of_the_scheme_may_be_written_as_one_likes(scheme: str) -> None:
    async with Ingest().client() as client:
        headers = {**bearer(), "authorization": f"{scheme} {FIRE_KEY}"}
        answer = await client.post(PATH, content=b"[]", headers=headers)
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OverloadedError(), RequestErrorCode.OVERLOADED),
        (KafkaAwayError(), RequestErrorCode.KAFKA_AWAY),
    ],
)
@pytest.mark.parametrize("when", ["admit_error", "publish_error"])
async def test_a_bad_world_says_when_to_come_back(
    error: Exception, code: RequestErrorCode, when: str
) -> None:
    ingest = Ingest()
    setattr(ingest.publisher, when, error)
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body_of(a_row()), headers=bearer())
    assert answer.status_code == REQUEST_ERRORS[code].status
    assert answer.json()["error"] == code.value
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_registry_that_is_away_is_not_a_wrong_key() -> None:
    ingest = Ingest()
    ingest.key_ring.error = RegistryAwayError()
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body_of(a_row()), headers=bearer())
        ready = await client.get("/ready")
    assert (answer.status_code, answer.json()["error"]) == (503, "registry_away")
    assert (ready.status_code, ready.json()["waiting_for"]) == (503, ["registry"])


async def test_a_body_without_a_length_is_counted_while_it_arrives() -> None:
    ingest = Ingest()
    line = lines_of(a_row()) + b"\n" + b" " * 1_000_000 + b"\n"

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield line

    async with ingest.client() as client:
        answer = await client.post(PATH, content=endless(), headers=bearer(content_type=NDJSON))
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


async def test_many_rows_are_published_some_at_a_time() -> None:
    ingest = Ingest()
    body = lines_of(*(a_row(id=str(number)) for number in range(3 * MOST_WAITING_ROWS)))
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body, headers=bearer(content_type=NDJSON))
    assert answer.json()["accepted"] == 3 * MOST_WAITING_ROWS
    assert max(map(len, ingest.publisher.published)) < 2 * MOST_WAITING_ROWS
    assert len(ingest.publisher.published) == 3


async def test_behind_too_many_errors_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.ingest.domain.receipt.MOST_REJECTED", 3)
    ingest = Ingest()
    body = lines_of(a_row()) + b"\n" + b"oops\n" * 10_000 + lines_of(a_row(id="2"))
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body, headers=bearer(content_type=NDJSON))
    assert answer.json()["accepted"] == len(ingest.publisher.all) == 1
    assert [(row["row"], row["errors"][0]["code"]) for row in answer.json()["rejected"]] == [
        (1, "not_json"),
        (2, "not_json"),
        (3, "rest_unread"),
    ]


async def test_rows_that_come_slowly_do_not_wait_for_more() -> None:
    times = iter(range(100))
    ingest = Ingest(now=lambda: NOW + timedelta(seconds=next(times)))

    async def slowly() -> AsyncIterator[bytes]:
        for number in range(3):
            yield lines_of(a_row(id=str(number))) + b"\n"

    async with ingest.client() as client:
        await client.post(PATH, content=slowly(), headers=bearer(content_type=NDJSON))
    assert [len(batch) for batch in ingest.publisher.published] == [1, 1, 1]


async def test_a_sender_that_hangs_up_harms_nothing() -> None:
    ingest = Ingest()
    before = sample("lagesbild_ingest_requests_total", status="499")
    sent: list[Any] = []
    first = lines_of(a_row()) + b"\n"
    messages = iter(
        [
            {"type": "http.request", "body": first, "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = {**bearer(content_type=NDJSON)}
    await ingest.app(
        {
            "type": "http",
            "method": "POST",
            "path": PATH,
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        },
        receive,
        send,
    )
    assert sent[0]["status"] == 499
    assert sample("lagesbild_ingest_requests_total", status="499") == before + 1


async def test_a_fault_of_ours_is_a_500_that_says_nothing() -> None:
    ingest = Ingest()
    ingest.publisher.publish_error = RuntimeError("kanariefågel")
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body_of(a_row()), headers=bearer())
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert "kanarie" not in answer.text


async def test_accepted_and_refused_rows_are_counted() -> None:
    def counts() -> list[float]:
        return [
            sample("lagesbild_reports_accepted_total"),
            sample("lagesbild_reports_rejected_total", reason="empty"),
            sample("lagesbild_ingest_requests_total", status="202"),
        ]

    before = counts()
    async with Ingest().client() as client:
        await client.post(PATH, content=body_of(a_row(), a_row(), a_row(id="")), headers=bearer())
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [2, 1, 1]


@pytest.mark.parametrize("fails", [False, True])
async def test_a_delivery_with_refused_rows_is_logged_without_values(
    fails: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [a_row(text="kanariefågel"), a_row(id="", text="kanariefågel")]
    async with Ingest().client() as client:
        await client.post(PATH, content=body_of(*(rows if fails else rows[:1])), headers=bearer())
    logged = "".join(capsys.readouterr())
    assert ("reports_received" in logged) is fails
    assert "kanarie" not in logged


async def test_long_work_lets_others_in_between() -> None:
    ingest = Ingest()
    body = lines_of(*(a_row(id=str(number)) for number in range(2000)))
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with ingest.client() as client:
        other = asyncio.create_task(others())
        await client.post(PATH, content=body, headers=bearer(content_type=NDJSON))
        other.cancel()
    assert turns >= len(body) // (16 << 10)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", PATH, 405, "method_not_allowed"), ("GET", "/v1/nothing", 404, "not_found")],
)
async def test_other_addresses_and_methods_are_refused_in_the_same_form(
    method: str, path: str, status: int, code: str
) -> None:
    async with Ingest().client() as client:
        answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["error"]) == (status, code)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_there_is_no_page_that_loads_from_other_hosts(path: str) -> None:
    async with Ingest().client() as client:
        assert (await client.get(path)).status_code == 404


async def test_the_contract_can_be_read() -> None:
    async with Ingest().client() as client:
        document = (await client.get("/openapi.json")).json()
    reports = document["paths"]["/v1/reports"]["post"]
    assert set(reports["responses"]) == {"202", "400", "401", "403", "413", "415", "429", "503"}
    assert set(reports["requestBody"]["content"]) == {"application/json", NDJSON}
    assert "$ref" not in json.dumps(reports)
    assert reports["security"]


async def test_metrics_and_readiness_are_served() -> None:
    async with Ingest().client() as client:
        ready = await client.get("/ready")
        metrics = await client.get("/metrics")
    assert ready.json() == {"ready": True, "waiting_for": []}
    for name in (
        "reports_accepted_total",
        "reports_in_flight",
        'rejected_total{reason="too_deep"}',
    ):
        assert name in metrics.text
