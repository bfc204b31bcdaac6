"""Processes that still work in a folder of ours although nobody keeps them any more.

Two ways to get them: the postmaster was killed while a backend was busy, and the backend lives on
and keeps its successor from starting; or a whole stack was killed a moment ago and its servers
are still stopping. Backends are session leaders and overwrite their command lines, but every
PostgreSQL process works in its data folder, and our Kafka in its own: that tells them apart from
everybody else's.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
LOOK_EVERY_SECONDS = 0.02


def at_work_in(folder: Path, comm: str) -> list[int]:
    """The ids of the living processes named `comm` whose working folder this is.

    Shape: empty where there is no /proc.
    """
    wanted = folder.resolve()
    return [pid for pid in _ids() if _comm(pid) == comm and _works_in(pid, wanted)]


def may_hide(folder: Path, comm: str) -> bool:
    """Whether a process named `comm` might be at work there, but we may not look.

    Root without the right to look at others' processes (as in many containers) cannot say.
    """
    owner = folder.stat().st_uid
    return any(_comm(pid) == comm and _is_closed(pid, owner) for pid in _ids())


async def gone(folder: Path, comm: str, *, within_seconds: float) -> None:
    """Wait until nobody is at work there; who is still there after the time is killed."""
    try:
        async with asyncio.timeout(within_seconds):
            await _nobody(folder, comm)
    except TimeoutError:
        await ended(folder, comm)


async def ended(folder: Path, comm: str) -> None:
    """Kill whoever is still at work there, and wait until they are gone."""
    for pid in at_work_in(folder, comm):
        _kill(pid)
    await _nobody(folder, comm)
    _reap(comm)


async def _nobody(folder: Path, comm: str) -> None:
    while at_work_in(folder, comm):  # noqa: ASYNC110 - they are nobody's children, or init's
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def _reap(comm: str) -> None:
    """Collect the exit codes of adopted processes; nobody else asks for them."""
    for pid in _ids():
        if _comm(pid) == comm and _is_zombie_of(pid, os.getpid()):
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _ids() -> Iterator[int]:
    if not PROC.is_dir():
        return
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            yield int(entry.name)


def _comm(pid: int) -> str | None:
    try:
        return (PROC / str(pid) / "comm").read_text().rstrip("\n")
    except OSError:
        return None


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return (PROC / str(pid) / "cwd").readlink() == folder
    except OSError:
        return False


def _is_closed(pid: int, owner: int) -> bool:
    entry = PROC / str(pid)
    try:
        if entry.stat().st_uid == owner:
            (entry / "cwd").readlink()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _is_zombie_of(pid: int, parent: int) -> bool:
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] == "Z" and int(fields[1]) == parent
