"""A server that does not answer yet."""

from collections.abc import Awaitable, Callable
from typing import Any


def away_at_first(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same, but nobody answers the first time."""
    asked = 0

    async def asked_twice(*given: Any, **named: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ConnectionRefusedError
        return await work(*given, **named)

    return asked_twice
