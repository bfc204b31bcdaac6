"""`lagesbild bench pipeline`: one run in a folder of its own, one line of JSON."""

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog

from deploy.bench.figures import STAGES, Figures
from deploy.bench.generator import UnexpectedAnswerError
from deploy.bench.stages import Place, Run
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchOptions:
    """The options of the command line.

    Unit: `events` that each stage alone is given; `seconds` of full load on the whole way.
    """

    events: int = 200_000
    seconds: float = 20.0
    json: bool = False
    language: Language = Language.SV


def pipeline(options: BenchOptions) -> int:
    """Measure once; the exit code is 0 only if every accepted report was counted."""
    if options.events < 1 or options.seconds <= 0:
        _say(
            Text("--events och --seconds är större än 0.", "--events and --seconds are above 0."),
            options,
        )
        return EXIT_USER
    jars.fetch()  # before signals are ours: a long fetch can simply be interrupted
    folder = Path(tempfile.mkdtemp(prefix="lagesbild-bench-"))
    code = EXIT_NOT_OK
    try:
        code = _outcome(options, folder)
    finally:
        if code == EXIT_NOT_OK:  # for whoever looks for the reason
            _say(Text(f"Loggar och data: {folder}", f"Logs and data: {folder}"), options)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return code


def _outcome(options: BenchOptions, folder: Path) -> int:
    try:
        figures = asyncio.run(_measured(options, folder))
    except CannotStart as error:
        _say(error.text, options)
        return EXIT_USER
    except NotReady as error:
        _say(error.text, options)
        sys.stderr.write("".join(f"{line}\n" for line in error.lines))
        return EXIT_NOT_OK
    except (StalledError, UnexpectedAnswerError) as error:
        _say(Text(f"Mätningen gav upp: {error}.", f"The run gave up: {error}."), options)
        return EXIT_NOT_OK
    except asyncio.CancelledError:
        return EXIT_INTERRUPTED
    _tell(figures, options)
    return EXIT_OK if figures.ok else EXIT_NOT_OK


async def _measured(options: BenchOptions, folder: Path) -> Figures:
    _obey_signals()
    load_average = tuple(round(one, 2) for one in os.getloadavg())
    environment = {name: value for name, value in os.environ.items() if name not in OWN_SERVERS}
    with (folder / "bench.log").open("w", encoding="utf-8") as log:
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(log))
        logging.getLogger().handlers = [logging.StreamHandler(log)]
        pack = load_pack(default_pack())
        place = Place(pack=pack, folder=folder, environment=environment, log=log)
        run = Run(
            place,
            events=options.events,
            seconds=options.seconds,
            tell=lambda text: _say(text, options),
        )
        return await run.measured(load_average=load_average)


def _obey_signals() -> None:
    """Any of them ends the run; everything that it started is stopped on the way out."""
    loop, whole = asyncio.get_running_loop(), asyncio.current_task()
    if whole:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, whole.cancel)


def _tell(figures: Figures, options: BenchOptions) -> None:
    said = figures.as_json()
    if options.json:
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        rates = (f"{stage:<12}{said[stage]:>12,}/s" for stage in STAGES)
        rest = (f"{name:<12}{value}" for name, value in said.items() if name not in STAGES)
        sys.stdout.write("\n".join((*rates, *rest)) + "\n")
    sys.stdout.flush()


def _say(text: Text, options: BenchOptions) -> None:
    sys.stderr.write(text.in_(options.language) + "\n")
    sys.stderr.flush()
