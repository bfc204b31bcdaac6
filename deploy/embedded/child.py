"""Own child processes, none of which may outlive this one.

The kernel is asked to signal each child when its parent dies, however it dies. That request is
bound to the *thread* that forked, so children are started from the main thread only. A session of
its own keeps Ctrl-C away from the children: it reaches this process alone, which stops them in
order. Both are Linux's; elsewhere a killed parent leaves its children behind.
"""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

LONGEST_LINE = 1 << 16  # bytes; what is longer is passed on in pieces
POLL_SECONDS = 0.05  # only where the kernel has no descriptors of processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, and how it likes to be stopped.

    Shape: `environment` is the whole environment; nothing is inherited.
    `stop_signal` asks for a clean end, `orphan_signal` is sent by the kernel when we die, `user`
    is whose process it becomes (None: ours), `port` is where it will listen (None: nowhere).
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    user: int | None = None
    port: int | None = None


class Child:
    """A running program; its stdout and stderr are one stream of lines."""

    def __init__(self, program: Program) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("children are started from the main thread, or die with another")
        self.program = program
        self._popen = subprocess.Popen(
            program.command,
            env=dict(program.environment),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_tied_to_parent(program.orphan_signal),  # noqa: PLW1509 - it makes one system call
            user=program.user,
            group=program.user,
            extra_groups=None if program.user is None else [],
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    async def wait(self) -> int:
        """Its exit code once it has ended; minus the number of the signal that ended it."""
        if not hasattr(os, "pidfd_open"):
            while (code := self._popen.poll()) is None:  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(POLL_SECONDS)
            return code
        if self._popen.poll() is None:
            await _ended(self._popen.pid)
        return self._popen.wait()

    async def lines(self) -> AsyncIterator[str]:
        """Its output, line by line, until nobody can write to it any more."""
        assert self._popen.stdout is not None  # noqa: S101 - a pipe was asked for
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LONGEST_LINE)
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), self._popen.stdout
        )
        rest = b""
        try:
            while chunk := await reader.read(LONGEST_LINE):
                *whole, rest = (rest + chunk).split(b"\n")
                if len(rest) > LONGEST_LINE:
                    whole, rest = [*whole, rest], b""
                for line in whole:
                    yield line.decode(errors="replace")
            if rest:
                yield rest.decode(errors="replace")
        finally:
            transport.close()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens if it has ended."""
        self._popen.send_signal(number)


async def run(program: Program) -> tuple[int, list[str]]:
    """Run a program to its end: its exit code and its output's lines.

    Cancelled, it is killed.
    """
    child = Child(program)
    try:
        written = [line async for line in child.lines()]
        return await child.wait(), written
    except asyncio.CancelledError:
        child.send(signal.SIGKILL)
        await child.wait()
        raise


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose own parent dies, so that they can be reaped."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _tied_to_parent(number: signal.Signals) -> Callable[[], None] | None:
    """What the child does between fork and exec; everything it needs is looked up before."""
    if sys.platform != "linux":
        return None
    prctl, parent, wanted = ctypes.CDLL(None).prctl, os.getpid(), int(number)

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, wanted)
        if os.getppid() != parent:  # the parent died before the request was made
            os._exit(1)

    return tie


async def _ended(pid: int) -> None:
    loop = asyncio.get_running_loop()
    descriptor = os.pidfd_open(pid)
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
