"""`POST /v1/statistics` through its HTTP side, with the servers in memory."""

import json
from typing import Any

import pytest
from prometheus_client import REGISTRY, generate_latest
from structlog.testing import capture_logs

from services.ingest.domain.errors import REQUEST_ERRORS, RequestErrorCode
from services.ingest.handlers.intake import MOST_BODY_BYTES
from services.ingest.publisher import KafkaAwayError, OverloadedError
from shared.key_ring import RegistryAwayError
from tests.support.ingest_memory import (
    NOW,
    OWNER_KEY,
    READ_KEY,
    SCHOOL_KEY,
    STRANGER_KEY,
    Ingest,
    a_statistic_row,
    bearer,
)

NDJSON = "application/x-ndjson"
PATH = "/v1/statistics"
MARK = 987_654_321


def body_of(*rows: object) -> bytes:
    return json.dumps(rows[0] if len(rows) == 1 else rows).encode()


async def test_one_object_is_accepted() -> None:
    ingest = Ingest()
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body_of(a_statistic_row()), headers=bearer())
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "rejected": []})
    (statistic,) = ingest.publisher.statistics
    assert (statistic.municipality, statistic.actor, statistic.received_at) == (
        "9998",
        "fire",
        NOW,
    )
    assert ingest.publisher.published == []


@pytest.mark.parametrize("content_type", ["application/json", NDJSON])
async def test_rows_are_accepted_in_order_and_wrong_ones_named(content_type: str) -> None:
    ingest = Ingest()
    rows = [a_statistic_row(), a_statistic_row(area="x", numerator=-1), a_statistic_row(area="10")]
    body = (
        b"\n".join(json.dumps(row).encode() for row in rows)
        if content_type == NDJSON
        else body_of(*rows)
    )
    async with ingest.client() as client:
        answer = await client.post(
            PATH, content=body, headers=bearer(content_type=content_type, accept_language="en")
        )
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 2,
        "rejected": [
            {
                "row": 1,
                "errors": [
                    {
                        "field": "area",
                        "code": "unknown_area",
                        "message": "The municipality has no area with that code, on any level.",
                    },
                    {
                        "field": "numerator",
                        "code": "out_of_range",
                        "message": "The number is out of range.",
                    },
                ],
            }
        ],
    }
    assert [one.area for one in ingest.publisher.statistics] == ["101", "10"]


async def test_an_event_is_refused_here_and_a_statistic_there() -> None:
    ingest = Ingest()
    report = {"id": "1", "indicator": "bin_fire", "occurred_at": "2026-11-23T12:00:00Z"}
    async with ingest.client() as client:
        here = await client.post(PATH, content=body_of(report), headers=bearer())
        there = await client.post(
            "/v1/reports", content=body_of(a_statistic_row()), headers=bearer()
        )
    codes = {error["code"] for error in here.json()["rejected"][0]["errors"]}
    assert "not_a_statistic" in codes
    codes = {error["code"] for error in there.json()["rejected"][0]["errors"]}
    assert "not_an_event" in codes
    assert (ingest.publisher.statistics, ingest.publisher.published) == ([], [])


@pytest.mark.parametrize(
    ("key", "status"),
    [(READ_KEY, 403), (OWNER_KEY, 403), (STRANGER_KEY, 403), ("nobody", 401)],
    ids=["to read", "the owner's", "a stranger's", "none"],
)
async def test_only_a_key_to_report_with_opens_it(key: str, status: int) -> None:
    ingest = Ingest()
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body_of(a_statistic_row()), headers=bearer(key))
        without = await client.post(PATH, content=b"{}")
    assert (answer.status_code, without.status_code) == (status, 401)
    assert ingest.publisher.statistics == []


async def test_a_key_reports_the_figures_of_its_own_actor_only() -> None:
    ingest = Ingest()
    rows = [a_statistic_row(), a_statistic_row(indicator="school_truancy")]
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body_of(*rows), headers=bearer(SCHOOL_KEY))
    assert [row["row"] for row in answer.json()["rejected"]] == [0]
    assert [one.actor for one in ingest.publisher.statistics] == ["school"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KafkaAwayError(), RequestErrorCode.KAFKA_AWAY),
        (OverloadedError(), RequestErrorCode.OVERLOADED),
    ],
)
async def test_nothing_is_accepted_that_could_not_be_kept(
    error: Exception, code: RequestErrorCode
) -> None:
    ingest = Ingest()
    ingest.publisher.admit_error = error
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body_of(a_statistic_row()), headers=bearer())
    assert (answer.status_code, answer.json()["error"]) == (REQUEST_ERRORS[code].status, code)
    assert answer.headers["retry-after"]


async def test_202_comes_after_kafka_and_never_before() -> None:
    ingest = Ingest()
    ingest.publisher.publish_error = KafkaAwayError()
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body_of(a_statistic_row()), headers=bearer())
    assert (answer.status_code, answer.json()["error"]) == (503, "kafka_away")


async def test_a_registry_that_is_away_is_said() -> None:
    ingest = Ingest()
    ingest.key_ring.error = RegistryAwayError()
    async with ingest.client() as client:
        answer = await client.post(PATH, content=body_of(a_statistic_row()), headers=bearer())
    assert (answer.status_code, answer.json()["error"]) == (503, "registry_away")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", {}, 400),
        (b"nonsense", {}, 400),
        (b"{}", {"content_type": "text/csv"}, 415),
        (b"{}", {"content_encoding": "gzip"}, 415),
        (b"{}", {"content_length": str(MOST_BODY_BYTES + 1)}, 413),
    ],
)
async def test_a_body_that_is_not_ours_is_refused_as_a_whole(
    content: bytes, headers: dict[str, str], status: int
) -> None:
    async with Ingest().client() as client:
        answer = await client.post(PATH, content=content, headers=bearer(**headers))
    assert answer.status_code == status


async def test_no_value_is_in_an_answer_a_log_line_or_a_metric() -> None:
    rows: list[dict[str, Any]] = [
        a_statistic_row(numerator=MARK, denominator=MARK),
        a_statistic_row(numerator=MARK, denominator=MARK - 1),
        a_statistic_row(area=str(MARK), period=str(MARK), indicator=str(MARK), version=-MARK),
        a_statistic_row(**{f"field{MARK}": MARK}),
    ]
    with capture_logs() as lines:
        async with Ingest().client() as client:
            answer = await client.post(PATH, content=body_of(*rows), headers=bearer())
    assert (answer.json()["accepted"], len(answer.json()["rejected"])) == (1, 3)
    assert [line["event"] for line in lines] == ["statistics_received"]
    for said in (answer.text, repr(lines), generate_latest(REGISTRY).decode()):
        assert str(MARK) not in said


async def test_accepted_and_refused_rows_are_counted_apart_from_reports() -> None:
    def counted(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(f"lagesbild_{name}_total", labels) or 0.0

    before = counted("statistics_accepted"), counted("statistics_rejected", reason="unknown_area")
    reports = counted("reports_accepted")
    rows = [a_statistic_row(), a_statistic_row(area="10"), a_statistic_row(area="x")]
    async with Ingest().client() as client:
        await client.post(PATH, content=body_of(*rows), headers=bearer())
    after = counted("statistics_accepted"), counted("statistics_rejected", reason="unknown_area")
    assert after == (before[0] + 2, before[1] + 1)
    assert counted("reports_accepted") == reports


async def test_the_interface_describes_itself() -> None:
    async with Ingest().client() as client:
        document = (await client.get("/openapi.json")).json()
    statistics = document["paths"][PATH]["post"]
    assert set(statistics["responses"]) == {"202", "400", "401", "403", "413", "415", "429", "503"}
    assert set(statistics["requestBody"]["content"]) == {"application/json", NDJSON}
    row = statistics["requestBody"]["content"][NDJSON]["schema"]["oneOf"][0]
    assert set(row["required"]) == {"indicator", "area", "period", "numerator"}
    assert "$ref" not in json.dumps(statistics)
    assert statistics["security"]
