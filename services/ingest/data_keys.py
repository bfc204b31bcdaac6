"""Data keys that are forgotten in time although nobody reports (decision 0022)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from shared import background
from shared.sealing import Sealer

LOOK_SECONDS = 30.0


@asynccontextmanager
async def forgetting(sealer: Sealer, now: Callable[[], datetime]) -> AsyncIterator[None]:
    """Forget a data key that is too old, for as long as the context lasts. `now` gives aware UTC."""

    async def look_on() -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            sealer.forget_old(now())

    task = background.start(look_on(), action="data_keys_forgotten")
    try:
        yield
    finally:
        await background.stop(task)
