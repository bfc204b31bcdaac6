"""PostgreSQL's own programs: which ones fit the server, and how they are run.

A password goes by the environment, never by the command line, which everybody on the machine can
read. What they write to standard error is shown to the operator: its last lines, and of an error
only the message, for details may quote a row.
"""

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from deploy.embedded.errors import CannotStart
from deploy.embedded.unprivileged import installed_programs
from shared.errors import ConfigurationError, WorldError

CHUNK = 1 << 16
LAST_LINES = 5
LOCK_SECONDS = 60


class ProgramFailed(WorldError):  # noqa: N818 - a fact about the server or the disk
    """One of PostgreSQL's programs has failed; the text has its last lines."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs in a folder, on one database; their environment has the password."""

    folder: Path
    database: str
    environment: Mapping[str, str] = field(repr=False)

    async def dump(self, into: Path, *, snapshot: str, without_schema: str) -> None:
        """Dump what the snapshot sees, in PostgreSQL's own compressed form.

        Raises:
            ProgramFailed: the server or the disk did not let it.
        """
        process = await self._started(
            "pg_dump",
            "--format=custom",
            f"--file={into}",
            f"--snapshot={snapshot}",
            f"--exclude-schema={without_schema}",
            "--exclude-table-data=linkage.token",
            "--no-owner",
            f"--lock-wait-timeout={LOCK_SECONDS * 1000}",
            f"--dbname={self.database}",
        )
        async with _ended_with_us(process):
            _, said = await process.communicate()
        _refuse_failure("pg_dump", process, said)

    async def restore(self, dump: Path, *, before: str, after: str) -> None:
        """One transaction: `before`, everything of the dump, `after`; all of it or nothing.

        Whatever ends one of the two programs, or us, before the last word ends the transaction.

        Raises:
            ProgramFailed: the dump or the server did not let it; nothing was changed.
        """
        reading = await self._started("pg_restore", "--no-owner", "--file=-", str(dump), out=PIPE)
        writing = await self._started(
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--set=VERBOSITY=terse",
            "--set=SHOW_CONTEXT=never",
            f"--dbname={self.database}",
            input_from=PIPE,
        )
        async with _ended_with_us(reading), _ended_with_us(writing):
            (read_said, said), _ = await asyncio.gather(
                _all_said(reading, writing), self._passed_on(reading, writing, before, after)
            )
        _refuse_failure("psql", writing, said)
        _refuse_failure("pg_restore", reading, read_said)

    async def _passed_on(self, reading: Process, writing: Process, before: str, after: str) -> None:
        assert reading.stdout is not None  # noqa: S101 - a pipe was asked for
        assert writing.stdin is not None  # noqa: S101 - likewise
        with suppress(BrokenPipeError, ConnectionResetError):  # its own words say why
            writing.stdin.write(f"begin;\n{before}\n".encode())
            while chunk := await reading.stdout.read(CHUNK):
                writing.stdin.write(chunk)
                await writing.stdin.drain()
            if await reading.wait() == 0:
                writing.stdin.write(f"\n{after}\ncommit;\n".encode())
                await writing.stdin.drain()
        while await reading.stdout.read(CHUNK):
            pass  # so that it can end
        writing.stdin.close()

    async def _started(
        self, program: str, *arguments: str, input_from: int = DEVNULL, out: int = DEVNULL
    ) -> Process:
        return await asyncio.create_subprocess_exec(
            str(self.folder / program),
            *arguments,
            stdin=input_from,
            stdout=out,
            stderr=PIPE,
            env=dict(self.environment),
        )


async def programs_for(dsn: str, *, server_major: int) -> Programs:
    """The programs that fit this server: those of the wheel, or those on the path.

    Raises:
        ConfigurationError: neither are there, or they are older than the server.
    """
    database, password = _without_password(dsn)
    kept = ("PATH", "LANG", "HOME", "TMPDIR")
    environment = {
        name: value for name, value in os.environ.items() if name in kept or name.startswith("PG")
    }
    environment |= {"PGPASSWORD": password} if password else {}
    for folder in _folders():
        if await _major(folder) >= server_major:
            return Programs(folder, database, environment)
    raise ConfigurationError(
        [f"pg_dump, pg_restore and psql of PostgreSQL {server_major} or newer are not installed"]
    )


def _folders() -> list[Path]:
    found = []
    with suppress(CannotStart):
        found.append(installed_programs())
    if on_path := shutil.which("pg_dump"):
        found.append(Path(on_path).parent)
    return found


async def _major(folder: Path) -> int:
    """The version of the programs there; 0: there are none."""
    try:
        process = await asyncio.create_subprocess_exec(
            str(folder / "pg_dump"), "--version", stdout=PIPE, stderr=DEVNULL
        )
    except OSError:
        return 0
    said, _ = await process.communicate()
    numbers = [word for word in said.decode().split() if word[:1].isdigit()]
    return int(numbers[0].partition(".")[0]) if numbers else 0


def _without_password(dsn: str) -> tuple[str, str]:
    parts = urlsplit(dsn)
    user, _, place = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    netloc = f"{name}@{place}" if name else place
    return urlunsplit(parts._replace(netloc=netloc)), unquote(password)


async def _all_said(*processes: Process) -> list[bytes]:
    async def said(process: Process) -> bytes:
        assert process.stderr is not None  # noqa: S101 - a pipe was asked for
        words = await process.stderr.read()
        await process.wait()
        return words

    return await asyncio.gather(*map(said, processes))


@asynccontextmanager
async def _ended_with_us(process: Process) -> AsyncIterator[None]:
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _refuse_failure(program: str, process: Process, said: bytes) -> None:
    if process.returncode:
        lines = said.decode(errors="replace").splitlines()[-LAST_LINES:]
        raise ProgramFailed("\n".join([f"{program} has failed", *lines]))
