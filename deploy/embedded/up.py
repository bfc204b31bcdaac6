"""`lagesbild up`: the stack in the foreground, until Ctrl-C or SIGTERM."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import deploy
from deploy.embedded import jars
from deploy.embedded.errors import CannotStart, NotReady
from deploy.embedded.folder import Folders, data_folder
from deploy.embedded.ready import Ready
from deploy.embedded.servers import named_in
from deploy.embedded.stack import Stack, StackOptions
from shared.errors import ConfigurationError
from shared.language import Language, Text
from shared.logging import LogFormat
from shared.pack import PackError

EXIT_STOPPED = 0
EXIT_BROKEN = 1
EXIT_USER = 2

FORMAT_VARIABLE = "LAGESBILD_LOG_FORMAT"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """The options of the command line; None means the default."""

    pack: Path | None = None
    data: Path | None = None
    json: bool = False
    language: Language = Language.SV


def up(options: UpOptions) -> int:
    """Run the stack; its exit code: 0 stopped, 1 a part broke, 2 something to put right."""
    try:
        if not named_in(os.environ).kafka:
            jars.fetch()  # before signals are ours: a long fetch can simply be interrupted
        return asyncio.run(_run(options))
    except ConfigurationError as error:
        _complain(_words_of(error, options.language))
        return EXIT_USER
    except NotReady as error:
        _complain("\n".join((error.text.in_(options.language), *error.lines)))
        return EXIT_BROKEN


def default_pack() -> Path:
    """The synthetic municipality that comes with the program."""
    return Path(deploy.__path__[0]) / "municipalities" / "demo"


def log_format() -> LogFormat:
    """As the environment says; else as it suits whoever reads stderr.

    Raises:
        CannotStart: the environment says something else.
    """
    wanted = os.environ.get(FORMAT_VARIABLE)
    if not wanted:
        return LogFormat.PRETTY if sys.stderr.isatty() else LogFormat.JSON
    if wanted not in tuple(LogFormat):
        words = ", ".join(LogFormat)
        raise CannotStart(
            Text(sv=f"{FORMAT_VARIABLE}: välj {words}.", en=f"{FORMAT_VARIABLE}: choose {words}.")
        )
    return LogFormat(wanted)


async def _run(options: UpOptions) -> int:
    stack = Stack(
        StackOptions(
            pack=options.pack or default_pack(),
            data=data_folder(options.data),
            environment=dict(os.environ),
            log_format=log_format(),
            language=options.language,
        )
    )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # not below nohup
        loop.add_signal_handler(signal.SIGHUP, stopped.set)
    try:
        if await _started(stack, stopped):
            _say(stack.ready, options)
            await stack.run_until(stopped)
    finally:
        await stack.stop()
    return EXIT_STOPPED


async def _started(stack: Stack, stopped: asyncio.Event) -> bool:
    """Whether the stack is ready; False when it was told to stop before that."""
    starting = asyncio.ensure_future(stack.start())
    waiting = asyncio.ensure_future(stopped.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
    if starting.cancelled():
        return False
    starting.result()
    return not stopped.is_set()


def _say(ready: Ready, options: UpOptions) -> None:
    line = json.dumps(ready.as_json()) if options.json else _summary(ready, options.language)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _summary(ready: Ready, language: Language) -> str:
    folders = Folders(Path(ready.folder))
    rows = (
        (Text("Lägesbild är igång.", "Lägesbild is running."), ""),
        (Text("  rapporter till", "  reports to"), f"{ready.ingest}/v1/reports"),
        (Text("  antal och prenumerationer", "  counts and subscriptions"), ready.delivery),
        (Text("  aktörernas nycklar", "  the actors' keys"), folders.secrets / "api-keys.json"),
        (Text("  adresser och processer", "  addresses and processes"), folders.state),
        (Text("  Kafkas och PostgreSQL:s loggar", "  Kafka's and PostgreSQL's logs"), folders.logs),
        (Text("Stoppa med Ctrl-C.", "Stop with Ctrl-C."), ""),
    )
    return "\n".join(f"{text.in_(language):<34}{value}".rstrip() for text, value in rows)


def _words_of(error: ConfigurationError, language: Language) -> str:
    if isinstance(error, CannotStart):
        return error.text.in_(language)
    if isinstance(error, PackError):
        return "\n".join(
            f"{one.file}:{one.line}: {one.message.in_(language)}" for one in error.found
        )
    return "\n".join(error.mistakes)


def _complain(words: str) -> None:
    sys.stderr.write(words + "\n")
