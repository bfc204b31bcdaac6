"""G2 by property: whatever an actor writes, nothing of it is in an event, a log or an error.

Marks stand in every place of arbitrary JSON: as values, as names, as numbers, of the wrong type, at
any depth, in the location, in the text, in rows that are no JSON at all. The way is the real one:
the bytes of a row through ingest's reading, its report through the anonymizer's; and bytes that
ingest would never have sealed straight into the anonymizer's.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from services.anonymizer.domain.anonymize import Anonymizer, Opened
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.essentials import EssentialsReader
from services.anonymizer.domain.municipality import municipality
from shared.errors import DeadReason, RejectedMessage
from shared.messages.codec import encode
from shared.pack.geometry import load_divisions
from tests.support import golden
from tests.support.canary import NUMBER, WORD

PACK = golden.pack()
EVENT_ID = UUID("0123456789ab8def8123456789abcdef")
AT = "2026-11-23T10:00:00Z"
KNOWN = (
    "municipality",
    "actor",
    "version",
    "received_at",
    "withdrawn",
    "indicator",
    "occurred_at",
    "confirmed",
    "location",
    "text",
    "extra",
    "area",
    "placement",
    "incident_id",
    "event_id",
    "live",
    "lat",
    "nyko",
    "address",
)
CODES = ("arson", "robbery", "obstructing_justice", "truancy")

words = st.sampled_from(
    [
        f"{WORD} 19121212-1212",
        f"{WORD}-anna@example.se",
        f"{NUMBER}123",
        f"Storgatan 12 {WORD}",
        f"{WORD}é\u2028😀",
    ]
)
numbers = st.sampled_from([int(NUMBER), -int(NUMBER), float(f"59.2{NUMBER}"), int(NUMBER * 3)])
names = st.sampled_from([*KNOWN, f"{WORD}-name", NUMBER])
anything = st.recursive(
    words | numbers | st.booleans() | st.none() | st.sampled_from([AT, "111", "9998", *CODES]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
places = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "lat": st.just(float(f"59.2{NUMBER}")) | anything,
        "lon": st.just(float(f"17.1{NUMBER}")) | anything,
        "e": st.just(float(f"620000.{NUMBER}")) | anything,
        "n": st.just(float(f"6565000.{NUMBER}")) | anything,
        "crs": st.sampled_from([3006, "EPSG:3006"]) | anything,
        "nyko": st.sampled_from([f"111{NUMBER}", NUMBER, "11"]) | anything,
        "address": anything,
        "property": words,
        "object": words,
        f"{WORD}-place": anything,
    },
)
# A version is a number of the actor's that an event has by its type: no mark is put there as one.
versions = st.sampled_from([1, 2, 7]) | words | st.lists(words, max_size=2)
rows = st.builds(
    lambda known, extra: {**extra, **known},
    st.fixed_dictionaries(
        {"version": versions, "indicator": st.sampled_from(CODES) | anything},
        optional={
            "id": words | anything,
            "municipality": st.just("9998") | anything,
            "actor": words,
            "received_at": st.just(AT) | anything,
            "withdrawn": st.booleans() | anything,
            "occurred_at": st.just(AT) | anything,
            "confirmed": st.booleans() | anything,
            "location": places | anything,
            "text": words | anything,
            "extra": anything,
        },
    ),
    st.dictionaries(st.sampled_from([f"{WORD}-field", NUMBER, "area", "placement"]), anything),
)
good_rows = st.fixed_dictionaries(
    {
        "municipality": st.just("9998"),
        "actor": words,
        "version": st.sampled_from([1, 3]),
        "received_at": st.just(AT),
        "indicator": st.sampled_from(CODES[:3]),
        "occurred_at": st.just(AT),
    },
    optional={
        "location": st.none()
        | st.fixed_dictionaries(
            {},
            optional={
                "lat": st.just(float(f"59.2{NUMBER}")),
                "lon": st.just(float(f"17.1{NUMBER}")),
                "nyko": st.sampled_from([f"111{NUMBER}", NUMBER]),
                "address": words,
                "property": words,
                "object": words,
                f"{WORD}-place": anything,
            },
        ),
        "text": words,
        "extra": anything,
        f"{WORD}-field": anything,
        "event_id": words,
        "area": words,
        "placement": words,
        "incident_id": words,
        "live": words,
    },
)
broken = st.builds(
    lambda row, cut, tail: json.dumps(row).encode()[:cut] + tail,
    rows,
    st.integers(0, 200),
    st.sampled_from([b"", WORD.encode(), b"\xff" + NUMBER.encode(), b'{"', b"\x00", b"[" * 5000]),
)


@pytest.fixture(scope="module")
def anonymizer() -> Anonymizer:
    return Anonymizer([municipality(PACK, *load_divisions(PACK))])


def has_a_mark(text: str) -> bool:
    lower = text.lower()
    return WORD in lower or NUMBER in lower


def assert_allowed(found: Anonymized | DeadReason) -> None:
    """A reason of the closed list, or an event of members of the pack, ids, numbers, instants."""
    if isinstance(found, DeadReason):
        return
    outcome = found.event
    assert not has_a_mark(encode(outcome).decode())
    assert outcome.municipality == PACK.code
    if outcome.live:
        assert outcome.indicator in PACK.indicators
        level = PACK.finest_level(str(outcome.indicator))
        assert outcome.area in {*PACK.codes_at(level), PACK.rest_code}


def told_of(anonymizer: Anonymizer, raw: bytes, caplog: pytest.LogCaptureFixture) -> str:
    """Everything that the reading tells besides the outcome: logs, reprs, the error's traceback."""
    told = [repr(Opened(EVENT_ID, raw))]
    with capture_logs() as logs, caplog.at_level(logging.DEBUG):
        (outcome,) = anonymizer.anonymize([Opened(EVENT_ID, raw)])
    assert_allowed(outcome)
    told += [repr(outcome), repr(logs), caplog.text]
    try:
        EssentialsReader().read(raw)
    except RejectedMessage as rejection:
        told.append("".join(traceback.format_exception(rejection)))
    return "\n".join(told)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows | good_rows)
def test_nothing_that_an_actor_writes_is_in_the_event_or_told(
    anonymizer: Anonymizer, caplog: pytest.LogCaptureFixture, row: dict[str, Any]
) -> None:
    assert not has_a_mark(told_of(anonymizer, json.dumps(row).encode(), caplog))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(broken)
def test_nothing_of_what_is_no_report_at_all_is_told(
    anonymizer: Anonymizer, caplog: pytest.LogCaptureFixture, raw: bytes
) -> None:
    assert not has_a_mark(told_of(anonymizer, raw, caplog))


@settings(max_examples=100)
@given(good_rows)
def test_marks_reach_events_that_leave(anonymizer: Anonymizer, row: dict[str, Any]) -> None:
    """The property is about something: rows full of marks do become events."""
    (outcome,) = anonymizer.anonymize([Opened(EVENT_ID, json.dumps(row).encode())])
    assert isinstance(outcome, Anonymized)
    assert outcome.event.live
    assert outcome.event.occurred_at is not None
    assert outcome.event.occurred_at <= datetime(2026, 11, 23, 10, tzinfo=UTC)


@settings(max_examples=200)
@given(st.lists(rows | good_rows, min_size=1, max_size=3), st.sampled_from(golden.ACTORS))
def test_nothing_passes_the_whole_way_from_the_row_to_the_event(
    anonymizer: Anonymizer, given_rows: list[dict[str, Any]], actor: str
) -> None:
    body = "".join(json.dumps({"id": f"{WORD}-id", **row}) + "\n" for row in given_rows)
    reports, answer = golden.accepted(actor, body.encode())
    assert not has_a_mark(json.dumps(answer))
    opened = [Opened(UUID(one["event_id"]), json.dumps(one["report"]).encode()) for one in reports]
    for outcome in anonymizer.anonymize(opened):
        assert_allowed(outcome)
