"""`lagesbild migrate`: bring a database to this program's schema version."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from shared.errors import ConfigurationError

_NUMBERED = re.compile(r"^(?P<version>\d{4})_(?P<name>\w+)\.sql$")
_LOCK = 0x6C616765  # any number, the same for everyone who migrates


@dataclass(frozen=True, slots=True, order=True)
class Migration:
    """One numbered step; `sha256` of its text guards against changes after the fact."""

    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """The sum that the database remembers."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Every migration, in order.

    Raises:
        ValueError: the numbers are not 1, 2, 3, …
    """
    found = sorted(
        Migration(int(match["version"]), match["name"], entry.read_text(encoding="utf-8"))
        for entry in files("deploy.schema").iterdir()
        if (match := _NUMBERED.match(entry.name))
    )
    if [step.version for step in found] != list(range(1, len(found) + 1)):
        raise ValueError("migrations are numbered 0001, 0002, … without gaps")
    return found


async def migrate(owner_dsn: str, *, passwords: Mapping[str, str]) -> list[Migration]:
    """Apply what is missing, then set the login roles' passwords; the applied steps come back.

    Shape: `passwords` maps role names to passwords; a role that is not named keeps its own.

    Raises:
        ConfigurationError: an applied migration differs from ours, or the database is newer.
    """
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        applied = await _applied(connection)
        steps = migrations()
        _refuse_differences(steps, applied)
        missing = [step for step in steps if step.version not in applied]
        for step in missing:
            await _apply(connection, step)
        for role, password in passwords.items():
            await _set_password(connection, role, password)
        return missing
    finally:
        await connection.close()


async def _applied(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[int, str]:
    if await connection.fetchval("select to_regclass('registry.schema_version')") is None:
        return {}
    rows = await connection.fetch("select version, sha256 from registry.schema_version")
    return {row["version"]: row["sha256"] for row in rows}


def _refuse_differences(steps: list[Migration], applied: Mapping[int, str]) -> None:
    ours = {step.version: step.sha256 for step in steps}
    mistakes = [
        f"migration {version:04} of the database is not the one of this program"
        for version, sha256 in applied.items()
        if ours.get(version) != sha256
    ]
    if mistakes:
        raise ConfigurationError(mistakes)


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", step: Migration) -> None:
    async with connection.transaction():
        await connection.execute(step.sql)
        await connection.execute(
            "insert into registry.schema_version (version, name, sha256) values ($1, $2, $3)",
            step.version,
            step.name,
            step.sha256,
        )


async def _set_password(
    connection: "asyncpg.Connection[asyncpg.Record]", role: str, password: str
) -> None:
    # ALTER ROLE takes no parameters; format() quotes both safely inside the server. The login
    # check comes first, so that an unchanged password does not rewrite a shared catalogue row.
    statement = await connection.fetchval(
        "select format('alter role %I login password %L', $1::text, $2::text)", role, password
    )
    await connection.execute(statement)
