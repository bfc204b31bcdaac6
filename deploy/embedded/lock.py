"""One stack per data folder: a second one would write to the same log and the same tables."""

import fcntl
import os
from pathlib import Path
from typing import TextIO

from deploy.embedded.errors import CannotStart
from shared.language import Text


def hold(file: Path) -> TextIO:
    """Hold the lock until the file that comes back is closed, or this process is gone.

    Raises:
        CannotStart: another stack holds it; names the folder and its process id.
    """
    opened = file.open("a+", encoding="ascii")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        opened.seek(0)
        holder = opened.read().strip() or "?"
        opened.close()
        folder = file.parent
        raise CannotStart(
            Text(
                sv=f"Datamappen {folder} används redan av en lagesbild (process {holder}). "
                "Stoppa den, eller välj en annan mapp med --data.",
                en=f"The data folder {folder} is already used by a lagesbild (process {holder}). "
                "Stop it, or choose another folder with --data.",
            )
        ) from None
    opened.truncate(0)
    opened.write(f"{os.getpid()}\n")
    opened.flush()
    return opened
