"""Keeps children running: started, awaited, started again when they end, stopped in order."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.embedded.child import Child, Program
from deploy.embedded.errors import NotReady
from deploy.embedded.listener import listens
from deploy.embedded.output import Tail, Write
from deploy.embedded.restart import Restarts
from shared.errors import LagesbildError

LOOK_EVERY_SECONDS = 0.05
DRAIN_SECONDS = 0.2  # for the last lines of a child that has ended; an orphan may hold its pipe
KILLED_SECONDS = 2.0  # after SIGKILL a process is gone, unless the kernel itself waits for a disk

CLEAN_CODES = frozenset({0, -signal.SIGTERM, -signal.SIGINT, 128 + signal.SIGTERM})


async def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A program that is to be kept running.

    `prepare` runs before every start, `ready` returns once the program answers, `write` takes its
    lines, `show` takes the last of them after a crash (None: they were seen already).
    """

    program: Program
    ready: Callable[[], Awaitable[None]]
    write: Write
    prepare: Callable[[], Awaitable[None]] = _nothing
    show: Write | None = None


@dataclass(slots=True)
class _Kept:
    duty: Duty
    tail: Tail
    task: "asyncio.Task[None] | None" = None
    child: Child | None = None
    answered: bool = False
    stopping: bool = False
    shown: set[int | str] = field(default_factory=set)


class Supervisor:
    """Keeps any number of children; `on_change` is called whenever a process id has changed."""

    def __init__(self, *, logger: Any, on_change: Callable[[], None]) -> None:
        self._logger = logger
        self._on_change = on_change
        self._kept: dict[str, _Kept] = {}

    @property
    def pids(self) -> Mapping[str, int | None]:
        """The current process id of each child; None while it waits to be started again."""
        return {name: kept.child.pid if kept.child else None for name, kept in self._kept.items()}

    async def start(self, duty: Duty, *, within_seconds: float) -> None:
        """Start a program, keep it running from now on, return when it answers.

        Raises:
            NotReady: it did not answer in time (it is still kept, until `stop`), or it says that
                it is not rightly configured.
        """
        name = duty.program.name
        kept = self._kept[name] = _Kept(duty, Tail(duty.write))
        kept.task = asyncio.create_task(self._keep(kept), name=f"keep {name}")
        ready = asyncio.ensure_future(_answers(kept))
        try:
            async with asyncio.timeout(within_seconds):
                await asyncio.wait({kept.task, ready}, return_when=asyncio.FIRST_COMPLETED)
            await (ready if ready.done() else kept.task)
        except TimeoutError:
            raise NotReady(name, after_seconds=within_seconds, lines=kept.tail.last()) from None
        finally:
            ready.cancel()
        kept.answered = True
        self._logger.info("child_started", kind=name)

    async def failed(self) -> None:
        """Wait for ever, unless keeping a child fails for a reason that nobody expects: raise it."""
        tasks = [kept.task for kept in self._kept.values() if kept.task]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def stop(self, names: Iterable[str], *, within_seconds: float) -> None:
        """Stop these children side by side; who is not gone after the time is killed."""
        kept = [self._kept[name] for name in names if name in self._kept]
        await asyncio.gather(*(self._stop(one, within_seconds) for one in kept))

    async def _stop(self, kept: _Kept, within_seconds: float) -> None:
        kept.stopping = True
        if kept.task is None or kept.task.done():
            return
        if kept.child is None:
            kept.task.cancel()
        else:
            kept.child.send(kept.duty.program.stop_signal)
        _, alive = await asyncio.wait({kept.task}, timeout=within_seconds)
        if alive and kept.child:
            self._logger.warning("child_killed", kind=kept.duty.program.name)
            kept.child.send(signal.SIGKILL)
            await asyncio.wait({kept.task}, timeout=KILLED_SECONDS)

    async def _keep(self, kept: _Kept) -> None:
        restarts = Restarts()
        clock = asyncio.get_running_loop()
        while not kept.stopping:
            born = clock.time()
            end = await self._try_to_live(kept)
            if kept.stopping:
                return
            lived = clock.time() - born
            if end == os.EX_CONFIG and not kept.answered:  # the next try would say the same
                name = kept.duty.program.name
                raise NotReady(name, after_seconds=lived, lines=kept.tail.last())
            wait = restarts.wait_after(lived)
            self._show_end(kept, end, wait)
            await asyncio.sleep(wait)

    async def _try_to_live(self, kept: _Kept) -> int | str:
        """The exit code, or the kind of error that kept the child from starting.

        Once it has run, a machine out of memory or disk is a reason to try again. Before that,
        whoever starts it wants to know.
        """
        try:
            await kept.duty.prepare()
            return os.EX_OK if kept.stopping else await self._live(kept)
        except (OSError, LagesbildError) as error:
            if not kept.answered:
                raise
            return type(error).__name__

    async def _live(self, kept: _Kept) -> int:
        """One life of a child, from its start to its exit code."""
        kept.child = child = Child(kept.duty.program)
        self._changed()
        pump = asyncio.create_task(_pump(child, kept.tail.line))
        try:
            return await child.wait()
        finally:
            kept.child = None
            await asyncio.wait({pump}, timeout=DRAIN_SECONDS)
            pump.cancel()
            await asyncio.wait({pump})
            self._changed()

    def _changed(self) -> None:
        try:
            self._on_change()
        except OSError as error:  # a full disk must not end what still runs
            self._logger.warning("state_unwritten", error_type=type(error).__name__)

    def _show_end(self, kept: _Kept, end: int | str, wait_seconds: float) -> None:
        name = kept.duty.program.name
        facts = {"kind": name, "outcome": _outcome(end), "wait_seconds": wait_seconds}
        if end in CLEAN_CODES:
            self._logger.warning("child_ended", **facts)
            return
        self._logger.error("child_crashed", **facts)
        if kept.duty.show and end not in kept.shown:
            kept.shown.add(end)
            for line in kept.tail.last():
                kept.duty.show(line)


def _outcome(end: int | str) -> str:
    if isinstance(end, str):
        return end
    if end >= 0:
        return f"exit code {end}"
    names = {one.value: one.name for one in signal.Signals}
    return f"signal {names.get(-end, -end)}"


async def _answers(kept: _Kept) -> None:
    """Return once the child itself listens, not somebody else at its port, and answers."""
    port = kept.duty.program.port
    while True:
        if not port or (kept.child and listens(kept.child.pid, port)):
            return await kept.duty.ready()
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _pump(child: Child, write: Write) -> None:
    async for line in child.lines():
        write(line)
