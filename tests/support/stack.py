"""A whole installation as a user starts it: `lagesbild up --json`, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.embedded import ports

ROOT = Path(__file__).parents[2]
LAGESBILD = (sys.executable, "-m", "services.cli")
SERVICES = ("ingest", "anonymizer", "aggregator", "delivery")
SERVERS = ("kafka", "postgres")
GONE_SECONDS = 15.0


class RunningStack:
    """A running `lagesbild up`: its ready line, its log, its processes."""

    def __init__(self, process: "subprocess.Popen[str]", data: Path) -> None:
        self.process = process
        self.data = data
        self.log: list[str] = []
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            process.wait(timeout=30)
            self._reader.join(5)
            raise AssertionError("up did not become ready:\n" + "".join(self.log[-40:]))
        self.ready: dict[str, Any] = json.loads(line)

    def state(self) -> dict[str, Any]:
        """What state.json says now."""
        found: dict[str, Any] = json.loads((self.data / "state.json").read_text())
        return found

    def kill(self, name: str) -> int:
        """Send SIGKILL to one part; its process id."""
        pid: int = self.state()["pids"][name]
        os.kill(pid, signal.SIGKILL)
        return pid

    def key(self, actor: str, scope: str = "report") -> str:
        key: str = self.ready["keys"][actor][scope]
        return key

    def await_restart(self, name: str, old: int, *, within_seconds: float = 90) -> None:
        """Wait until the part runs again under another process id."""
        deadline = time.monotonic() + within_seconds
        while time.monotonic() < deadline:
            if self.state()["pids"][name] not in (None, old):
                return
            time.sleep(0.05)
        raise AssertionError(f"{name} was not started again")

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(iter(self.process.stderr.readline, ""))


@contextmanager
def running_stack(
    data: Path, *options: str, before: Sequence[str] = (), **environment: str
) -> Iterator[RunningStack]:
    """Start `up` on the data folder, stop it with SIGTERM, and see that all of it is gone."""
    with subprocess.Popen(
        [*before, *LAGESBILD, "up", "--json", "--data", str(data), *options],
        cwd=ROOT,
        env={**os.environ, "LAGESBILD_LOG_FORMAT": "json", **_free_ports(), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            stack = RunningStack(process, data)
            yield stack
        finally:
            _stop(process)


def _free_ports() -> dict[str, str]:
    """Ports of this stack's own, for tests run side by side."""
    return {
        ports.variable(name): str(port)
        for name, port in ports.choose_any(ports.USUAL, is_free=ports.is_free).items()
    }


def _stop(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=GONE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """One `lagesbild` command to its end."""
    return subprocess.run(
        [*LAGESBILD, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def all_gone(pids: Sequence[int], *, within_seconds: float = GONE_SECONDS) -> bool:
    """Whether all of these processes have ended in time."""
    deadline = time.monotonic() + within_seconds
    while any(_lives(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
