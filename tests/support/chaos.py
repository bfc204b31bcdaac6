"""Chaos for tests: `lagesbild chaos` as a user starts it, and short acts at one place."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deploy.chaos.figures import Outcome
from deploy.chaos.place import Place, PlaceOptions
from deploy.chaos.plan import Fault, first_instances
from deploy.chaos.play import Play
from deploy.chaos.run import OWN_SERVERS, ChaosOptions, script_of
from deploy.embedded.service import command_of
from deploy.embedded.up import default_pack
from shared.pack import Pack, load_pack
from tests.support.stack import LAGESBILD, ROOT

MOST_SECONDS = 280
BROKEN = "tests.support.broken_aggregator"


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


@dataclass(slots=True)
class Stage:
    """A place where one act follows the other, each with aggregators of its own."""

    place: Place
    pack: Pack
    programs: dict[str, Sequence[str]]
    seed: int = field(default=0, init=False)

    async def act(
        self, *, without: str, faults: Sequence[Fault] = (), seconds: float = 0.1
    ) -> Outcome:
        """Play with aggregators that lack one guarantee."""
        self.programs["aggregator"] = (sys.executable, "-m", BROKEN, "--without", without)
        self.seed += 1
        options = ChaosOptions(seed=self.seed, seconds=seconds, rate=500)
        script = script_of(options, (), pack=self.pack, keys=self.place.servers.keys)
        # Answers to readers have everything in them that earlier acts have left.
        script = replace(script, faults=faults, read_keys={})
        try:
            return await Play(self.place, script, tell=lambda _text: None).outcome()
        finally:
            for name in first_instances()["aggregator"]:
                await self.place.stop(name)


@asynccontextmanager
async def a_stage(folder: Path) -> AsyncIterator[Stage]:
    """Servers of its own; the other services run from the first act to the last."""
    pack = load_pack(default_pack())
    programs: dict[str, Sequence[str]] = {}
    with (folder / "chaos.log").open("w", encoding="utf-8") as log:
        options = PlaceOptions(
            pack=pack,
            folder=folder,
            log=log,
            environment={name: on for name, on in os.environ.items() if name not in OWN_SERVERS},
            command=lambda service: programs.get(service) or command_of(service),
        )
        async with Place(options) as place:
            yield Stage(place, pack, programs)
