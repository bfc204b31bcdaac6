"""PostgreSQL as the house uses it: pools, named queries, what counts as "the world is bad"."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeAlias

import asyncpg

from shared.errors import ConfigurationError

SCHEMA_VERSION = 14  # the newest migration in deploy/schema; a test holds the two together

DATABASE_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a session that is cut while it goes back to the pool
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidTransactionStateError,
    asyncpg.LockNotAvailableError,
)
"""Errors after which the same transaction may succeed later. Wrong data is not among them."""

_NAME = re.compile(r"^-- name: (?P<name>\w+)\n", re.MULTILINE)

# asyncpg is generic for the type checker only.
Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"
Pool: TypeAlias = "asyncpg.Pool[Any]"


def queries(package: str, file: str = "queries.sql") -> MappingProxyType[str, str]:
    """The named queries of a `.sql` file: each begins with `-- name: word`.

    Raises:
        ValueError: two queries have one name.
    """
    text = files(package).joinpath("sql", file).read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"two queries of {package} have one name")
    return MappingProxyType(dict(zip(names, (body.strip() for body in bodies), strict=True)))


async def new_pool(
    dsn: str,
    *,
    application: str,
    most: int = 8,
    search_path: str = "pg_catalog",
    session: Mapping[str, str] = MappingProxyType({}),
) -> Pool:
    """A pool whose sessions a frozen process cannot hold for ever.

    Statements name their schema, so the search path holds nothing of ours. `session` are further
    settings of PostgreSQL.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=most,
        timeout=5,
        command_timeout=30,
        server_settings={
            "application_name": f"lagesbild-{application}",
            "search_path": search_path,
            "timezone": "UTC",
            "idle_in_transaction_session_timeout": "5s",
            "lock_timeout": "10s",
            "tcp_keepalives_idle": "5",
            "tcp_keepalives_interval": "2",
            "tcp_keepalives_count": "3",
            **session,
        },
    )


@asynccontextmanager
async def owner_session(
    owner_dsn: str, *, application: str, **settings: str
) -> AsyncIterator[Connection]:
    """The owner's one connection for maintenance: statements name their schemas, long ones may end.

    `settings` are further settings of PostgreSQL.
    """
    connection = await asyncpg.connect(
        owner_dsn,
        server_settings={
            "application_name": f"lagesbild-{application}",
            "search_path": "pg_catalog",
            "timezone": "UTC",
            **settings,
        },
    )
    try:
        yield connection
    finally:
        await connection.close()


class Ping:
    """Asks whether the database answers, for readiness, without ever waiting for a frozen one.

    A question without an answer is left to itself: to cancel it asyncpg would ask the server.
    """

    def __init__(self, pool: Pool, *, within_seconds: float = 1.0) -> None:
        self._pool = pool
        self._within_seconds = within_seconds
        self._asking: asyncio.Task[bool] | None = None

    async def answers(self) -> bool:
        """Whether an answer came in time."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        done, _ = await asyncio.wait({self._asking}, timeout=self._within_seconds)
        return bool(done) and self._asking.result()

    async def _ask(self) -> bool:
        try:
            return bool(await self._pool.fetchval("select true"))
        except DATABASE_AWAY:
            return False


async def require_schema_version(pool: Pool) -> None:
    """Check that `lagesbild migrate` has been here.

    Raises:
        ConfigurationError: the database has another version than this program.
    """
    try:
        found = await pool.fetchval("select max(version) from registry.schema_version")
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        found = None
    if found != SCHEMA_VERSION:
        raise ConfigurationError(
            [f"the database has schema version {found}, this program needs {SCHEMA_VERSION}"]
        )
