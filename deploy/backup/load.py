"""`lagesbild restore`: all of a backup in one transaction, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from deploy.backup.log_check import LogCheck, checked
from deploy.backup.manifest import DUMP, Manifest
from deploy.backup.programs import programs_for
from shared.errors import ConfigurationError
from shared.postgres import SCHEMA_VERSION, Connection, owner_session, queries


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored. Shape: `approved` is how many subscriptions will be sent to again."""

    manifest: Manifest
    log: LogCheck
    approved: int

    @property
    def ok(self) -> bool:
        """Whether counting goes on without a loss."""
        return self.log.ok

    @property
    def needs_migration(self) -> bool:
        """Whether `lagesbild migrate` must come before the services."""
        return self.manifest.schema_version < SCHEMA_VERSION

    def as_json(self) -> dict[str, Any]:
        """The outcome for machines."""
        return {
            "ok": self.ok,
            "made_at": self.manifest.made_at.isoformat(),
            "schema_version": self.manifest.schema_version,
            "needs_migration": self.needs_migration,
            "rows": sum(self.manifest.rows.values()),
            "approved_subscriptions": self.approved,
            "log": self.log.as_json(),
        }


async def restore(
    owner_dsn: str,
    kafka: str,
    source: Path,
    manifest: Manifest,
    *,
    replace: bool = False,
    accept_shorter_log: bool = False,
) -> Restored:
    """Put a backup in an empty database, or in the place of what is there.

    Shape: `manifest` is what `manifest.read` gave of the folder `source`.

    Raises:
        ConfigurationError: the database or the log is not fit for it; every reason.
        ProgramFailed: the server did not let it; nothing was changed.
        asyncpg.PostgresError, OSError, KafkaError: a server does not answer; likewise.
    """
    log = await checked(kafka, manifest.streams)
    if not log.ok and not accept_shorter_log:
        raise ConfigurationError([*log.mistakes(), "--accept-shorter-log: restore all the same"])
    sql = queries(__package__)
    async with owner_session(owner_dsn, application="restore") as connection:
        await _refuse_what_is_there(connection, replace=replace)
        programs = await programs_for(
            owner_dsn, server_major=await connection.fetchval(sql["server_major"])
        )
        before = await _before(connection, manifest)
        await programs.restore(source / DUMP, before=before, after=_after(manifest))
        approved = await connection.fetchval(sql["approved"])
    return Restored(manifest, log, approved)


async def _refuse_what_is_there(connection: Connection, *, replace: bool) -> None:
    """Raises: ConfigurationError: something is in the way."""
    sql = queries(__package__)
    others = await _names(connection, sql["others"])
    foreign = await _names(connection, sql["foreign_schemas"])
    ours = await _names(connection, sql["own_schemas"])
    mistakes = []
    if others:
        mistakes.append(f"stop the services first; connected are: {', '.join(sorted({*others}))}")
    if foreign:
        mistakes.append(f"the database holds something else: schema {', '.join(foreign)}")
    if ours and not replace:
        mistakes.append("the database is not empty; --replace: drop what is in it")
    if mistakes:
        raise ConfigurationError(mistakes)


async def _before(connection: Connection, manifest: Manifest) -> str:
    """What was there goes, and who is named must be there."""
    sql = queries(__package__)
    drops = [
        f"drop schema {name} cascade;" for name in await _names(connection, sql["own_schemas"])
    ]
    roles = [
        await connection.fetchval(sql["statement_of_role"], role)
        for role in manifest.roles
        if not await connection.fetchval(sql["role_exists"], role)
    ]
    return "\n".join(["set client_min_messages = warning;", *drops, *roles])


def _after(manifest: Manifest) -> str:
    """Every table holds its rows; then what they say of the lost world is put right."""
    checks = [
        f"do $check$ begin if (select count(*) from {table}) <> {rows}"  # noqa: S608 - see manifest
        f" then raise exception 'a table does not hold its rows'; end if; end $check$;"
        for table, rows in manifest.rows.items()
    ]
    told = [
        f"select set_config('lagesbild.made_at', '{manifest.made_at.isoformat()}', true);",
        f"select set_config('lagesbild.sha256', '{manifest.dump_sha256}', true);",
        "set local search_path = pg_catalog;",
    ]
    text = files(__package__).joinpath("sql", "after_restore.sql").read_text(encoding="utf-8")
    return "\n".join([*told, *checks, text])


async def _names(connection: Connection, statement: str) -> Sequence[str]:
    return [row[0] for row in await connection.fetch(statement)]
