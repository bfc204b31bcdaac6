"""`lagesbild demo`: stack, play, screen and verdict put together."""

import asyncio
import json
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import structlog

from deploy.demo.play import Play, Setting
from deploy.demo.scene import Moment, Scene, scene_of
from deploy.demo.screen import shown
from deploy.demo.senders import UnexpectedAnswerError
from deploy.demo.tally import Phase, Tally
from deploy.demo.verdict import Summary, judged
from deploy.embedded import jars
from deploy.embedded.errors import CannotStart, NotReady
from deploy.embedded.folder import Folders
from deploy.embedded.keys import secrets_in
from deploy.embedded.servers import POSTGRES_VARIABLE, named_in
from deploy.embedded.stack import Stack, StackOptions
from deploy.embedded.up import default_pack
from shared.language import Language, Text
from shared.pack import load_pack

EXIT_OK = 0
EXIT_NOT_OK = 1
EXIT_USER = 2
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """The options of the command line.

    Shape: without `seconds` it goes on until Ctrl-C. Unit: `rate` in reports per second.
    """

    seconds: float | None = None
    rate: float = 40.0
    seed: int = 1
    json: bool = False
    language: Language = Language.SV


def demo(options: DemoOptions) -> int:
    """Run the demo; its exit code is 0 only if everything is counted once and every push right."""
    started = time.monotonic()
    if options.rate <= 0 or (options.seconds is not None and options.seconds < 0):
        _complain(
            Text("--rate och --seconds är större än 0.", "--rate and --seconds are above 0."),
            options,
        )
        return EXIT_USER
    if not named_in(os.environ).kafka:
        jars.fetch()  # before signals are ours: a long fetch can simply be interrupted
    folder = Path(tempfile.mkdtemp(prefix="lagesbild-demo-"))
    code = EXIT_NOT_OK
    try:
        code = _outcome(options, folder, started=started)
    finally:
        if code == EXIT_NOT_OK:  # for whoever looks for the reason
            _complain(Text(f"Loggar och data: {folder}", f"Logs and data: {folder}"), options)
        else:
            shutil.rmtree(folder)
    return code


def _outcome(options: DemoOptions, folder: Path, *, started: float) -> int:
    try:
        summary = asyncio.run(Demo(options, folder, started=started).run())
    except CannotStart as error:
        _complain(error.text, options)
        return EXIT_USER
    except NotReady as error:
        _complain(error.text, options)
        sys.stderr.write("".join(f"{line}\n" for line in error.lines))
        return EXIT_NOT_OK
    except UnexpectedAnswerError as error:
        _complain(Text(f"Leveransen svarade {error}.", f"Delivery answered {error}."), options)
        return EXIT_NOT_OK
    except asyncio.CancelledError:
        return EXIT_INTERRUPTED
    _tell(summary, options)
    return EXIT_OK if summary.ok else EXIT_NOT_OK


class Demo:
    """One demo in a folder of its own. Unit: `started` of the monotonic clock."""

    def __init__(self, options: DemoOptions, folder: Path, *, started: float) -> None:
        self._options = options
        self._folder = folder
        self._started = started
        self._pack = load_pack(default_pack())
        self._tag = secrets.token_hex(4)
        self._topic_prefix = f"demo.{self._tag}."
        self._tally = Tally()
        self._play: Play | None = None
        self._stopped = asyncio.Event()
        self._ends_at: float | None = None

    async def run(self) -> Summary:
        """Start everything, play, judge, stop everything.

        Raises:
            CannotStart: something that its user can put right.
            NotReady: a part of the stack did not answer, or does not any more.
            asyncio.CancelledError: it was interrupted before its end.
        """
        self._obey_signals()
        async with AsyncExitStack() as on_exit:
            log = on_exit.enter_context((self._folder / "demo.log").open("w", encoding="utf-8"))
            _log_to(log)
            screen = asyncio.create_task(shown(self._scene, self._options.language, on=sys.stderr))
            on_exit.push_async_callback(_cancelled, screen)
            data = self._folder / "data"
            stack = Stack(
                StackOptions(
                    pack=self._pack.path,
                    data=data,
                    environment=_environment(),
                    any_free_ports=True,
                    topic_prefix=self._topic_prefix,
                    language=self._options.language,
                    terminal=log,
                )
            )
            await on_exit.enter_async_context(stack)
            on_exit.callback(self._enter, Phase.STOPPING)
            secret = secrets_in(Folders(data).secrets, actors=self._pack.actors).installation
            return await self._watched(stack, secret.encode())

    async def _watched(self, stack: Stack, secret: bytes) -> Summary:
        """The performance, given up if the stack cannot be kept running."""
        performance = asyncio.create_task(self._perform(stack, secret))
        running = asyncio.create_task(stack.run_until(asyncio.Event()))
        try:
            await asyncio.wait({performance, running}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            return performance.result()
        finally:
            await _cancelled(performance)
            await _cancelled(running)

    async def _perform(self, stack: Stack, secret: bytes) -> Summary:
        options = self._options
        setting = Setting(
            pack=self._pack,
            ready=lambda: stack.ready,
            secret=secret,
            rate=options.rate,
            seed=options.seed,
            tag=self._tag,
            topic_prefix=self._topic_prefix,
            language=options.language,
            now=_now,
        )
        async with Play(setting, self._tally) as play:
            self._play = play
            await play.tell_history()
            if options.seconds is not None:
                self._ends_at = time.monotonic() + options.seconds
                asyncio.get_running_loop().call_later(options.seconds, self._stopped.set)
            await play.act(self._stopped)
            drained = await play.drained()
            counted_at = _now()
            await play.last_views(counted_at)
            return await judged(play, drained=drained, counted_at=counted_at, started=self._started)

    def _scene(self) -> Scene:
        now, play = time.monotonic(), self._play
        moment = Moment(
            elapsed_s=now - self._started,
            left_s=None if self._ends_at is None else self._ends_at - now,
            p50_ms=play.stopwatch.percentile_ms(0.50) if play else None,
            p99_ms=play.stopwatch.percentile_ms(0.99) if play else None,
        )
        inboxes = play.inboxes if play else []
        return scene_of(
            self._pack, self._tally, inboxes, moment=moment, language=self._options.language
        )

    def _enter(self, phase: Phase) -> None:
        self._tally.phase = phase

    def _obey_signals(self) -> None:
        """Ctrl-C ends the play, and everything if it comes at another time or again."""
        loop, whole = asyncio.get_running_loop(), asyncio.current_task()

        def give_up() -> None:
            if whole:
                whole.cancel()

        def end_the_play() -> None:
            if self._tally.phase in {Phase.HISTORY, Phase.PLAYING} and not self._stopped.is_set():
                self._stopped.set()
            else:
                give_up()

        loop.add_signal_handler(signal.SIGINT, end_the_play)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, give_up)


def _tell(summary: Summary, options: DemoOptions) -> None:
    if options.json:
        sys.stdout.write(json.dumps(summary.as_json()) + "\n")
    else:
        sys.stdout.write(summary.as_text(options.language) + "\n")
    sys.stdout.flush()
    for problem in summary.problems:
        _complain(problem, options)


def _complain(text: Text, options: DemoOptions) -> None:
    sys.stderr.write(text.in_(options.language) + "\n")


def _log_to(stream: TextIO) -> None:
    """Keep what this process itself has to log away from the screen and from stdout."""
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(stream))
    logging.getLogger().handlers = [logging.StreamHandler(stream)]


def _environment() -> dict[str, str]:
    """The environment of the stack: somebody's Kafka may be used, somebody's database never.

    A demo in a database that is in use would change its roles' passwords and revoke its keys.
    """
    return {name: value for name, value in os.environ.items() if name != POSTGRES_VARIABLE}


def _now() -> datetime:
    return datetime.now(UTC)


async def _cancelled(task: "asyncio.Task[object]") -> None:
    task.cancel()
    await asyncio.wait([task])
