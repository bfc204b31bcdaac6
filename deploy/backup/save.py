"""`lagesbild backup`: one snapshot of the database, while everything runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.backup import manifest as manifests
from deploy.backup.log_check import LogCheck, checked
from deploy.backup.manifest import DUMP, FORMAT, Applied, Counted, Manifest
from deploy.backup.programs import programs_for
from shared.errors import ConfigurationError
from shared.kafka import KAFKA_AWAY
from shared.postgres import Connection, owner_session, queries

HALF_MADE = "counting_next"
"""What a rebuild is making just now is worth nothing elsewhere."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved, and what the log said to it. `log` None: it did not answer."""

    folder: Path
    manifest: Manifest
    log: LogCheck | None

    @property
    def ok(self) -> bool:
        """Whether restoring this backup now would lose nothing, as far as can be known."""
        return self.log is None or self.log.ok

    def as_json(self) -> dict[str, Any]:
        """The outcome for machines."""
        return {
            "ok": self.ok,
            "folder": str(self.folder),
            "made_at": self.manifest.made_at.isoformat(),
            "schema_version": self.manifest.schema_version,
            "bytes": self.manifest.dump_bytes,
            "sha256": self.manifest.dump_sha256,
            "rows": sum(self.manifest.rows.values()),
            "log": self.log and self.log.as_json(),
        }


async def backup(owner_dsn: str, kafka: str, target: Path) -> Saved:
    """Dump the database into a new folder, an absolute path; Kafka is asked, and needed not.

    Raises:
        ConfigurationError: the target is there already, there is no schema, or no `pg_dump`.
        ProgramFailed: the server or the disk did not let it; there is no folder then.
        asyncpg.PostgresError, OSError: the database does not answer; likewise.
    """
    with manifests.unfinished(target) as folder:
        manifest = await _dumped(owner_dsn, folder)
        manifests.write(folder, manifest)
    try:
        log = await checked(kafka, manifest.streams)
    except KAFKA_AWAY:
        log = None
    return Saved(target, manifest, log)


async def _dumped(owner_dsn: str, folder: Path) -> Manifest:
    sql = queries(__package__)
    async with owner_session(
        owner_dsn,
        application="backup",
        idle_in_transaction_session_timeout="0",  # the dump takes as long as it takes
    ) as connection:
        programs = await programs_for(
            owner_dsn, server_major=await connection.fetchval(sql["server_major"])
        )
        tables = [row["name"] for row in await connection.fetch(sql["ours"])]
        if "registry.schema_version" not in tables:
            raise ConfigurationError(["the database has no schema of Lägesbild"])
        async with connection.transaction(isolation="repeatable_read"):
            # Before the snapshot: from here on no rebuild can put other tables in their place.
            await connection.execute(f"lock table {', '.join(tables)} in access share mode")
            taken = await connection.fetchrow(sql["snapshot"])
            if taken is None:
                raise AssertionError("a select without from returns one row")
            dump = folder / DUMP
            dump.touch(mode=0o600)
            await programs.dump(dump, snapshot=taken["snapshot"], without_schema=HALF_MADE)
            dump_bytes, dump_sha256 = manifests.measured(dump)
            return Manifest(
                format=FORMAT,
                made_at=taken["made_at"],
                server=taken["server"],
                generation=taken["generation"],
                migrations=tuple(
                    Applied(**row) for row in await connection.fetch(sql["migrations"])
                ),
                streams=tuple(Counted(**row) for row in await connection.fetch(sql["streams"])),
                rows=await _rows(connection, tables),
                roles=tuple(row["role"] for row in await connection.fetch(sql["roles"])),
                dump_bytes=dump_bytes,
                dump_sha256=dump_sha256,
            )


async def _rows(connection: Connection, tables: list[str]) -> dict[str, int]:
    return {
        table: await connection.fetchval(f"select count(*) from {table}")  # noqa: S608 - quoted
        for table in tables
    }
