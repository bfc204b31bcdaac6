"""`lagesbild bench aggregator`: one aggregator against its goal and a peer, one line of JSON."""

import json
import sys
from dataclasses import dataclass

from deploy.bench.counting_figures import CountingFigures
from deploy.bench.counting_run import CountingRun
from deploy.bench.own_run import EXIT_USER, load_average, measured_in_own_folder, say
from deploy.bench.place import Place
from shared.language import Language, Text

EVENTS = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingOptions:
    """The options of the command line. Unit: `events` distinct events; records are a fifth more."""

    events: int = EVENTS
    with_peer: bool = True
    json: bool = False
    language: Language = Language.SV


def aggregator(options: CountingOptions) -> int:
    """Measure once; the exit code is 0 only if every cell's sums are right."""
    if options.events < 1:
        say(Text("--events är större än 0.", "--events is above 0."), options.language)
        return EXIT_USER

    async def measure(place: Place) -> CountingFigures:
        run = CountingRun(
            place,
            options.events,
            options.with_peer,
            lambda text: say(text, options.language),
        )
        return await run.measured(load_average=load_average())

    return measured_in_own_folder(
        measure, lambda figures: _tell(figures, options), language=options.language
    )


def _tell(figures: CountingFigures, options: CountingOptions) -> bool:
    said = figures.as_json()
    if options.json:
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        sys.stdout.write("".join(f"{name:<22}{value}\n" for name, value in said.items()))
    sys.stdout.flush()
    return figures.ok
