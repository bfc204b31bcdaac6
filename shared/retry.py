"""Back-off for a bad world: the same work again, later, for ever, or until it is pointless."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import structlog

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays that double from `first` up to `most`, each up to `jitter` shorter. Unit: seconds."""

    first: float = 0.1
    most: float = 5.0
    jitter: float = 0.2

    def delays(self) -> Iterator[float]:
        """The delays, without end."""
        delay = self.first
        while True:
            yield delay * (1 - self.jitter * random.random())  # noqa: S311 - jitter is no secret
            delay = min(delay * 2, self.most)


async def until_done(
    work: Callable[[], Awaitable[Result]],
    *,
    on: tuple[type[BaseException], ...],
    action: str,
    backoff: Backoff = Backoff(),
) -> Result:
    """Do the work until it succeeds; errors of other types than `on` pass through at once.

    `action` names the work in the log; each failed try is one warning without the error's text.
    """
    for attempt, delay in enumerate(backoff.delays(), start=1):
        try:
            return await work()
        except on as error:
            structlog.get_logger().warning(
                "action_retried",
                action=action,
                attempt=attempt,
                error_type=type(error).__name__,
                wait_seconds=round(delay, 3),
            )
        await asyncio.sleep(delay)
    raise AssertionError("the delays never end")
