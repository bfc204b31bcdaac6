"""What every bench does around its measuring: a folder, signals, errors in words, an exit code."""

import asyncio
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import structlog

from deploy.bench.generator import UnexpectedAnswerError
from deploy.bench.place import Place
from deploy.bench.watch import StalledError
from deploy.embedded import jars
from deploy.embedded.errors import CannotStart, NotReady
from deploy.embedded.servers import KAFKA_VARIABLE, POSTGRES_VARIABLE
from deploy.embedded.up import default_pack
from shared.language import Language, Text
from shared.pack import load_pack

EXIT_OK = 0
EXIT_NOT_OK = 1
EXIT_USER = 2
EXIT_INTERRUPTED = 130

OWN_SERVERS = frozenset({KAFKA_VARIABLE, POSTGRES_VARIABLE})
"""Not passed on: a server that others use can be neither loaded nor compared."""

Figures = TypeVar("Figures")


def measured_in_own_folder(
    measure: Callable[[Place], Awaitable[Figures]],
    tell: Callable[[Figures], bool],
    *,
    language: Language,
) -> int:
    """Measure, tell the figures, leave nothing; `tell` says whether all is well."""
    jars.fetch()  # before signals are ours: a long fetch can simply be interrupted
    folder = Path(tempfile.mkdtemp(prefix="lagesbild-bench-"))
    code = EXIT_NOT_OK
    try:
        code = _outcome(measure, tell, folder, language)
    finally:
        if code == EXIT_NOT_OK:  # for whoever looks for the reason
            say(Text(f"Loggar och data: {folder}", f"Logs and data: {folder}"), language)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return code


def say(text: Text, language: Language) -> None:
    """Progress and mistakes go to standard error; standard output is for the figures."""
    sys.stderr.write(text.in_(language) + "\n")
    sys.stderr.flush()


def _outcome(
    measure: Callable[[Place], Awaitable[Figures]],
    tell: Callable[[Figures], bool],
    folder: Path,
    language: Language,
) -> int:
    try:
        figures = asyncio.run(_measured(measure, folder))
    except CannotStart as error:
        say(error.text, language)
        return EXIT_USER
    except NotReady as error:
        say(error.text, language)
        sys.stderr.write("".join(f"{line}\n" for line in error.lines))
        return EXIT_NOT_OK
    except (StalledError, UnexpectedAnswerError) as error:
        say(Text(f"Mätningen gav upp: {error}.", f"The run gave up: {error}."), language)
        return EXIT_NOT_OK
    except asyncio.CancelledError:
        return EXIT_INTERRUPTED
    return EXIT_OK if tell(figures) else EXIT_NOT_OK


async def _measured(measure: Callable[[Place], Awaitable[Figures]], folder: Path) -> Figures:
    _obey_signals()
    environment = {name: value for name, value in os.environ.items() if name not in OWN_SERVERS}
    with (folder / "bench.log").open("w", encoding="utf-8") as log:
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(log))
        logging.getLogger().handlers = [logging.StreamHandler(log)]
        pack = load_pack(default_pack())
        return await measure(Place(pack=pack, folder=folder, environment=environment, log=log))


def _obey_signals() -> None:
    """Any of them ends the run; everything that it started is stopped on the way out."""
    loop, whole = asyncio.get_running_loop(), asyncio.current_task()
    if whole:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, whole.cancel)


def load_average() -> tuple[float, ...]:
    """Of the machine, over 1, 5 and 15 minutes."""
    return tuple(round(one, 2) for one in os.getloadavg())
