"""An event loop whose clock leaps: nobody waits, and the same seed gives the same order of events."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from typing_extensions import override

Result = TypeVar("Result")


class _Selector(selectors.SelectSelector):
    """Where the loop would sleep until its next timer, the time of that timer has come."""

    now = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("everybody waits for somebody else")
        self.now += max(0.0, timeout)
        return super().select(0)


class LeapingLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop on a clock that leaps. Unit: seconds since the loop was made."""

    def __init__(self) -> None:
        self._leaping = _Selector()
        super().__init__(self._leaping)

    @override
    def time(self) -> float:
        return self._leaping.now


def run_leaping(work: Coroutine[Any, Any, Result]) -> Result:
    """Run the work, and skip whatever time it waits."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(work)
