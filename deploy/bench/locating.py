"""`lagesbild bench locating`: messy places of a pack, located and held against what is true.

Half of them are made of the pack as it is, half of a harder register made of it (`recut`). The locating
itself is handed over by the command line, for nothing here may import a service.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from deploy.bench.labelled import Labelled, Labelling
from deploy.bench.locating_score import GOALS, Answer, Tally, meets_goals
from deploy.bench.own_run import EXIT_NOT_OK, EXIT_OK, EXIT_USER, say
from deploy.bench.recut import harder
from deploy.bench.whereabouts import Location, Whereabouts
from deploy.embedded.up import default_pack
from shared.language import Language, Text
from shared.pack import load_pack
from shared.pack.geometry import load_polygons
from shared.pack.registers import load_registers

AS_IT_IS: Final = "as_it_is"
HARDER: Final = "harder"

Locate: TypeAlias = Callable[[Sequence[Location]], Sequence[Answer]]
LocatorOf: TypeAlias = Callable[[Path], Locate]


@dataclass(frozen=True, slots=True)
class LocatingOptions:
    """What the command line said. Shape: `places` of both registers; `pack` None is the demo's."""

    seed: int
    places: int
    json: bool
    language: Language
    pack: Path | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Places of one register and what was answered. Unit: seconds that the answers took."""

    labelled: Sequence[Labelled]
    answers: Sequence[Answer]
    seconds: float

    def tally(self) -> Tally:
        """Of all places."""
        return Tally.of(zip(self.labelled, self.answers, strict=True))

    def by_kind(self) -> dict[str, Tally]:
        """Of the places of each kind."""
        kinds: dict[str, Tally] = {}
        for one, answer in zip(self.labelled, self.answers, strict=True):
            kinds.setdefault(one.kind, Tally()).add(one, answer)
        return dict(sorted(kinds.items()))


def locating(options: LocatingOptions, locator_of: LocatorOf) -> int:
    """Make the places, locate them, say how it went; 1 if a goal is missed, 2 if there are too few."""
    if options.places < len((AS_IT_IS, HARDER)):
        say(Text("--places är minst 2.", "--places is at least 2."), options.language)
        return EXIT_USER
    folder = options.pack or default_pack()
    half = options.places // 2
    registers = {
        AS_IT_IS: as_it_is(folder, locator_of, seed=options.seed, count=options.places - half),
        HARDER: made_harder(folder, locator_of, seed=options.seed, count=half),
    }
    told = figures(options.seed, registers)
    sys.stdout.write(json.dumps(told) + "\n" if options.json else _written(told, options.language))
    return EXIT_OK if told["ok"] else EXIT_NOT_OK


def figures(seed: int, registers: dict[str, Judged]) -> dict[str, object]:
    """What the command prints: the goals hold for each register, not only for both together."""
    both = Judged(
        [one for judged in registers.values() for one in judged.labelled],
        [one for judged in registers.values() for one in judged.answers],
        sum(judged.seconds for judged in registers.values()),
    )
    every = both.tally()
    return {
        "ok": all(meets_goals(judged.tally().figures()) for judged in registers.values()),
        "seed": seed,
        **every.figures(),
        "us_per_place": round(both.seconds / max(1, len(both.labelled)) * 1e6, 2),
        "by_placement": dict(every.by_placement.most_common()),
        "by_kind": _by_kind(both),
        "by_register": {
            name: {
                "ok": meets_goals(judged.tally().figures()),
                **judged.tally().figures(),
                "by_kind": _by_kind(judged),
            }
            for name, judged in registers.items()
        },
    }


def _by_kind(judged: Judged) -> dict[str, dict[str, float]]:
    return {kind: tally.figures() for kind, tally in judged.by_kind().items()}


def as_it_is(folder: Path, locator_of: LocatorOf, *, seed: int, count: int) -> Judged:
    """So many places of the pack's own registers, located; the same places for the same seed."""
    pack = load_pack(folder)
    whereabouts = Whereabouts(pack, load_polygons(pack))
    labelling = Labelling(pack, load_registers(folder), whereabouts, Random(seed))
    return located(list(labelling.places(count)), locator_of(folder))


def made_harder(folder: Path, locator_of: LocatorOf, *, seed: int, count: int) -> Judged:
    """So many places of the harder register, which stands in a folder of its own meanwhile."""
    rng = Random(f"{HARDER} {seed}")
    pack = load_pack(folder)
    whereabouts = Whereabouts(pack, load_polygons(pack))
    made = harder(pack, load_registers(folder), whereabouts, rng)
    labelling = Labelling(pack, made.registers, whereabouts, rng, made.held_out)
    with TemporaryDirectory(prefix="lagesbild-") as room:
        locate = locator_of(made.write(folder, Path(room) / "pack"))
        return located(list(labelling.places(count)), locate)


def located(labelled: Sequence[Labelled], locate: Locate) -> Judged:
    """Ask for all of them at once, after some that warm up."""
    locate([one.location for one in labelled[:100]])
    began = time.perf_counter()
    answers = locate([one.location for one in labelled])
    return Judged(labelled, answers, time.perf_counter() - began)


_COUNTS = Text(
    sv="{places} platser: {right} rätt, {unknown} okända, {wrong} fel; {located} fick ett område.",
    en="{places} places: {right} right, {unknown} unknown, {wrong} wrong; {located} located.",
)
_GOALS = Text(
    sv="  rätt eller ärligt okänt {right_or_unknown} (minst {least_right}), fel område {wrong_area} "
    "(högst {most_wrong}), av de lokaliserbara fick {located_of_locatable} ett område (minst "
    "{least_located})",
    en="  right or honestly unknown {right_or_unknown} (at least {least_right}), wrong area "
    "{wrong_area} (at most {most_wrong}), of the locatable {located_of_locatable} were located "
    "(at least {least_located})",
)
_REGISTERS = {
    AS_IT_IS: Text("Paketet som det är", "The pack as it is"),
    HARDER: Text("Det svårare registret", "The harder register"),
}


def _written(told: dict[str, object], language: Language) -> str:
    lines = [_COUNTS.in_(language).format(**told)]
    registers = told["by_register"]
    for name, one in (registers if isinstance(registers, dict) else {}).items():
        lines.append(f"{_REGISTERS[name].in_(language)}: {_COUNTS.in_(language).format(**one)}")
        lines.append(_GOALS.in_(language).format(**one, **GOALS))
        lines += _lines(one["by_kind"])
    return "\n".join(lines) + "\n"


def _lines(kinds: dict[str, dict[str, float]]) -> Iterable[str]:
    for kind, one in kinds.items():
        counts = " ".join(f"{one[name]:5}" for name in ("places", "right", "unknown", "wrong"))
        yield f"  {kind:26} {counts}"
