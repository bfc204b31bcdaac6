"""The event type: no half event is made or read, and no field can hold a free string."""

import json
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints
from uuid import UUID

import msgspec
import pytest

from shared.messages.codec import decoder, encode
from shared.messages.event import Event, Placement

EVENT_ID = UUID("00000000-0000-8000-8000-000000000001")
LIVE: dict[str, Any] = {
    "event_id": EVENT_ID,
    "version": 1,
    "municipality": "9998",
    "indicator": "arson",
    "area": "101",
    "occurred_at": datetime(2026, 11, 23, 12, tzinfo=UTC),
    "placement": Placement.NYKO,
}


def test_an_event_survives_the_wire() -> None:
    event = Event(**LIVE)
    assert decoder(Event).decode(encode(event)) == event


@pytest.mark.parametrize("lacking", ["indicator", "area", "occurred_at", "placement"])
def test_a_live_event_lacks_nothing(lacking: str) -> None:
    with pytest.raises(ValueError, match="live event"):
        Event(**{**LIVE, lacking: None})


@pytest.mark.parametrize("extra", ["indicator", "area", "occurred_at", "placement"])
def test_a_withdrawal_says_only_what_it_withdraws(extra: str) -> None:
    with pytest.raises(ValueError, match="withdrawal"):
        Event(EVENT_ID, 2, "9998", live=False, **{extra: LIVE[extra]})


def test_a_version_below_one_and_a_naive_instant_are_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        Event(**{**LIVE, "version": 0})
    with pytest.raises(ValueError, match="aware"):
        Event(**{**LIVE, "occurred_at": LIVE["occurred_at"].replace(tzinfo=None)})


def test_half_events_on_the_wire_are_refused() -> None:
    wire = json.loads(encode(Event(**LIVE)))
    del wire["area"]
    with pytest.raises(msgspec.ValidationError):
        decoder(Event).decode(json.dumps(wire))


def test_the_only_texts_of_an_event_are_codes() -> None:
    hints = get_type_hints(Event)
    texts = {name for name, hint in hints.items() if str in (hint, *get_args(hint))}
    assert texts == {"municipality", "indicator", "area"}
