"""Files that hold keys: written at once and for good, and destroyed for good."""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import LagesbildError

UNFINISHED = ".unfinished"
GOING = ".going"
HELD_SECONDS = 5.0  # whoever changes the folder takes milliseconds
LOOK_SECONDS = 0.01


class FolderHeldError(LagesbildError):
    """Another process has had the lock of the key folder for far too long: it is frozen."""


def write(file: Path, content: bytes) -> None:
    """Put a file in place whole, on the disk when this returns; only its owner may read it."""
    unfinished = file.with_name(file.name + UNFINISHED)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(descriptor)
    unfinished.replace(file)
    sync(file.parent)


def destroy(file: Path) -> None:
    """Overwrite and remove a file; nothing happens if it has gone already.

    It loses its name first, for a file that is half overwritten is neither a key nor none. A disk or
    a file system that writes elsewhere may keep the old block: what lies there is encrypted under
    the root key.
    """
    going = file if file.name.endswith(GOING) else file.with_name(file.name + GOING)
    try:
        file.replace(going)
    except FileNotFoundError:
        return
    sync(file.parent)
    overwrite(going)
    going.unlink(missing_ok=True)
    sync(file.parent)


def overwrite(file: Path) -> None:
    """Put random bytes in the place of its own, on the disk when this returns."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(secrets.token_bytes(max(1, os.fstat(descriptor).st_size)))
        opened.flush()
        os.fsync(descriptor)


def sync(folder: Path) -> None:
    """Make what was renamed or removed in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(file: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a lock among all processes; False: somebody else has it, and we do not wait.

    Raises:
        FolderHeldError: we do, but not for ever: a frozen process must not freeze all others.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + (HELD_SECONDS if wait else 0)
        while not (ours := _taken(descriptor)) and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        if wait and not ours:
            raise FolderHeldError(f"{file}: held by another process")
        yield ours
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
