"""A subscriber's server, over HTTP."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from standardwebhooks import Webhook

from deploy.demo.receiver import TYPE, Agreed, Push, Receiver

SECRET = "whsec_c2VjcmV0IG9mIHRoZSBzdWJzY3JpcHRpb24h"
AGREED = Agreed(
    subscriber="fire",
    subscription="1",
    secret=SECRET,
    indicators=frozenset({"arson"}),
    windows=frozenset({"1h"}),
    withheld=frozenset(),
)


@dataclass
class Subscriber:
    receiver: Receiver
    url: str
    pushes: list[Push] = field(default_factory=list)


@pytest.fixture
async def subscriber() -> AsyncIterator[Subscriber]:
    pushes: list[Push] = []
    receiver = Receiver(now=lambda: datetime.now(UTC), on_push=pushes.append)
    yield Subscriber(receiver, await receiver.start(), pushes)
    await receiver.stop()


def a_view(cells: int = 0) -> dict[str, Any]:
    instant = "2026-11-23T12:00:00Z"
    return {
        "type": TYPE,
        "timestamp": instant,
        "data": {
            "subscription": "1",
            "seq": 1,
            "due_at": instant,
            "as_of": instant,
            "cells": [
                {
                    "area": f"{at:05}",
                    "indicator": "arson",
                    "window": "1h",
                    "reports": 1,
                    "incidents": 1,
                }
                for at in range(cells)
            ],
            "withheld": [],
        },
    }


async def post(url: str, view: dict[str, Any], *, signed_with: str = SECRET) -> int:
    now, body = datetime.now(UTC), json.dumps(view)
    headers = {
        "Webhook-Id": "m1",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": Webhook(signed_with).sign("m1", now, body),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=BytesIO(body.encode()), headers=headers) as response,
    ):
        return response.status


async def test_a_push_is_taken_once_and_thanked_for_twice(subscriber: Subscriber) -> None:
    inbox = subscriber.receiver.expect(AGREED)
    assert await post(subscriber.url, a_view()) == 204
    assert await post(subscriber.url, a_view()) == 204
    assert (len(subscriber.pushes), inbox.verified) == (1, 1)


async def test_a_large_push_is_taken(subscriber: Subscriber) -> None:
    subscriber.receiver.expect(AGREED)
    assert await post(subscriber.url, a_view(cells=50_000)) == 204
    assert len(subscriber.pushes[0].cells) == 50_000


async def test_a_false_signature_is_refused_and_noticed(subscriber: Subscriber) -> None:
    inbox = subscriber.receiver.expect(AGREED)
    assert await post(subscriber.url, a_view(), signed_with="whsec_c29tZWJvZHkgZWxzZQ==") == 401
    assert (inbox.total, inbox.verified) == (1, 0)


async def test_who_expects_nothing_asks_to_be_called_again(subscriber: Subscriber) -> None:
    assert await post(subscriber.url, a_view()) == 503
    assert subscriber.pushes == []
