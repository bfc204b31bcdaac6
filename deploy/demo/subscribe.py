"""A subscription as its actor asks for it and the data owner approves it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import aiohttp

from deploy.demo.cast import Wish
from deploy.demo.receiver import Agreed
from deploy.demo.senders import UnexpectedAnswerError

WINDOWS = ("15m", "1h", "24h")
EVERY_S = 5
MOTIVE = "Demonstration"


async def subscribe(
    session: aiohttp.ClientSession, url: str, wish: Wish, *, receiver: str, key: str
) -> Agreed:
    """Ask for a subscription of every leaf area; nothing is sent before it is approved.

    Shape: `url` is delivery's, `receiver` the webhook's, `key` the actor's read key.

    Raises:
        UnexpectedAnswerError: delivery refuses.
    """
    wanted = {
        "name": f"Demo: {wish.actor}",
        "indicators": wish.indicators,
        "level": 3,
        "windows": WINDOWS,
        "every_s": EVERY_S,
        "channel": {"type": "webhook", "url": receiver},
    }
    made = await _post(session, f"{url}/v1/subscriptions", wanted, key=key)
    return Agreed(
        subscriber=wish.actor,
        subscription=made["id"],
        secret=made["secret"],
        indicators=frozenset(wish.indicators),
        windows=frozenset(WINDOWS),
        withheld=wish.withheld,
    )


async def approve(
    session: aiohttp.ClientSession, url: str, subscriptions: Sequence[str], *, owner_key: str
) -> None:
    """Decide as the data owner that these may be sent.

    Raises:
        UnexpectedAnswerError: delivery refuses.
    """
    for subscription in subscriptions:
        address = f"{url}/v1/subscriptions/{subscription}/approve"
        await _post(session, address, {"motive": MOTIVE}, key=owner_key)


async def _post(session: aiohttp.ClientSession, url: str, body: Any, *, key: str) -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    async with session.post(url, json=body, headers=headers) as response:
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise UnexpectedAnswerError(response.status)
        return await response.json()
