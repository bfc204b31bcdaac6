"""`lagesbild chaos`: one run in a folder of its own, one line of JSON."""

import asyncio
import json
import logging
import os
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from deploy.bench.generator import UnexpectedAnswerError
from deploy.chaos.content import scenery_of
from deploy.chaos.figures import Outcome
from deploy.chaos.place import Place, PlaceOptions
from deploy.chaos.plan import Kind, planned
from deploy.chaos.play import Play, Script
from deploy.chaos.storm import StuckError
from deploy.embedded import jars
from deploy.embedded.errors import CannotStart, NotReady
from deploy.embedded.servers import KAFKA_VARIABLE, POSTGRES_VARIABLE
from deploy.embedded.service import command_of
from deploy.embedded.up import default_pack
from shared.api_keys import ApiKeys
from shared.language import Language, Text
from shared.pack import Pack, load_pack

EXIT_OK = 0
EXIT_NOT_OK = 1
EXIT_USER = 2
EXIT_INTERRUPTED = 130

REPLACEABLE = ("ingest", "anonymizer", "aggregator")
OWN_SERVERS = frozenset({KAFKA_VARIABLE, POSTGRES_VARIABLE})
"""Not passed on: what others use is not killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosOptions:
    """The options of the command line.

    Shape: `kinds` by name, none is all of them; `programs` are `SERVICE=COMMAND`, started instead
    of the product's own. Unit: `seconds` that the faults go on, `reports` at least, `rate` in
    reports per second at the most.
    """

    seconds: float = 60.0
    seed: int = 1
    rate: float = 3000.0
    reports: int = 0
    faults_per_minute: float = 12.0
    failovers: int = 1
    kinds: Sequence[str] = ()
    programs: Sequence[str] = ()
    json: bool = False
    language: Language = Language.SV


@dataclass(frozen=True, slots=True)
class _Checked:
    kinds: tuple[Kind, ...]
    programs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def chaos(options: ChaosOptions) -> int:
    """Play one run; the exit code is 0 only if every cell is right and nobody wrote for another."""
    checked = _checked(options)
    if checked is None:
        return EXIT_USER
    jars.fetch()  # before signals are ours: a long fetch can simply be interrupted
    folder = Path(tempfile.mkdtemp(prefix="lagesbild-chaos-"))
    code = EXIT_NOT_OK
    try:
        code = _outcome(options, checked, folder)
    finally:
        if code == EXIT_NOT_OK:  # for whoever looks for the reason
            _say(Text(f"Loggar och data: {folder}", f"Logs and data: {folder}"), options)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return code


def _checked(options: ChaosOptions) -> _Checked | None:
    """The options, or None if they are wrong, which is said."""
    if (
        options.seconds <= 0
        or options.rate < 1
        or min(options.faults_per_minute, options.reports, options.failovers) < 0
    ):
        _say(
            Text(
                "--seconds är större än 0, --rate minst 1, resten inte mindre än 0.",
                "--seconds is above 0, --rate at least 1, the rest not below 0.",
            ),
            options,
        )
        return None
    unknown = [name for name in options.kinds if name not in tuple(Kind)]
    if unknown:
        words = ", ".join(Kind)
        _say(Text(f"--kinds: välj bland {words}.", f"--kinds: choose from {words}."), options)
        return None
    programs = dict(one.partition("=")[::2] for one in options.programs)
    if any(name not in REPLACEABLE or not shlex.split(run) for name, run in programs.items()):
        _say(
            Text(
                f"--program SERVICE=COMMAND, där SERVICE är en av {', '.join(REPLACEABLE)}.",
                f"--program SERVICE=COMMAND, where SERVICE is one of {', '.join(REPLACEABLE)}.",
            ),
            options,
        )
        return None
    kinds = tuple(map(Kind, options.kinds)) or tuple(Kind)
    return _Checked(kinds, {name: tuple(shlex.split(run)) for name, run in programs.items()})


def _outcome(options: ChaosOptions, checked: _Checked, folder: Path) -> int:
    try:
        outcome = asyncio.run(_played(options, checked, folder))
    except CannotStart as error:
        _say(error.text, options)
        return EXIT_USER
    except NotReady as error:
        _say(error.text, options)
        sys.stderr.write("".join(f"{line}\n" for line in error.lines))
        return EXIT_NOT_OK
    except UnexpectedAnswerError as error:
        _say(Text(f"Ingest svarade: {error}.", f"Ingest answered: {error}."), options)
        return EXIT_NOT_OK
    except StuckError as error:
        _say(Text(f"Ingenting rör sig: {error}.", f"Nothing moves: {error}."), options)
        return EXIT_NOT_OK
    except asyncio.CancelledError:
        return EXIT_INTERRUPTED
    _tell(outcome, options)
    return EXIT_OK if outcome.ok else EXIT_NOT_OK


async def _played(options: ChaosOptions, checked: _Checked, folder: Path) -> Outcome:
    _obey_signals()
    environment = {name: value for name, value in os.environ.items() if name not in OWN_SERVERS}
    pack = load_pack(default_pack())
    with (folder / "chaos.log").open("w", encoding="utf-8") as log:
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(log))
        logging.getLogger().handlers = [logging.StreamHandler(log)]
        place_options = PlaceOptions(
            pack=pack,
            folder=folder,
            log=log,
            environment=environment,
            command=lambda service: checked.programs.get(service) or command_of(service),
        )
        async with Place(place_options) as place:
            script = script_of(options, checked.kinds, pack=pack, keys=place.servers.keys)
            return await Play(place, script, tell=lambda text: _say(text, options)).outcome()


def script_of(
    options: ChaosOptions,
    kinds: Sequence[Kind],
    *,
    pack: Pack,
    keys: ApiKeys,
) -> Script:
    """What a run with these options does, as of now."""
    return Script(
        scenery=scenery_of(pack, seed=options.seed, now=datetime.now(UTC)),
        municipality=pack.code,
        faults=planned(
            seed=options.seed,
            seconds=options.seconds,
            per_minute=options.faults_per_minute,
            kinds=kinds,
        ),
        failovers=options.failovers if Kind.AGGREGATOR_KILL in kinds else 0,
        seconds=options.seconds,
        reports=options.reports,
        rate=options.rate,
        levels=pack.levels,
        report_keys={actor: some["report"] for actor, some in keys.actors.items()},
        read_keys={actor: some["read"] for actor, some in keys.actors.items()},
    )


def _obey_signals() -> None:
    """Any of them ends the run; everything that it started is stopped on the way out."""
    loop, whole = asyncio.get_running_loop(), asyncio.current_task()
    if whole:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, whole.cancel)


def _tell(outcome: Outcome, options: ChaosOptions) -> None:
    for wrong in outcome.comparison.shown:
        cell = " ".join(str(part) for part in wrong.cell)
        line = f"{cell}: {tuple(wrong.expected)} ≠ {tuple(wrong.found)}"
        _say(Text(line, line), options)
    said = outcome.as_json()
    if options.json:
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        sys.stdout.write("\n".join(f"{name:<20}{value}" for name, value in said.items()) + "\n")
    sys.stdout.flush()


def _say(text: Text, options: ChaosOptions) -> None:
    sys.stderr.write(text.in_(options.language) + "\n")
    sys.stderr.flush()
