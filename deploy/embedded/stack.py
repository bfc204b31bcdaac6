"""The whole stack in one object: started in order, kept running, stopped in order.

Servers first, side by side; then schema, topics and registry; then the four services, side by
side. `up` runs one until it is told to stop; the demo and the tests run one inside themselves.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Self, TextIO

import aiohttp

from deploy.embedded import child, lock, ports
from deploy.embedded.child import Program
from deploy.embedded.errors import CannotStart
from deploy.embedded.folder import Folders
from deploy.embedded.keys import OWNER_ROLE, SERVICE_ROLES, Secrets, secrets_in, write_privately
from deploy.embedded.output import Terminal
from deploy.embedded.ready import Ready
from deploy.embedded.servers import SERVERS, Servers, named_in
from deploy.embedded.service import SERVICES, Surroundings, command_of, environment_of, url_of
from deploy.embedded.supervisor import Duty, Supervisor
from deploy.schema.migrate import migrate
from deploy.schema.register import register
from shared.kafka import ensure_topics
from shared.language import Language, Text
from shared.logging import LogFormat
from shared.pack import Pack, load_pack
from shared.topics import DEFAULT_PARTITIONS

SERVICE_READY_SECONDS = 60.0
SERVICE_STOP_SECONDS = 4.0  # with the servers' 4.5 less than the ten that are promised
ASK_SECONDS = 5.0
ASK_EVERY_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOptions:
    """What one stack is to be.

    Shape: `environment` is the process's own: it may name servers, ports and the cache, and
    services inherit its harmless part. `overrides` adds variables to single services.
    `any_free_ports` ignores and remembers no port. `services` may be empty: servers only.
    """

    pack: Path
    data: Path
    environment: Mapping[str, str] = field(repr=False)
    any_free_ports: bool = False
    log_format: LogFormat = LogFormat.PRETTY
    language: Language = Language.SV
    terminal: TextIO = sys.stderr
    topic_prefix: str = ""
    partitions: int = DEFAULT_PARTITIONS
    services: Sequence[str] = SERVICES
    service_command: Callable[[str], Sequence[str]] = command_of
    overrides: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)


class Stack:
    """One stack; `async with` starts and stops it."""

    def __init__(self, options: StackOptions) -> None:
        self._options = options
        self._folders = Folders(options.data.absolute())
        self._exit = AsyncExitStack()
        self._terminal = Terminal(options.terminal, options.log_format)
        self._supervisor = Supervisor(logger=self._terminal.logger(), on_change=self._write_state)
        self._servers = Servers(
            folders=self._folders,
            environment=options.environment,
            supervisor=self._supervisor,
            terminal=self._terminal,
            on_exit=self._exit,
        )
        self._ready: Ready | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def ready(self) -> Ready:
        """Where everything answers, with the current process ids.

        Raises:
            RuntimeError: the stack is not running.
        """
        if self._ready is None:
            raise RuntimeError("the stack is not running")
        return replace(self._ready, pids={**self._ready.pids, **self._supervisor.pids})

    async def start(self) -> Ready:
        """Start everything; returns when every part answers.

        Raises:
            ConfigurationError: something that its user can put right.
            NotReady: a part did not answer in time.
        """
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self.ready

    async def stop(self) -> None:
        """Stop everything in order, within ten seconds; may be called twice."""
        await self._exit.aclose()

    async def run_until(self, stopped: asyncio.Event) -> None:
        """Keep everything running until the event is set."""
        waiting = asyncio.ensure_future(stopped.wait())
        failed = asyncio.ensure_future(self._supervisor.failed())
        try:
            await asyncio.wait({waiting, failed}, return_when=asyncio.FIRST_COMPLETED)
            if failed.done():
                failed.result()
        finally:
            waiting.cancel()
            failed.cancel()

    async def _start(self) -> None:
        self._take_folder()
        pack = load_pack(self._options.pack)
        secrets = secrets_in(self._folders.secrets, actors=pack.actors)
        self._terminal.open()
        self._exit.callback(self._terminal.close)
        child.adopt_orphans()
        told = await self._start_servers(secrets)
        await self._agree(told, pack)
        await self._start_services(told)
        self._tell(told)

    def _take_folder(self) -> None:
        folders = self._folders
        try:
            folders.make()
            self._exit.callback(lock.hold(folders.lock).close)
            folders.state.unlink(missing_ok=True)
        except OSError as error:
            raise CannotStart(
                Text(
                    sv=f"Datamappen {folders.root} kan inte användas: {error.strerror}",
                    en=f"The data folder {folders.root} cannot be used: {error.strerror}",
                )
            ) from error

    async def _start_servers(self, secrets: Secrets) -> Surroundings:
        options = self._options
        await self._servers.clear()
        named = named_in(options.environment)
        chosen = await ports.settled(
            [*options.services, *named.ports_wanted()],
            environment=options.environment,
            file=self._folders.ports,
            any_free=options.any_free_ports,
        )
        kafka, dsn = await self._servers.start(
            named, chosen=chosen, owner_password=secrets.passwords[OWNER_ROLE]
        )
        return Surroundings(
            kafka=kafka,
            owner_dsn=dsn,
            secrets=secrets,
            folders=self._folders,
            pack=options.pack.absolute(),
            ports=chosen,
            topic_prefix=options.topic_prefix,
            partitions=options.partitions,
            log_format=options.log_format,
            language=options.language,
        )

    async def _agree(self, told: Surroundings, pack: Pack) -> None:
        """Schema, topics and registry, all of which may be there already."""
        passwords = {role: told.secrets.passwords[role] for role in SERVICE_ROLES.values()}
        await migrate(told.owner_dsn, passwords=passwords)
        await ensure_topics(told.kafka, prefix=told.topic_prefix, partitions=told.partitions)
        await register(told.owner_dsn, pack, keys=told.secrets.api_keys)

    async def _start_services(self, told: Surroundings) -> None:
        self._exit.push_async_callback(
            self._supervisor.stop, self._options.services, within_seconds=SERVICE_STOP_SECONDS
        )
        await asyncio.gather(
            *(
                self._supervisor.start(
                    self._duty(service, told), within_seconds=SERVICE_READY_SECONDS
                )
                for service in self._options.services
            )
        )

    def _duty(self, service: str, told: Surroundings) -> Duty:
        options = self._options
        environment = environment_of(service, told, inherited=options.environment)
        return Duty(
            program=Program(
                name=service,
                command=tuple(options.service_command(service)),
                environment={**environment, **options.overrides.get(service, {})},
                folder=self._folders.run,
                port=told.ports[service],
            ),
            ready=lambda: answers(url_of(told.ports[service], "/started")),
            write=lambda line: self._terminal.line(service, line),
        )

    def _tell(self, told: Surroundings) -> None:
        self._ready = Ready(
            ingest=url_of(told.ports["ingest"]) if "ingest" in told.ports else "",
            delivery=url_of(told.ports["delivery"]) if "delivery" in told.ports else "",
            kafka=told.kafka,
            postgres=told.owner_dsn,
            keys=told.secrets.api_keys,
            metrics={
                service: url_of(told.ports[service], "/metrics")
                for service in self._options.services
            },
            pids=dict.fromkeys((*SERVERS, *self._options.services)),
            folder=str(self._folders.root),
        )
        self._exit.callback(self._forget)
        self._write_state()

    def _write_state(self) -> None:
        if self._ready is not None:
            write_privately(self._folders.state, json.dumps(self.ready.as_json()) + "\n")

    def _forget(self) -> None:
        self._ready = None
        self._folders.state.unlink(missing_ok=True)


async def answers(url: str) -> None:
    """Return as soon as the address answers 200."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASK_SECONDS)) as session:
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status == HTTPStatus.OK:
                        return
            except (aiohttp.ClientError, OSError, TimeoutError):
                pass  # it is still starting
            await asyncio.sleep(ASK_EVERY_SECONDS)
