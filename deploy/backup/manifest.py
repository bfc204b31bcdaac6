"""What a backup says of itself, and whether its files are what it says."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from deploy.embedded.keys import write_privately
from deploy.schema.migrate import migrations
from shared.errors import ConfigurationError

FORMAT = 1
OLDEST_SCHEMA = 9
"""The first schema that `sql/after_restore.sql` can put right: it names tables and columns of it."""
MANIFEST = "manifest.json"
DUMP = "database.dump"
CHUNK = 1 << 20
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_TABLE = re.compile(r"[a-z_]+\.[a-z0-9_]+")


class Applied(msgspec.Struct, frozen=True):
    """A migration that the schema has had."""

    version: int
    sha256: str


class Counted(msgspec.Struct, frozen=True):
    """How far one partition had been counted, in the log (Kafka cluster) `log_id`."""

    consumer: str
    topic: str
    partition: int
    next_offset: int
    log_id: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Shape: `rows` is the number of rows by table, `roles` whom grants and policies name.

    Unit: `made_at` is the moment of the snapshot.
    """

    format: int
    made_at: datetime
    server: str
    migrations: tuple[Applied, ...]
    generation: int
    streams: tuple[Counted, ...]
    rows: dict[str, int]
    roles: tuple[str, ...]
    dump_bytes: int
    dump_sha256: str

    @property
    def schema_version(self) -> int:
        """The newest migration."""
        return max(one.version for one in self.migrations)


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A private folder that becomes `target` when the context ends well, and is gone otherwise.

    Raises:
        ConfigurationError: the target is there already, or its place cannot be written.
    """
    if target.exists():
        raise ConfigurationError([f"{target}: is there already; a backup never replaces another"])
    try:
        folder = Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise ConfigurationError([f"{target.parent}: {error.strerror}"]) from None
    try:
        yield folder
        folder.rename(target)
        _sync(target.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(folder: Path, manifest: Manifest) -> None:
    """The last file of a backup: without it, it is none."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2).decode()
    write_privately(folder / MANIFEST, text + "\n")
    _sync(folder)


def read(folder: Path) -> Manifest:
    """The manifest of a backup that is whole and that this program understands.

    Raises:
        ConfigurationError: it is not, or does not; says what.
    """
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
        found_bytes, found_sha256 = measured(folder / DUMP)
    except OSError as error:
        raise ConfigurationError([f"{error.filename}: {error.strerror}"]) from None
    except msgspec.MsgspecError:
        raise ConfigurationError(
            [f"{folder / MANIFEST}: is not the manifest of a backup"]
        ) from None
    mistakes = [*_misfits(manifest, _ours())]
    if found_bytes != manifest.dump_bytes:
        mistakes.append(
            f"{folder / DUMP}: has {found_bytes} bytes, the backup had {manifest.dump_bytes}"
        )
    elif found_sha256 != manifest.dump_sha256:
        mistakes.append(f"{folder / DUMP}: is not what was backed up (SHA-256)")
    if mistakes:
        raise ConfigurationError(mistakes)
    return manifest


def measured(file: Path) -> tuple[int, str]:
    """The size and the SHA-256 of a file. Unit: bytes."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def _ours() -> dict[int, str]:
    return {step.version: step.sha256 for step in migrations()}


def _misfits(manifest: Manifest, ours: Mapping[int, str]) -> Sequence[str]:
    """Why this program cannot use such a backup."""
    if manifest.format != FORMAT:
        return [f"the backup has format {manifest.format}, this program reads {FORMAT}"]
    if not manifest.migrations or manifest.schema_version > max(ours):
        newest = max((one.version for one in manifest.migrations), default=None)
        return [f"the backup has schema version {newest}, this program knows up to {max(ours)}"]
    if manifest.schema_version < OLDEST_SCHEMA:
        older = f"the backup has schema version {manifest.schema_version}"
        way = "restore it with the version that made it, then migrate"
        return [f"{older}, this program restores from {OLDEST_SCHEMA} on: {way}"]
    return [
        *(
            f"migration {one.version:04} of the backup is not the one of this program"
            for one in manifest.migrations
            if ours.get(one.version) != one.sha256
        ),
        *(
            f"the backup names what cannot be ours: {name!r}"
            for form, names in ((_ROLE, manifest.roles), (_TABLE, manifest.rows))
            for name in names
            if not form.fullmatch(name)
        ),
    ]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
