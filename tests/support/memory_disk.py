"""Where tests keep what need not outlive them: in memory, if the machine has a disk there.

Kafka and PostgreSQL wait for the disk as they do anywhere, but nobody's next test does: a topic with
its partitions costs half of the CPU and a third of the time.
"""

import os
import shutil
from pathlib import Path

PLACE = Path("/dev/shm")
ROOM_BYTES = 8 * 2**30  # what three workers have at a time is a third of it


def memory_disk() -> Path | None:
    """The disk in memory; None: there is none with room, or a person has said where to write."""
    if {"PYTEST_DEBUG_TEMPROOT", "TMPDIR"} & os.environ.keys():
        return None
    if not (PLACE.is_dir() and os.access(PLACE, os.W_OK)):
        return None
    if os.statvfs(PLACE).f_flag & os.ST_NOEXEC:  # Java unpacks its native parts there
        return None
    return PLACE if shutil.disk_usage(PLACE).free >= ROOM_BYTES else None
