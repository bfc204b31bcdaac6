"""The servers of a run, and the instances of services that come, go, die and come again."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Self, TextIO

import aiohttp
import structlog

from deploy.chaos.plan import MOST, SCALING, first_instances, instance
from deploy.embedded import ports
from deploy.embedded.child import Program
from deploy.embedded.errors import NotReady
from deploy.embedded.folder import Folders
from deploy.embedded.keys import secrets_in
from deploy.embedded.output import LogFile
from deploy.embedded.ready import Ready
from deploy.embedded.service import Surroundings, command_of, environment_of, url_of
from deploy.embedded.stack import Stack, StackOptions, answers
from deploy.embedded.supervisor import Duty, Supervisor
from shared.language import Language
from shared.logging import LogFormat
from shared.pack import Pack
from shared.topics import DEFAULT_PARTITIONS

INGEST = "ingest"
DELIVERY = "delivery"
START_SECONDS = 60.0
STOP_SECONDS = 8.0
RUNS_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.02
READY_ANSWERS_SECONDS = 2.0
TRIES = 5

FENCED_WORDS = ('"partition_fenced"', '"error_type": "Fenced"')
"""What an aggregator logs when a partition has a newer owner: as it learns of it by itself, and as
the database refuses what it writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOptions:
    """Where a run happens, and with which programs.

    Shape: `environment` names no server: a run has its own. `command` is asked for each service.
    """

    pack: Pack
    folder: Path
    log: TextIO
    environment: Mapping[str, str] = field(repr=False)
    command: Callable[[str], Sequence[str]] = command_of


class Place:
    """Servers and instances; `async with` starts the servers and stops everything."""

    def __init__(self, options: PlaceOptions) -> None:
        self._options = options
        self._exit = AsyncExitStack()
        self._stack = Stack(
            StackOptions(
                pack=options.pack.path,
                data=options.folder / "data",
                environment=options.environment,
                any_free_ports=True,
                services=(),
                terminal=options.log,
                log_format=LogFormat.JSON,
            )
        )
        self._supervisor = Supervisor(
            logger=structlog.wrap_logger(structlog.PrintLogger(options.log)),
            on_change=lambda: None,
        )
        self._logs: dict[str, LogFile] = {}
        self._ports: Mapping[str, int] = {}
        self._surroundings: Surroundings
        self.fencings = 0

    async def __aenter__(self) -> Self:
        await self._exit.enter_async_context(self._stack)
        names = [
            INGEST,
            DELIVERY,
            *(instance(part, at + 1) for part in SCALING for at in range(MOST)),
        ]
        self._ports = ports.choose_any(names, is_free=ports.is_free)
        folder = self._options.folder / "data"
        self._surroundings = Surroundings(
            kafka=self.servers.kafka,
            owner_dsn=self.servers.postgres,
            secrets=secrets_in(Folders(folder).secrets, actors=self._options.pack.actors),
            folders=Folders(folder),
            pack=self._options.pack.path.absolute(),
            ports=self._ports,
            topic_prefix="",
            partitions=DEFAULT_PARTITIONS,
            log_format=LogFormat.JSON,
            language=Language.EN,
        )
        self._exit.push_async_callback(self._stop_all)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    @property
    def servers(self) -> Ready:
        """The two servers, with their process ids of now."""
        return self._stack.ready

    @property
    def installation_secret(self) -> bytes:
        """What event ids are made with."""
        return self._surroundings.secrets.installation.encode()

    @property
    def ingest(self) -> str:
        """Where reports are sent to."""
        return url_of(self._ports[INGEST])

    @property
    def delivery(self) -> str:
        """Where counts are read."""
        return url_of(self._ports[DELIVERY])

    async def reader(self) -> int | None:
        """The process that says it is ready to answer readers, None if none does."""
        pid = self._pid(DELIVERY)
        if pid is None or not await _is_ready(self.delivery):
            return None
        return pid if pid == self._pid(DELIVERY) else None

    async def start_services(self) -> None:
        """Start ingest, delivery and the first instances of the others, as far as they do not run.

        Raises:
            NotReady: one did not answer in time.
        """
        first = (name for names in first_instances().values() for name in names)
        missing = [name for name in (INGEST, DELIVERY, *first) if self._pid(name) is None]
        await asyncio.gather(*map(self.start, missing))

    async def start(self, name: str) -> None:
        """Start an instance and keep it running; returns when it answers.

        While servers come and go a start may fail for what only looks like a wrong configuration,
        so it is tried again.

        Raises:
            NotReady: it did not answer however often it was tried.
        """
        for left in reversed(range(TRIES)):
            try:
                await self._supervisor.start(self._duty(name), within_seconds=START_SECONDS)
            except NotReady:
                if not left:
                    raise
                await self.stop(name)
            else:
                return

    async def stop(self, name: str) -> None:
        """Let an instance end in order; it is not started again."""
        await self._supervisor.stop([name], within_seconds=STOP_SECONDS)

    async def running(self, name: str) -> int:
        """The process id of an instance or a server, as soon as it has one.

        Raises:
            NotReady: nobody starts it.
        """
        try:
            async with asyncio.timeout(RUNS_SECONDS):
                while (pid := self._pid(name)) is None:  # noqa: ASYNC110 - its keeper tells nobody
                    await asyncio.sleep(LOOK_EVERY_SECONDS)
        except TimeoutError:
            raise NotReady(name, after_seconds=RUNS_SECONDS, lines=()) from None
        return pid

    def send(self, name: str, pid: int, number: signal.Signals) -> None:
        """Send a signal to a process unless it has ended meanwhile."""
        if self._pid(name) == pid:
            os.kill(pid, number)

    def _pid(self, name: str) -> int | None:
        return {**self.servers.pids, **self._supervisor.pids}.get(name)

    def _duty(self, name: str) -> Duty:
        service, port = name.partition("-")[0], self._ports[name]
        told = replace(self._surroundings, ports={service: port})
        environment = environment_of(service, told, inherited=self._options.environment)
        return Duty(
            program=Program(
                name=name,
                command=tuple(self._options.command(service)),
                environment=environment,
                folder=Folders(self._options.folder / "data").run,
                port=port,
            ),
            ready=lambda: answers(url_of(port, "/started")),
            write=self._writer(name),
        )

    def _writer(self, name: str) -> Callable[[str], None]:
        path = self._options.folder / "data" / "logs" / f"{name}.log"
        log = self._logs.setdefault(name, LogFile(path))

        def write(line: str) -> None:
            self.fencings += any(words in line for words in FENCED_WORDS)
            log.line(line)

        return write

    async def _stop_all(self) -> None:
        await self._supervisor.stop(list(self._supervisor.pids), within_seconds=STOP_SECONDS)
        for log in self._logs.values():
            log.close()


async def _is_ready(url: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=READY_ANSWERS_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{url}/ready") as answer,
        ):
            return answer.status == HTTPStatus.OK
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False
