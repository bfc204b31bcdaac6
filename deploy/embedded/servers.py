"""Kafka and PostgreSQL for one stack: our own, or those that somebody named."""

import asyncio
import os
from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import asyncpg

from deploy.embedded import aot, jars, kafka, leftover, postgres, unprivileged
from deploy.embedded.errors import CannotStart
from deploy.embedded.folder import Folders
from deploy.embedded.kafka import KafkaServer
from deploy.embedded.output import LogFile, Terminal
from deploy.embedded.postgres import DEFAULT_BUFFERS, PostgresServer
from deploy.embedded.supervisor import Duty, Supervisor
from shared.language import Text

READY_SECONDS = 60.0
NAMED_SECONDS = 20.0
STOP_SECONDS = 4.5
STILL_STOPPING_SECONDS = 10.0

KAFKA_VARIABLE = "LAGESBILD_KAFKA"
POSTGRES_VARIABLE = "LAGESBILD_POSTGRES"
BUFFERS_VARIABLE = "LAGESBILD_POSTGRES_BUFFERS"
JAVA_VARIABLE = "LAGESBILD_KAFKA_JAVA"

SERVERS = ("kafka", "postgres")


@dataclass(frozen=True, slots=True)
class Named:
    """Servers that exist already, as the environment names them; None: start our own."""

    kafka: str | None
    postgres: str | None = field(repr=False)

    def ports_wanted(self) -> list[str]:
        """The names of the ports that our own servers need."""
        own_kafka = [] if self.kafka else ["kafka", "kafka_controller"]
        return own_kafka + ([] if self.postgres else ["postgres"])


def named_in(environment: Mapping[str, str]) -> Named:
    """The servers that the environment names."""
    return Named(
        kafka=environment.get(KAFKA_VARIABLE) or None,
        postgres=environment.get(POSTGRES_VARIABLE) or None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Starts the servers of one stack below its supervisor; `on_exit` gets what must be undone."""

    folders: Folders
    environment: Mapping[str, str] = field(repr=False)
    supervisor: Supervisor
    terminal: Terminal
    on_exit: AsyncExitStack

    async def clear(self) -> None:
        """Wait for servers of a stack that was killed a moment ago, so that ports are free."""
        await asyncio.gather(
            leftover.gone(self.folders.kafka, kafka.COMM, within_seconds=STILL_STOPPING_SECONDS),
            postgres.end_leftovers(postgres.cluster_in(self.folders.postgres)),
        )

    async def start(
        self, named: Named, *, chosen: Mapping[str, int], owner_password: str
    ) -> tuple[str, str]:
        """Where Kafka (`host:port`) and PostgreSQL (the owner's DSN) answer.

        Raises:
            CannotStart: a server that was named does not answer, or ours cannot be made.
            NotReady: a server of ours did not answer in time.
        """
        logs = {name: LogFile(self.folders.logs / f"{name}.log") for name in SERVERS}
        for log in logs.values():
            self.on_exit.callback(log.close)  # after the servers: they write until they end
        self.on_exit.push_async_callback(self.supervisor.stop, SERVERS, within_seconds=STOP_SECONDS)
        return await asyncio.gather(
            self._kafka(named.kafka, chosen, logs["kafka"]),
            self._postgres(named.postgres, chosen, logs["postgres"], password=owner_password),
        )

    async def _kafka(self, bootstrap: str | None, chosen: Mapping[str, int], log: LogFile) -> str:
        if bootstrap:
            await reach_kafka(bootstrap)
            return bootstrap
        cache = jars.cache_folder(self.environment)
        server = KafkaServer(
            folder=self.folders.kafka,
            jars=jars.ensure(cache, jars.pinned()),
            port=chosen["kafka"],
            controller_port=chosen["kafka_controller"],
            java=self.environment.get(JAVA_VARIABLE, "").split(),
            classes=aot.kept_in(cache),
        )
        await self._keep(server, log)
        return server.bootstrap

    async def _postgres(
        self, dsn: str | None, chosen: Mapping[str, int], log: LogFile, *, password: str
    ) -> str:
        if dsn:
            await reach_postgres(dsn)
            return dsn
        server = PostgresServer(
            folder=self.folders.postgres,
            runner=unprivileged.runner_for(self.folders.postgres, is_root=os.geteuid() == 0),
            port=chosen["postgres"],
            owner_password=password,
            buffers=self.environment.get(BUFFERS_VARIABLE, DEFAULT_BUFFERS),
        )
        await self._keep(server, log)
        return server.dsn

    async def _keep(self, server: KafkaServer | PostgresServer, log: LogFile) -> None:
        program = server.program()
        await self.supervisor.start(
            Duty(
                program=program,
                ready=server.ready,
                prepare=server.prepare,
                write=log.line,
                show=lambda line: self.terminal.line(program.name, line),
            ),
            within_seconds=READY_SECONDS,
        )


async def reach_kafka(bootstrap: str) -> None:
    """Wait until a Kafka that somebody named answers.

    Raises:
        CannotStart: it does not.
    """
    await _reach(kafka.answering(bootstrap), variable=KAFKA_VARIABLE, place=bootstrap)


async def reach_postgres(dsn: str) -> None:
    """Wait until a PostgreSQL that somebody named answers.

    Raises:
        CannotStart: it does not, or does not let us in; the password is not repeated.
    """
    place = urlsplit(dsn).netloc.rpartition("@")[2]
    await _reach(postgres.answering(dsn), variable=POSTGRES_VARIABLE, place=place)


async def _reach(answering: Awaitable[None], *, variable: str, place: str) -> None:
    try:
        async with asyncio.timeout(NAMED_SECONDS):
            await answering
    except TimeoutError:
        why = Text(sv="svarar inte", en="does not answer")
    except (asyncpg.PostgresError, ValueError) as error:
        name = type(error).__name__
        why = Text(sv=f"släpper inte in oss ({name})", en=f"does not let us in ({name})")
    else:
        return
    raise CannotStart(
        Text(
            sv=f"Servern {place}, som {variable} anger, {why.sv}.",
            en=f"The server {place}, which {variable} names, {why.en}.",
        )
    )
