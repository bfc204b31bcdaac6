"""What a test gets of the session's servers: a broker with topics of its own, a fresh database."""

import itertools
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.schema.migrate import migrate

ROOT = Path(__file__).parents[2]
TEMPLATE = "lagesbild_template"
PASSWORDS = {
    f"lagesbild_{service}": f"test-{service}"
    for service in ("ingest", "anonymizer", "aggregator", "delivery")
}

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Servers:
    """The session's servers; `postgres` is the owner's DSN."""

    kafka: str
    postgres: str
    pids: dict[str, int]


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database of one test."""

    owner_dsn: str

    def dsn(self, role: str) -> str:
        """The DSN of a login role, `lagesbild_ingest` for example."""
        parts = urlsplit(self.owner_dsn)
        place = f"{role}:{PASSWORDS[role]}@{parts.hostname}:{parts.port}"
        return urlunsplit(parts._replace(netloc=place))

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Every session of a service is cut, and none can begin."""
        name = urlsplit(self.owner_dsn).path[1:]
        await _execute(self.owner_dsn, f"alter database {name} connection limit 0")
        elsewhere = _named(self.owner_dsn, "postgres")
        try:
            cut = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            await _execute(elsewhere, cut)
            yield
        finally:
            await _execute(elsewhere, f"alter database {name} connection limit -1")


def running_servers(folder: Path) -> Iterator[Servers]:
    """Start both servers, give them, stop them."""
    command = [sys.executable, "-m", "tests.support.serve", str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Servers(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(timeout=30)


async def make_template(owner_dsn: str) -> None:
    """Migrate once; every test's database is a copy."""
    await _execute(owner_dsn, f"create database {TEMPLATE}")
    await migrate(_named(owner_dsn, TEMPLATE), passwords=PASSWORDS)


async def make_database(owner_dsn: str) -> Database:
    name = f"test_{next(_numbers)}"
    await _execute(owner_dsn, f"create database {name} template {TEMPLATE}")
    return Database(_named(owner_dsn, name))


async def drop_database(owner_dsn: str, database: Database) -> None:
    name = urlsplit(database.owner_dsn).path[1:]
    await _execute(owner_dsn, f"drop database {name} with (force)")


def fresh_prefix() -> str:
    return f"t{next(_numbers)}."


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _named(dsn: str, database: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))
