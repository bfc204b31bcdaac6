"""Work beside the requests, that must not die in silence."""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from shared.errors import ConfigurationError

PROGRAM_IS_BAD = 70  # EX_SOFTWARE of sysexits.h
CONFIGURATION_IS_BAD = 78  # EX_CONFIG
END_SECONDS = 2.0

T = TypeVar("T")


def crash(action: str, error: BaseException) -> None:
    """End the process at once and loudly: its supervisor starts it again at the same offset.

    What is wrong with an installation is said in words, for they hold no value of a report.
    """
    mistakes = error.mistakes if isinstance(error, ConfigurationError) else None
    structlog.get_logger().error(
        "service_crashed",
        action=action,
        error_type=type(error).__name__,
        mistakes=mistakes,
        exc_info=error,
    )
    os._exit(CONFIGURATION_IS_BAD if mistakes else PROGRAM_IS_BAD)


def start(work: Coroutine[Any, Any, None], *, action: str) -> "asyncio.Task[None]":
    """Run the work as a task; an error that it does not expect ends the process."""

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            crash(action, error)

    task = asyncio.create_task(work, name=action)
    task.add_done_callback(ended)
    return task


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Let the work end by itself, for `END_SECONDS` at the most, though we are cancelled meanwhile.

    A client of Kafka that is cut while it connects leaves the connection open.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=END_SECONDS)
        if not task.done():
            task.cancel()
        elif not task.cancelled():
            task.exception()  # whoever asked is not there any more
        raise


async def stop(task: "asyncio.Task[None]") -> None:
    """Cancel the task and wait until it has gone."""
    task.cancel()
    await asyncio.wait([task], timeout=3)
