"""Whether it is our own child that listens at a port.

Two installations that start side by side may both have found a port free. Without this check one
would take the other's server for its own: it would report that it is ready, and make its topics
in somebody else's Kafka.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TABLES = ("tcp", "tcp6")
LISTENS = "0A"  # TCP_LISTEN, in the kernel's tables


def listens(pid: int, port: int) -> bool:
    """Whether this process listens at this TCP port.

    Where that cannot be seen (no /proc, or a process of another user without the right to look),
    whoever listens is taken for it.
    """
    if not PROC.is_dir():
        return True
    try:
        own = {target for target in _open_files(pid) if target.startswith("socket:")}
    except PermissionError:
        own = None
    if own == set():  # the kernel takes 10 ms to write its tables, and a start looks often
        return False
    listening = {f"socket:[{inode}]" for inode in _listening(PROC / str(pid) / "net", port)}
    return bool(listening) if own is None else bool(listening & own)


def _listening(tables: Path, port: int) -> Iterator[str]:
    """The inodes of all sockets that listen at the port, whosever they are."""
    for table in TABLES:
        try:
            rows = (tables / table).read_text().splitlines()[1:]
        except OSError:  # no such process, or no such protocol
            continue
        for row in rows:
            columns = row.split()
            if columns[1].endswith(f":{port:04X}") and columns[3] == LISTENS:
                yield columns[9]


def _open_files(pid: int) -> Iterator[str]:
    try:
        for entry in (PROC / str(pid) / "fd").iterdir():
            with suppress(FileNotFoundError):  # closed in the meantime
                yield str(entry.readlink())
    except (FileNotFoundError, ProcessLookupError):
        return
