"""`lagesbild bench pipeline`: one run in a folder of its own, one line of JSON."""

import json
import sys
from dataclasses import dataclass

from deploy.bench.figures import STAGES, Figures
from deploy.bench.own_run import EXIT_USER, load_average, measured_in_own_folder, say
from deploy.bench.place import Place
from deploy.bench.stages import Run
from shared.language import Language, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchOptions:
    """The options of the command line.

    Unit: `events` that each stage alone is given; `seconds` of full load on the whole way.
    """

    events: int = 200_000
    seconds: float = 20.0
    json: bool = False
    language: Language = Language.SV


def pipeline(options: BenchOptions) -> int:
    """Measure once; the exit code is 0 only if every accepted report was counted."""
    if options.events < 1 or options.seconds <= 0:
        say(
            Text("--events och --seconds är större än 0.", "--events and --seconds are above 0."),
            options.language,
        )
        return EXIT_USER

    async def measure(place: Place) -> Figures:
        run = Run(
            place,
            events=options.events,
            seconds=options.seconds,
            tell=lambda text: say(text, options.language),
        )
        return await run.measured(load_average=load_average())

    return measured_in_own_folder(
        measure, lambda figures: _tell(figures, options), language=options.language
    )


def _tell(figures: Figures, options: BenchOptions) -> bool:
    said = figures.as_json()
    if options.json:
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        rates = (f"{stage:<12}{said[stage]:>12,}/s" for stage in STAGES)
        rest = (f"{name:<12}{value}" for name, value in said.items() if name not in STAGES)
        sys.stdout.write("\n".join((*rates, *rest)) + "\n")
    sys.stdout.flush()
    return figures.ok
