"""G7 on the whole installation: every reason once, no value echoed, and the rest is accepted."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from services.ingest.domain.errors import RowErrorCode
from tests.support.stack import RunningStack

SECRET = "19121212-1212"
GOOD: dict[str, Any] = {
    "id": "good",
    "indicator": "fire_outdoors_public",
    "occurred_at": (datetime.now(UTC) - timedelta(days=3)).isoformat(),
    "location": None,
}


def row(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


BAD = {
    "not_utf8": b'{"id": "\xff"}',
    "not_json": b"{" + SECRET.encode(),
    "not_an_object": json.dumps(SECRET).encode(),
    "duplicate_field": b'{"id": "a", "id": "b"}',
    "bad_number": b'{"id": "a", "version": NaN}',
    "too_deep": row(extra={"a": json.loads("[" * 60 + "]" * 60)}),
    "row_too_large": row(text="x" * 600_000),
    "missing": b"{}",
    "unknown_field": row(**{SECRET: SECRET}),
    "wrong_type": row(version=SECRET),
    "empty": row(id=""),
    "too_long": row(id=SECRET * 20),
    "bad_characters": row(id=f"{SECRET}\x00"),
    "out_of_range": row(version=0),
    "version_too_low": row(withdrawn=True, version=1),
    "unknown_indicator": row(indicator=SECRET),
    "not_an_event": row(indicator="truancy"),
    "not_your_indicator": row(indicator="robbery"),
    "not_an_instant": row(occurred_at=SECRET),
    "no_offset": row(occurred_at="2026-11-20T12:00:00"),
    "in_the_future": row(occurred_at="2126-11-20T12:00:00Z"),
    "too_old": row(occurred_at="1912-12-12T12:00:00Z"),
    "too_late": row(occurred_at="2012-12-12T12:00:00Z"),
    "not_a_location": row(location={"lat": 59.2, "nyko": "111"}),
    "not_a_nyko_code": row(location={"nyko": "elva"}),
    "not_a_crs": row(location={"e": 1, "n": 1, "crs": SECRET}),
}


def post(stack: RunningStack, body: bytes, **headers: str) -> httpx2.Response:
    usual = {
        "Authorization": f"Bearer {stack.key('fire')}",
        "Content-Type": "application/x-ndjson",
    }
    url = f"{stack.ready['ingest']}/v1/reports"
    return httpx2.post(url, content=body, headers={**usual, **headers}, timeout=20)


def test_every_reason_is_named_by_row_and_the_good_rows_between_are_accepted(
    stack: RunningStack,
) -> None:
    in_files_only = {"unknown_word", "no_such_hour"}  # tests/component/test_ingest_deliveries.py
    in_statistics_only = {  # tests/component/test_ingest_statistics.py
        "not_a_statistic",
        "unknown_area",
        "not_a_period",
        "not_begun",
        "over_denominator",
    }
    assert {*BAD, "rest_unread"} == set(RowErrorCode) - in_files_only - in_statistics_only
    lines = [line for bad in BAD.values() for line in (bad, row())]
    answer = post(stack, b"\n".join(lines))
    assert answer.status_code == 202
    assert answer.json()["accepted"] == len(BAD)
    refused = {one["row"]: one["errors"] for one in answer.json()["rejected"]}
    assert list(refused) == list(range(0, 2 * len(BAD), 2))
    for code, errors in zip(BAD, refused.values(), strict=True):
        assert code in {error["code"] for error in errors}
        assert all(set(error) == {"field", "code", "message"} for error in errors)
        assert all(error["message"] for error in errors)
    assert SECRET not in answer.text


def test_behind_broken_syntax_in_an_array_nothing_is_read(stack: RunningStack) -> None:
    body = b"[" + row() + b"," + row() + b" oops " + row() + b"]"
    answer = post(stack, body, **{"Content-Type": "application/json"})
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 1
    (refused,) = answer.json()["rejected"]
    assert (refused["row"], refused["errors"][0]["code"]) == (1, "rest_unread")


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (400, b"", {}),
        (400, b"7", {"Content-Type": "application/json"}),
        (401, row(), {"Authorization": ""}),
        (401, row(), {"Authorization": f"Bearer {SECRET}"}),
        (413, b" " * 50_000_001, {"Content-Type": "application/json"}),
        (415, row(), {"Content-Type": "text/csv"}),
    ],
)
def test_a_request_that_cannot_be_read_says_why(
    stack: RunningStack, status: int, body: bytes, headers: dict[str, str]
) -> None:
    answer = post(stack, body, **headers)
    assert answer.status_code == status
    assert set(answer.json()) >= {"error", "message"}
    assert SECRET not in answer.text


def test_a_read_key_may_not_report_and_a_report_key_may_not_read(stack: RunningStack) -> None:
    read = f"Bearer {stack.key('fire', 'read')}"
    assert post(stack, row(), Authorization=read).status_code == 403
    report = {"Authorization": f"Bearer {stack.key('fire')}"}
    counts = httpx2.get(f"{stack.ready['delivery']}/v1/counts", headers=report)
    assert counts.status_code == 403


def test_messages_are_swedish_unless_english_is_asked_for(stack: RunningStack) -> None:
    swedish = post(stack, b"{}").json()["rejected"][0]["errors"][0]["message"]
    english = post(stack, b"{}", **{"Accept-Language": "en"}).json()["rejected"][0]["errors"][0][
        "message"
    ]
    assert (swedish, english) == ("Fältet saknas.", "The field is missing.")


def test_counts_refuse_what_they_do_not_know_without_repeating_it(stack: RunningStack) -> None:
    headers = {"Authorization": f"Bearer {stack.key('fire', 'read')}"}
    for name in ("indicator", "area", "level", "window", "nonsense"):
        answer = httpx2.get(
            f"{stack.ready['delivery']}/v1/counts", params={name: SECRET}, headers=headers
        )
        assert answer.status_code == 400
        assert SECRET not in answer.text
