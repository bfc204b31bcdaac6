"""Files that hold keys: written at once and for good, and destroyed for good."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".unfinished"
GOING = ".going"


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
    """Hold a lock among all processes; False: somebody else has it, and we do not wait."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
