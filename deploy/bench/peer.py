"""Starts the peer beside us and turns what it says into a rate, every doubt in its favour."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

import asyncpg

from deploy.bench.figures import rate
from deploy.embedded.ready import Ready
from deploy.embedded.service import OWN_CODE
from shared.language import Text
from shared.postgres import queries
from shared.topics import EVENTS

PYTHON_VARIABLE = "LAGESBILD_BENCH_PEER_PYTHON"
MODULE = "deploy.bench.peer_quix"
MOST_EVENTS = 300_000
PATIENCE_S = 600.0

MISSING = Text(
    sv="Quix Streams saknas, så ingen jämförelse: kör `make bench-aggregator`, eller nämn i "
    f"{PYTHON_VARIABLE} en Python som har tillägget `peer`.",
    en="Quix Streams is missing, so nothing is compared: run `make bench-aggregator`, or name in "
    f"{PYTHON_VARIABLE} a Python that has the extra `peer`.",
)
TAIL = 5  # lines of what it wrote, when it fails

_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True, slots=True)
class PeerResult:
    """What the peer has done. Unit: `cpu_s` of its process alone, from its start."""

    per_second: float
    events: int
    cpu_s: float
    counted_right: bool

    def as_json(self) -> dict[str, Any]:
        """Beside the rate: how many events, what they cost, and whether they are all counted."""
        return {
            "name": "quixstreams",
            "events": self.events,
            "cpu_us_per_event": round(1e6 * self.cpu_s / self.events, 1),
            "counted_right": self.counted_right,
        }


def python_of_peer() -> str | None:
    """The interpreter that can run it: the named one, else ours; None: neither has it."""
    named = os.environ.get(PYTHON_VARIABLE)
    if named:
        return named if Path(named).exists() else None
    return sys.executable if find_spec("quixstreams") else None


async def raced(
    python: str, servers: Ready, *, events: int, folder: Path, log: TextIO
) -> PeerResult | None:
    """Have it count so many events of the filled topic; None: it could not, see the log."""
    child = await asyncio.create_subprocess_exec(
        python,
        *("-W", "ignore", "-m", MODULE),
        cwd=OWN_CODE,
        env={name: os.environ[name] for name in _INHERITED if name in os.environ},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
    )
    told = json.dumps(_told(servers, events, folder)).encode()
    try:
        async with asyncio.timeout(PATIENCE_S):
            said, _ = await child.communicate(told)
    except TimeoutError:
        return None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        return None
    found = json.loads(said.splitlines()[-1])
    return PeerResult(
        per_second=steady_rate(found["flushes"]),
        events=found["events"],
        cpu_s=found["cpu_s"],
        counted_right=await _sum_in_sink(servers.postgres) == found["events"],
    )


def failed(log: Path) -> Text:
    """Why there is no comparison: the end of what the peer wrote."""
    lines = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:])
    return Text(
        sv=f"Quix Streams avbröts, så ingen jämförelse:\n{lines}",
        en=f"Quix Streams failed, so nothing is compared:\n{lines}",
    )


def steady_rate(flushes: Sequence[tuple[float, int]]) -> float:
    """Events per second from the first flush that wrote some to the last.

    What came before the first is not counted, nor the time that it took: its start and joining its
    group are not in its rate. With a single flush there is no rate.

    Shape: when each flush was over, and all events before it.

    Raises:
        ValueError: it has flushed fewer than two times.
    """
    began, before = next((at, events) for at, events in flushes if events)
    ended, whole = next((at, events) for at, events in flushes if events == flushes[-1][1])
    return rate(whole - before, ended - began)


def _told(servers: Ready, events: int, folder: Path) -> dict[str, Any]:
    parts = urlsplit(servers.postgres)
    return {
        "kafka": servers.kafka,
        "topic": EVENTS.name,
        "events": events,
        "folder": str(folder),
        "postgres": {
            "host": parts.hostname,
            "port": parts.port,
            "dbname": parts.path.removeprefix("/"),
            "user": parts.username,
            "password": unquote(parts.password or ""),
        },
    }


async def _sum_in_sink(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval(queries("deploy.bench")["peer_sum"]))
    finally:
        await connection.close()
