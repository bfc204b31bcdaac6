"""The event type: no half event is made or read, and no field can hold a free string."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Optional,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
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


CODES = {"municipality", "indicator", "area"}
"""The texts of an event: a test of the anonymizer holds them to the pack's lists."""


def can_hold_an_identifier(hint: Any) -> bool:
    """Whether a type is more than an id, a number, a yes or no, an instant or a closed list.

    What is not known to be one of these can hold anything: a list, a mapping, `Any`, raw JSON.
    """
    if get_origin(hint) in {Union, UnionType}:
        return any(map(can_hold_an_identifier, get_args(hint)))
    closed = isinstance(hint, type) and issubclass(hint, StrEnum)
    return not closed and hint not in {UUID, int, bool, datetime, NoneType}


def test_every_field_of_an_event_is_a_code_or_of_a_type_without_room() -> None:
    hints = get_type_hints(Event, include_extras=True)
    assert {name for name, hint in hints.items() if can_hold_an_identifier(hint)} == CODES
    assert all(hints[name] in {str, str | None} for name in CODES)


@pytest.mark.parametrize(
    "hint",
    [
        str,
        str | None,
        Optional[str],  # noqa: UP045 - the old way of writing it
        Any,
        bytes,
        float,
        list[str],
        dict[str, int],
        msgspec.Raw,
        Annotated[str, msgspec.Meta(max_length=3)],
    ],
)
def test_a_field_that_has_room_would_be_noticed(hint: Any) -> None:
    assert can_hold_an_identifier(hint)
