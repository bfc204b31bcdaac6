"""`lagesbild bench locating`: messy places of a pack, located and held against what is true.

The locating itself is handed over by the command line, for nothing here may import a service.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeAlias

from deploy.bench.labelled import Labelled, Labelling
from deploy.bench.own_run import EXIT_NOT_OK, EXIT_OK, EXIT_USER, say
from deploy.bench.whereabouts import Location, Whereabouts
from deploy.embedded.up import default_pack
from shared.language import Language, Text
from shared.pack import load_pack
from shared.pack.geometry import load_polygons
from shared.pack.registers import load_registers

LEAST_RIGHT_OR_UNKNOWN = 0.98
MOST_WRONG = 0.002
LEAST_LOCATED = 0.90
REST = "rest_"


class Answer(NamedTuple):
    """What locating said: a leaf's code and how it was found."""

    area: str
    placement: str


Locate: TypeAlias = Callable[[Sequence[Location]], Sequence[Answer]]
LocatorOf: TypeAlias = Callable[[Path], Locate]


@dataclass(frozen=True, slots=True)
class LocatingOptions:
    """What the command line said. Shape: `pack` None is the demo's."""

    seed: int
    places: int
    json: bool
    language: Language
    pack: Path | None = None


@dataclass(slots=True)
class Tally:
    """How it went with places of one kind, or of all."""

    places: int = 0
    right: int = 0
    unknown: int = 0
    wrong: int = 0
    located: int = 0
    locatable: int = 0
    locatable_located: int = 0
    by_placement: Counter[str] = field(default_factory=Counter)

    def add(self, one: Labelled, answer: Answer) -> None:
        """Judge one answer.

        In the right area, or in none where nobody can know it, is right; in none where it could
        be known is unknown; everything else is wrong.
        """
        located = not answer.placement.startswith(REST)
        self.places += 1
        self.located += located
        self.locatable += one.area is not None
        self.locatable_located += located and one.area is not None
        self.by_placement[answer.placement] += 1
        if located and answer.area != one.area:
            self.wrong += 1
        elif located or one.area is None:
            self.right += 1
        else:
            self.unknown += 1

    def figures(self) -> dict[str, float]:
        """Counts and shares."""
        all_of = max(1, self.places)
        return {
            "places": self.places,
            "right": self.right,
            "unknown": self.unknown,
            "wrong": self.wrong,
            "located": self.located,
            "right_or_unknown": round((self.right + self.unknown) / all_of, 5),
            "wrong_area": round(self.wrong / all_of, 5),
            "located_share": round(self.located / all_of, 5),
            "located_of_locatable": round(self.locatable_located / max(1, self.locatable), 5),
            "unlocatable_share": round(1 - self.locatable / all_of, 5),
        }


def locating(options: LocatingOptions, locator_of: LocatorOf) -> int:
    """Make the places, locate them, say how it went; 1 if a goal is missed, 2 if there are none."""
    if options.places < 1:
        say(Text("--places är minst 1.", "--places is at least 1."), options.language)
        return EXIT_USER
    folder = options.pack or default_pack()
    labelled = made(folder, seed=options.seed, count=options.places)
    locate = locator_of(folder)
    locate([one.location for one in labelled[:100]])
    began = time.perf_counter()
    answers = locate([one.location for one in labelled])
    seconds = time.perf_counter() - began
    every, kinds = judged(labelled, answers)
    figures = every.figures()
    ok = meets_goals(figures)
    told = {
        "ok": ok,
        "seed": options.seed,
        **figures,
        "us_per_place": round(seconds / len(labelled) * 1e6, 2),
        "by_placement": dict(every.by_placement.most_common()),
        "by_kind": {kind: tally.figures() for kind, tally in sorted(kinds.items())},
    }
    sys.stdout.write(json.dumps(told) + "\n" if options.json else _written(told, options.language))
    return EXIT_OK if ok else EXIT_NOT_OK


def made(folder: Path, *, seed: int, count: int) -> list[Labelled]:
    """So many labelled places of a pack, the same for the same seed."""
    pack = load_pack(folder)
    whereabouts = Whereabouts(pack, load_polygons(pack))
    rng = Random(seed)
    return list(Labelling(pack, load_registers(folder), whereabouts, rng).places(count))


def judged(
    labelled: Sequence[Labelled], answers: Sequence[Answer]
) -> tuple[Tally, dict[str, Tally]]:
    """The tally of all, and of each kind."""
    every, kinds = Tally(), dict[str, Tally]()
    for one, answer in zip(labelled, answers, strict=True):
        every.add(one, answer)
        kinds.setdefault(one.kind, Tally()).add(one, answer)
    return every, kinds


def meets_goals(figures: dict[str, float]) -> bool:
    """Whether locating is as good as was promised."""
    return (
        figures["right_or_unknown"] >= LEAST_RIGHT_OR_UNKNOWN
        and figures["wrong_area"] <= MOST_WRONG
        and figures["located_share"] >= LEAST_LOCATED
    )


def _written(told: dict[str, object], language: Language) -> str:
    head = Text(
        sv="{places} platser: {right} rätt, {unknown} okända, {wrong} fel; {located} fick ett område.",
        en="{places} places: {right} right, {unknown} unknown, {wrong} wrong; {located} located.",
    )
    lines = [head.in_(language).format(**told)]
    kinds = told["by_kind"]
    for kind, one in (kinds if isinstance(kinds, dict) else {}).items():
        lines.append(
            f"  {kind:26} {one['places']:5} {one['right']:5} {one['unknown']:5} {one['wrong']:5}"
        )
    return "\n".join(lines) + "\n"
