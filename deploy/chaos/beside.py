"""Work that goes on beside other work, and must not fail unnoticed."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def beside(work: Coroutine[Any, Any, Result], *others: Coroutine[Any, Any, None]) -> Result:
    """The result of the work; the others end with it, and an error of one of them ends the work."""
    main = asyncio.create_task(work)
    pending = {main, *(asyncio.create_task(other) for other in others)}
    everyone = set(pending)
    try:
        while not main.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for one in done - {main}:
                one.result()
        return main.result()
    finally:
        for one in everyone:
            one.cancel()
        await asyncio.wait(everyone)
