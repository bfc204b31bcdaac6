"""Which database and which log: those that are named, or those of a data folder.

A folder's installation that is running is asked where its servers are. For one that stands still
its servers alone are started, for as long as it takes; nobody can start it meanwhile.
"""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from deploy.embedded import child, jars, lock, ports
from deploy.embedded.errors import CannotStart
from deploy.embedded.folder import Folders, data_folder, told_by_running
from deploy.embedded.keys import OWNER_ROLE, secrets_in
from deploy.embedded.output import Terminal
from deploy.embedded.servers import KAFKA_VARIABLE, POSTGRES_VARIABLE, Servers, named_in
from deploy.embedded.supervisor import Supervisor
from shared.errors import ConfigurationError
from shared.logging import LogFormat


@asynccontextmanager
async def found(data: Path | None, *, running: bool) -> AsyncIterator[tuple[str, str]]:
    """The owner's DSN and Kafka's address; `running` says whether the services may run.

    Raises:
        ConfigurationError: only half of them is named, or the folder's installation must not run.
    """
    named = named_in(os.environ)
    if data is None and named.postgres:
        if not named.kafka:
            raise ConfigurationError([f"{KAFKA_VARIABLE}: name the log of {POSTGRES_VARIABLE}"])
        yield named.postgres, named.kafka
        return
    folders = Folders(data_folder(data))
    async with AsyncExitStack() as held:
        try:
            folders.make()
            held.callback(lock.hold(folders.lock).close)
        except CannotStart:
            if not running:
                raise
            told = told_by_running(data, otherwise="wait until it is ready")
            yield str(told["postgres"]), str(told["kafka"])
            return
        kafka, dsn = await _started(folders, os.environ, held)
        yield dsn, kafka


async def _started(
    folders: Folders, environment: Mapping[str, str], held: AsyncExitStack
) -> tuple[str, str]:
    """Start the folder's servers; the exit stack stops them."""
    named = named_in(environment)
    if not named.kafka:
        jars.fetch()
    secrets = secrets_in(folders.secrets, actors=())
    terminal = Terminal(sys.stderr, LogFormat.PRETTY)
    terminal.open()
    held.callback(terminal.close)
    child.adopt_orphans()
    servers = Servers(
        folders=folders,
        environment=environment,
        supervisor=Supervisor(logger=terminal.logger(), on_change=lambda: None),
        terminal=terminal,
        on_exit=held,
    )
    await servers.clear()
    chosen = await ports.settled(
        named.ports_wanted(),
        environment=environment,
        file=folders.ports,
        any_free=False,
    )
    return await servers.start(named, chosen=chosen, owner_password=secrets.passwords[OWNER_ROLE])
