"""Where things lie in the folder of one embedded installation."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Folders:
    """The places in the folder `root`; nothing else in it belongs to us."""

    root: Path

    @property
    def kafka(self) -> Path:
        """Kafka's settings and log."""
        return self.root / "kafka"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's cluster, and its programs where they must be copied."""
        return self.root / "postgres"

    @property
    def secrets(self) -> Path:
        """Keys and passwords; 0700, its files 0600."""
        return self.root / "secrets"

    @property
    def keys(self) -> Path:
        """The anonymizer's keys, which it makes itself; 0700. Never in a backup (decision 0022)."""
        return self.root / "keys"

    @property
    def logs(self) -> Path:
        """What the servers write; the services write to the terminal."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """The services' working folder: empty, so that no import can be found there by accident."""
        return self.root / "run"

    @property
    def lock(self) -> Path:
        """Held by the stack that uses the folder."""
        return self.root / "lock"

    @property
    def ports(self) -> Path:
        """The ports that this installation keeps."""
        return self.root / "ports.json"

    @property
    def state(self) -> Path:
        """The ready line with the current process ids."""
        return self.root / "state.json"

    def make(self) -> None:
        """Create what is missing; an existing folder keeps its rights."""
        for folder in (self.root, self.kafka, self.postgres, self.secrets, self.logs, self.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def data_folder(given: Path | None) -> Path:
    """The chosen folder, else `LAGESBILD_DATA`, else where a user's own files belong; absolute."""
    if given is not None:
        return given.expanduser().absolute()
    if chosen := os.environ.get("LAGESBILD_DATA"):
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser().absolute() / "lagesbild"


def told_by_running(data: Path | None, *, otherwise: str) -> dict[str, Any]:
    """What the running installation of a data folder says of itself, see `ready.Ready.as_json`.

    Raises:
        ConfigurationError: none is ready there; `otherwise` says what to do instead.
    """
    state = Folders(data_folder(data)).state
    try:
        told: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    if not {"postgres", "kafka", "ingest", "keys"} <= told.keys():
        raise ConfigurationError([f"{state}: no running installation; {otherwise}"])
    return told
