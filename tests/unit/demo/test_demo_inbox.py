"""What a subscriber believes of what it is sent."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from deploy.demo.receiver import TYPE, Agreed, Fault, Inbox, Push

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSBzdWJzY3JpcHRpb24h"
OTHER_SECRET = "whsec_" + "c2VjcmV0IG9mIHNvbWVib2R5IGVsc2UgIQ=="
AGREED = Agreed(
    subscriber="fire",
    subscription="3f0c",
    secret=SECRET,
    indicators=frozenset({"arson", "robbery"}),
    windows=frozenset({"15m", "1h"}),
    withheld=frozenset({"robbery"}),
)
CELL = {"area": "111", "indicator": "arson", "window": "1h", "reports": 2, "incidents": 1}


@pytest.fixture
def inbox() -> Inbox:
    return Inbox(AGREED)


def a_view(seq: int = 1, **changed: Any) -> dict[str, Any]:
    view = {
        "subscription": "3f0c",
        "seq": seq,
        "due_at": "2026-11-23T12:00:00Z",
        "as_of": "2026-11-23T12:00:00.25Z",
        "cells": [CELL],
        "withheld": ["robbery"],
    }
    return {"type": TYPE, "timestamp": view["as_of"], "data": view | changed}


def send(
    inbox: Inbox, content: dict[str, Any], *, webhook_id: str = "m1", secret: str = SECRET
) -> Push | None:
    now, body = datetime.now(UTC), json.dumps(content)
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, now, body),
    }
    return inbox.take(headers, body.encode(), received_at=now)


def test_a_signed_view_is_verified_and_read(inbox: Inbox) -> None:
    push = send(inbox, a_view())
    assert push is not None
    assert push.fault is None
    assert (push.cells[0].reports, push.cells[0].incidents) == (2, 1)
    assert push.as_of == datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)
    assert (inbox.total, inbox.verified, inbox.last) == (1, 1, push)


def test_lateness_is_the_time_since_it_was_due(inbox: Inbox) -> None:
    push = send(inbox, a_view(due_at=(datetime.now(UTC) - timedelta(seconds=2)).isoformat()))
    assert push is not None
    assert push.lateness_s == pytest.approx(2, abs=1)


def test_a_repetition_is_not_counted_again(inbox: Inbox) -> None:
    send(inbox, a_view())
    assert send(inbox, a_view()) is None
    assert (inbox.total, inbox.verified) == (1, 1)


def test_the_same_id_with_other_content_is_not_believed(inbox: Inbox) -> None:
    send(inbox, a_view())
    push = send(inbox, a_view(cells=[]))
    assert push is not None
    assert push.fault is Fault.OTHER_BODY
    assert (inbox.total, inbox.verified, inbox.faults) == (2, 1, {Fault.OTHER_BODY})


def test_a_signature_of_somebody_else_is_not_believed(inbox: Inbox) -> None:
    push = send(inbox, a_view(), secret=OTHER_SECRET)
    assert push is not None
    assert push.fault is Fault.SIGNATURE
    assert (push.cells, inbox.verified, inbox.last) == ((), 0, None)


def test_no_signature_at_all_is_not_believed(inbox: Inbox) -> None:
    push = inbox.take({"webhook-id": "m1"}, b"{}", received_at=datetime.now(UTC))
    assert push is not None
    assert push.fault is Fault.SIGNATURE


@pytest.mark.parametrize("seq", [1, 2])
def test_numbers_must_rise(inbox: Inbox, seq: int) -> None:
    send(inbox, a_view(2), webhook_id="m2")
    push = send(inbox, a_view(seq), webhook_id="m1")
    assert push is not None
    assert push.fault is Fault.ORDER


def test_a_folded_view_may_leave_a_gap_in_the_numbers(inbox: Inbox) -> None:
    send(inbox, a_view(1), webhook_id="m1")
    push = send(inbox, a_view(3), webhook_id="m3")
    assert push is not None
    assert push.fault is None


@pytest.mark.parametrize(
    "changed",
    [
        {"subscription": "another"},
        {"withheld": []},
        {"withheld": ["robbery", "arson"]},
        {"cells": [CELL | {"indicator": "robbery"}]},
        {"cells": [CELL | {"window": "24h"}]},
        {"cells": [CELL, CELL]},
        {"cells": [{"area": "111"}]},
        {"cells": None},
        {"as_of": "yesterday"},
        {"seq": None},
    ],
)
def test_what_is_not_the_agreed_view_is_not_believed(inbox: Inbox, changed: dict[str, Any]) -> None:
    push = send(inbox, a_view(**changed))
    assert push is not None
    assert push.fault is Fault.CONTENT


def test_another_type_of_message_is_not_believed(inbox: Inbox) -> None:
    push = send(inbox, a_view() | {"type": "something.else"})
    assert push is not None
    assert push.fault is Fault.CONTENT


def test_the_last_view_is_the_newest_that_is_believed(inbox: Inbox) -> None:
    good = send(inbox, a_view(1), webhook_id="m1")
    send(inbox, a_view(2, cells=None), webhook_id="m2")
    assert inbox.last is good
    assert good is not None
    assert good.as_of is not None
    assert good.is_newer_than(good.as_of)
    assert not good.is_newer_than(good.as_of + timedelta(microseconds=1))
