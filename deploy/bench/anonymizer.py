"""`lagesbild bench anonymizer`: one anonymizer, sealed in to event out, one line of JSON."""

import json
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deploy.bench.anonymizer_figures import AnonymizerFigures, notes
from deploy.bench.anonymizer_run import AnonymizerRun
from deploy.bench.country import write_country
from deploy.bench.own_run import EXIT_USER, load_average, measured_in_own_folder, say
from deploy.bench.place import Place
from deploy.bench.reports import MOST_EVENTS, Reporting
from deploy.bench.spelt import Mix
from shared.language import Language, Text
from shared.pack import load_pack

EVENTS = 120_000
SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymizerOptions:
    """The options of the command line. Unit: `events` distinct events; records are a fifth more."""

    events: int = EVENTS
    mix: Mix = Mix.PRODUCTION
    json: bool = False
    language: Language = Language.SV


def anonymizer(options: AnonymizerOptions) -> int:
    """Measure once; the exit code is 0 only if every report came out as it should."""
    if not 1 <= options.events <= MOST_EVENTS:
        most = f"{MOST_EVENTS:,}"
        say(
            Text(f"--events är mellan 1 och {most}.", f"--events is between 1 and {most}."),
            options.language,
        )
        return EXIT_USER

    async def measure(place: Place) -> AnonymizerFigures:
        before = load_average()
        making = Reporting(options.events, options.mix, seed=SEED, now=datetime.now(UTC))
        reports = making.reports()
        folder = write_country(
            place.folder / "pack",
            addresses=reports.addresses.values(),
            properties=reports.properties.values(),
            objects=reports.objects.values(),
        )
        run = AnonymizerRun(
            place=replace(place, pack=load_pack(folder)),
            reports=reports,
            events=options.events,
            tell=lambda text: say(text, options.language),
        )
        return await run.measured(load_average=before)

    return measured_in_own_folder(
        measure, lambda figures: _tell(figures, options), language=options.language
    )


def _tell(figures: AnonymizerFigures, options: AnonymizerOptions) -> bool:
    said = figures.as_json()
    if options.json:
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        sys.stdout.write("".join(f"{name:<30}{value}\n" for name, value in said.items()))
        sys.stdout.write(f"\n{notes(figures).in_(options.language)}\n")
    sys.stdout.flush()
    return figures.ok
