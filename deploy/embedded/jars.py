"""Kafka's jars: exactly the pinned ones, each checked before every use.

`kafka-jars.txt` holds `group:artifact:version sha256` per line, all that Kafka needs. A jar that
is not in the cache is fetched by its coordinates; one with another sum than the list's is refused
by name, wherever it came from. The cache is one flat folder per user, so that whoever has no
network can carry the files there by hand.

`lagesbild fetch` fills the cache and shows its progress. `python -m deploy.embedded.jars` writes a
new list to stdout, for maintainers who change a version below. It resolves Kafka and its logging separately: resolved together, the logging's
dependency management silently takes an older kafka-clients, which is a broken mix.
"""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

from deploy.embedded import progress
from deploy.embedded.errors import CannotStart
from shared.errors import ConfigurationError
from shared.language import Language, Text

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"  # without it Kafka logs nothing

AT_ONCE = 4  # fetches side by side

_LINE = re.compile(
    r"(?P<group>[\w.-]+):(?P<artifact>[\w.-]+):(?P<version>[\w.-]+) (?P<sha256>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True, order=True)
class Jar:
    """One pinned jar; `sha256` is in hexadecimal."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def coordinates(self) -> str:
        """As Maven writes it."""
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def filename(self) -> str:
        """Its name in the cache; unique in the list."""
        return f"{self.artifact}-{self.version}.jar"


Fetch: TypeAlias = Callable[[Jar, Path], Path]
"""Brings one jar into a scratch folder and says where it lies there."""


def read_list(text: str) -> tuple[Jar, ...]:
    """The jars of a list; empty lines and lines that begin with `#` do not count.

    Raises:
        ValueError: a line has another form, or two jars have one file name; names the line.
    """
    jars = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"line {number} is not `group:artifact:version sha256`")
        jars.append(Jar(**found.groupdict()))
    if len({jar.filename for jar in jars}) != len(jars):
        raise ValueError("two jars have one file name")
    return tuple(jars)


def pinned() -> tuple[Jar, ...]:
    """The jars that this version of the stack runs on."""
    return read_list(files(__package__).joinpath("kafka-jars.txt").read_text(encoding="utf-8"))


def cache_folder(environment: Mapping[str, str]) -> Path:
    """The one cache of this user: `LAGESBILD_CACHE`, else the desktop standard's place."""
    if chosen := environment.get("LAGESBILD_CACHE"):
        return Path(chosen).expanduser()
    base = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return (Path(base) / "lagesbild").expanduser()


def ensure(
    cache: Path,
    jars: Sequence[Jar],
    *,
    fetch: Fetch | None = None,
    announce: progress.Announce = progress.silent,
) -> tuple[Path, ...]:
    """The paths of the jars in the cache, fetched if missing, every sum checked now.

    Shape: one path per jar, in the list's order.

    Raises:
        CannotStart: a jar has a wrong sum, or is missing and cannot be fetched.
    """
    folder = cache / "jars"
    missing = [jar for jar in jars if not (folder / jar.filename).exists()]
    if missing:
        _fetch_all(folder, missing, fetch=fetch or fetch_by_coordinates, announce=announce)
    paths = tuple(folder / jar.filename for jar in jars)
    for jar, path in zip(jars, paths, strict=True):
        if (found := _sum_of(path)) != jar.sha256:
            raise _refused(jar, found, path=path)
    return paths


def fetch_by_coordinates(jar: Jar, scratch: Path) -> Path:
    """Fetch one jar with the Maven client's own defaults; the user's Maven folder stays untouched.

    Raises:
        OSError: no network.
        RuntimeError: nobody has the jar.
    """
    from jgo.maven import MavenContext  # noqa: PLC0415 - needed on the first start only

    project = MavenContext(repo_cache=scratch).project(jar.group, jar.artifact)
    return Path(project.at_version(jar.version).artifact().resolve())


def _fetch_all(
    folder: Path, missing: Sequence[Jar], *, fetch: Fetch, announce: progress.Announce
) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=folder, prefix="fetching-") as scratch,
            announce(len(missing)) as fetched,
            closing(_side_by_side(missing, Path(scratch), fetch)) as coming,
        ):
            for jar, path in coming:
                if (found := _sum_of(path)) != jar.sha256:
                    raise _refused(jar, found, path=None)
                path.replace(folder / jar.filename)  # whole and checked, or not there at all
                fetched(jar.filename)
    except (OSError, RuntimeError) as error:
        raise _not_fetched(folder, missing, why=type(error).__name__) from error


def _side_by_side(
    missing: Sequence[Jar], scratch: Path, fetch: Fetch
) -> Generator[tuple[Jar, Path], None, None]:
    """The jars as they come, in order; the first error ends all."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        tries = [(jar, threads.submit(fetch, jar, scratch)) for jar in missing]
        try:
            for jar, attempt in tries:
                yield jar, attempt.result()
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def _sum_of(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _refused(jar: Jar, found: str, *, path: Path | None) -> CannotStart:
    """`path` is the file that its user can remove; None when it was fetched and is gone again."""
    sv = f" Ta bort {path}, så hämtas den på nytt." if path else ""
    en = f" Remove {path}, and it is fetched again." if path else ""
    sums = f"\n  {jar.sha256}\n  {found}"
    return CannotStart(
        Text(
            sv=f"{jar.filename} har en annan SHA-256-summa än {jar.coordinates} ska ha och "
            f"används inte.{sv} Väntad och funnen summa:{sums}",
            en=f"{jar.filename} has another SHA-256 sum than {jar.coordinates} must have and is "
            f"not used.{en} Sum expected and found:{sums}",
        )
    )


def _not_fetched(folder: Path, missing: Sequence[Jar], *, why: str) -> CannotStart:
    left = [jar for jar in missing if not (folder / jar.filename).exists()]
    names = "\n".join(f"  {jar.coordinates}  →  {jar.filename}" for jar in left)
    return CannotStart(
        Text(
            sv=f"Kafkas jar-filer kunde inte hämtas ({why}; finns det nät?). Det saknas {len(left)}, som "
            f"ska ligga i {folder}:\n{names}\n"
            "En Kafka och en PostgreSQL som redan finns anges med LAGESBILD_KAFKA=host:port och "
            "LAGESBILD_POSTGRES=DSN.",
            en=f"Kafka's jars could not be fetched ({why}; is there a network?). {len(left)} are "
            f"missing, which belong in {folder}:\n{names}\n"
            "A Kafka and a PostgreSQL that exist already are named with "
            "LAGESBILD_KAFKA=host:port and LAGESBILD_POSTGRES=DSN.",
        )
    )


def pin(scratch: Path) -> str:
    """A new list of the jars that `KAFKA` and `LOGGING` need, with the sums as fetched now."""
    from jgo.maven import MavenContext  # noqa: PLC0415 - for maintainers only

    context = MavenContext(repo_cache=scratch)
    found: dict[tuple[str, str], str] = {}
    for coordinates in (KAFKA, LOGGING):
        asked = context.create_dependency(coordinates)
        _, nodes = context.resolver.get_dependency_list([asked])
        for one in (asked, *(node.dep for node in nodes)):
            found.setdefault((one.groupId, one.artifactId), one.version)
    lines = []
    for (group, artifact), version in sorted(found.items()):
        path = fetch_by_coordinates(Jar(group, artifact, version, ""), scratch)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"{group}:{artifact}:{version} {digest}\n")
    return "".join(lines)


def fetch() -> None:
    """Fill this user's cache and show the progress on stderr.

    Raises:
        ConfigurationError: as `ensure`, in the language of `LAGESBILD_LANGUAGE`.
    """
    language = Language(os.environ.get("LAGESBILD_LANGUAGE", Language.SV))
    try:
        announce = progress.shown_on(sys.stderr, language)
        ensure(cache_folder(os.environ), pinned(), announce=announce)
    except CannotStart as error:
        raise ConfigurationError([error.text.in_(language)]) from error


def main() -> None:
    """Write a new list to stdout; see the module's docstring."""
    with tempfile.TemporaryDirectory() as scratch:
        sys.stdout.write(pin(Path(scratch)))


if __name__ == "__main__":
    main()
