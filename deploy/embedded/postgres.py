"""One PostgreSQL of this installation: passwords, TCP on loopback, no socket in a shared folder.

The programs come from a wheel; what that wheel's own code would do (trust everybody, change the
rights of parent folders) is not wanted, so it is never imported. What is acknowledged is on the
disk. A server killed with -9 answers again after 0.3 s; a busy backend that outlives it would
keep its successor out and is ended first.
"""

import asyncio
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import asyncpg

from deploy.embedded import child, leftover
from deploy.embedded.child import Program
from deploy.embedded.errors import CannotStart
from deploy.embedded.unprivileged import Runner
from shared.language import Text
from shared.postgres import DATABASE_AWAY, queries

COMM = "postgres"
OWNER = "lagesbild_owner"
DATABASE = "lagesbild"
DEFAULT_BUFFERS = "256MB"
TRY_EVERY_SECONDS = 0.05
STILL_STOPPING_SECONDS = 10.0

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_wal_size": "4GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # An error's detail and its statement may quote a row.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """Where a PostgreSQL lives and listens; `buffers` is its shared memory, as it writes sizes."""

    folder: Path
    runner: Runner
    port: int
    owner_password: str = field(repr=False)
    buffers: str = DEFAULT_BUFFERS

    @property
    def dsn(self) -> str:
        """How its owner connects."""
        return self._dsn(DATABASE)

    @property
    def cluster(self) -> Path:
        """See `cluster_in`."""
        return cluster_in(self.folder)

    def program(self) -> Program:
        """The postmaster in the foreground; SIGINT lets it stop without waiting for clients."""
        settings = {**SETTINGS, "port": str(self.port), "shared_buffers": self.buffers}
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        return Program(
            name="postgres",
            command=self.runner.command("postgres", "-D", str(self.cluster), *arguments),
            environment={"PATH": "/usr/bin:/bin", "LANG": "C"},
            folder=self.folder,
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
            user=self.runner.user,
            port=self.port,
        )

    async def prepare(self) -> None:
        """Make the cluster if it is new; whoever worked in it before is gone.

        The remembered process id goes too, if it is sure that nobody is left: after a restart of
        the machine it may be anybody's, and PostgreSQL would then refuse to start.

        Raises:
            CannotStart: the cluster could not be made.
        """
        if not self.cluster.exists():
            await self._make()
        await end_leftovers(self.cluster)

    async def ready(self) -> None:
        """Return as soon as the database answers its owner; create it if it is new."""
        await answering(self._dsn("postgres"))
        connection = await asyncpg.connect(self._dsn("postgres"))
        try:
            named = queries(__package__)
            if not await connection.fetchval(named["database_exists"]):
                await connection.execute(named["create_database"])
        finally:
            await connection.close()

    def _dsn(self, database: str) -> str:
        password = quote(self.owner_password, safe="")
        return f"postgresql://{OWNER}:{password}@127.0.0.1:{self.port}/{database}"

    async def _make(self) -> None:
        """Run initdb beside the place and move the result there: a cluster is whole or absent."""
        unfinished, password = self.folder / "cluster.unfinished", self.folder / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(self.owner_password)
        self.runner.own(password)
        try:
            code, lines = await child.run(self._initdb(unfinished, password))
        finally:
            password.unlink()
        if code:
            reason = "\n".join(lines[-5:])
            raise CannotStart(
                Text(
                    sv=f"Databasens mapp {self.cluster} kunde inte förberedas:\n{reason}",
                    en=f"The database's folder {self.cluster} could not be prepared:\n{reason}",
                )
            )
        unfinished.rename(self.cluster)

    def _initdb(self, target: Path, password: Path) -> Program:
        return Program(
            name="initdb",
            command=self.runner.command(
                "initdb",
                f"--pgdata={target}",
                f"--username={OWNER}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            ),
            environment={"PATH": "/usr/bin:/bin", "LANG": "C"},
            folder=self.folder,
            user=self.runner.user,
        )


def cluster_in(folder: Path) -> Path:
    """PostgreSQL's own data folder in ours; it is whole if it exists."""
    return folder / "cluster"


async def end_leftovers(cluster: Path) -> None:
    """End the backends of a postmaster that is dead, and wait for one that is still stopping."""
    file = cluster / "postmaster.pid"
    if not file.exists():
        return
    first = file.read_text().partition("\n")[0]
    if first.isdecimal() and int(first) in leftover.at_work_in(cluster, COMM):
        await leftover.gone(cluster, COMM, within_seconds=STILL_STOPPING_SECONDS)
    await leftover.ended(cluster, COMM)
    if not leftover.may_hide(cluster, COMM):
        file.unlink(missing_ok=True)


async def answering(dsn: str) -> None:
    """Return as soon as the database answers.

    Raises:
        asyncpg.PostgresError: it answers that it does not want us.
    """
    while True:
        try:
            connection = await asyncpg.connect(dsn, timeout=5)
        except DATABASE_AWAY:
            await asyncio.sleep(TRY_EVERY_SECONDS)
        else:
            await connection.close()
            return
