"""`lagesbild chaos` as a user starts it, with its answer."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.support.stack import LAGESBILD, ROOT

MOST_SECONDS = 280


@dataclass(frozen=True, slots=True)
class Answer:
    """The exit code, the one line of JSON, and what was told meanwhile."""

    code: int
    said: dict[str, Any]
    told: str


def chaos(*options: str) -> Answer:
    """One run to its end."""
    done = subprocess.run(
        [*LAGESBILD, "--lang", "en", "chaos", "--json", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert len(lines) <= 1, done.stdout
    return Answer(done.returncode, json.loads(lines[0]) if lines else {}, done.stderr)


def without(guarantee: str) -> tuple[str, str]:
    """The option that starts aggregators which lack a guarantee."""
    command = f"{sys.executable} -m tests.support.broken_aggregator --without {guarantee}"
    return "--program", f"aggregator={command}"
