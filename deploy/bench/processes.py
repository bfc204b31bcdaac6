"""What processes use, as the kernel tells it (Linux: proc(5))."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

PROC = Path("/proc")

_PARENT, _TIMES = 1, slice(11, 15)
"""Places among the fields after the command: ppid; utime, stime, cutime, cstime."""


def rss_mb(pid: int) -> float:
    """Resident memory now. Unit: megabytes of 10^6 bytes."""
    return rss_mb_in((PROC / str(pid) / "status").read_text())


def rss_mb_in(status: str) -> float:
    """The resident memory that a `status` file tells.

    Raises:
        ValueError: the file tells none.
    """
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name == "VmRSS":
            return round(int(value.split()[0]) * 1024 / 1e6, 1)
    raise ValueError("no resident memory: the process has ended")


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """What each process and everything below it has used since its start."""
    stats = dict(_stats())
    return {name: cpu_ticks(pid, stats) / os.sysconf("SC_CLK_TCK") for name, pid in pids.items()}


def cpu_ticks(pid: int, stats: Mapping[int, str]) -> int:
    """Clock ticks of a process, its living descendants and its children that have ended."""
    family = _family(pid, stats)
    return sum(sum(map(int, _fields(stats[one])[_TIMES])) for one in family if one in stats)


def family_rss_mb(pids: Mapping[str, int]) -> dict[str, float]:
    """What each process and everything below it holds; what they share counts once."""
    stats = dict(_stats())
    return {name: shared_once_mb(_statuses(_family(pid, stats))) for name, pid in pids.items()}


def shared_once_mb(statuses: Iterable[str]) -> float:
    """Private memory of every process, and the largest file and shared parts of any of them."""
    parts = [(_kb(one, "RssAnon"), _kb(one, "RssFile"), _kb(one, "RssShmem")) for one in statuses]
    if not parts:
        return 0.0
    anon, file, shmem = zip(*parts, strict=True)
    kilobytes: int = sum(anon) + max(file) + max(shmem)
    return round(kilobytes * 1024 / 1e6, 1)


def running_below(pid: int, *words: str) -> int | None:
    """A process below `pid` whose command line ends with these words; None: there is none."""
    wanted = "\0".join((*words, "")).encode()
    for one in sorted(_family(pid, dict(_stats())) - {pid}):
        try:
            if (PROC / str(one) / "cmdline").read_bytes().endswith(wanted):
                return one
        except OSError:
            continue  # it has ended meanwhile
    return None


def _family(pid: int, stats: Mapping[int, str]) -> set[int]:
    family = {pid}
    while True:
        more = {one for one, stat in stats.items() if int(_fields(stat)[_PARENT]) in family}
        if more <= family:
            return family
        family |= more


def _statuses(pids: Iterable[int]) -> list[str]:
    found = []
    for pid in pids:
        try:
            found.append((PROC / str(pid) / "status").read_text())
        except OSError:
            continue  # it has ended meanwhile
    return found


def _kb(status: str, name: str) -> int:
    for line in status.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0


def _fields(stat: str) -> list[str]:
    """The fields after the command, which may itself hold blanks and brackets."""
    return stat.rpartition(")")[2].split()


def _stats() -> list[tuple[int, str]]:
    found = []
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            try:
                found.append((int(folder.name), (folder / "stat").read_text()))
            except OSError:
                continue  # it has ended meanwhile
    return found
