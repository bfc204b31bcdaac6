"""The commands that measure and attack: bench and chaos, each on an installation of its own."""

import argparse
from pathlib import Path
from typing import Any

from services.commands import Commands, Options
from shared.language import Language

Number = tuple[str, int, str, str]
"""An option that takes a whole number: its name, what it is by itself, what it means in both languages."""


def add_measuring(commands: Commands) -> None:
    """Give the command line these commands."""
    _add_bench(commands)
    _add_chaos(commands)


def _add_bench(commands: Commands) -> None:
    bench = commands.add(
        "bench",
        _bench,
        "Mät hur snabbt det går på den här maskinen.",
        "Measure how fast it is on this machine.",
    )
    kinds = bench.add_subparsers(dest="what", required=True, metavar=commands.text("VAD", "WHAT"))
    pipeline = _add_kind(
        commands,
        kinds,
        "pipeline",
        commands.text(
            "Hela vägen, och varje steg för sig.", "The whole way, and each stage alone."
        ),
        ("events", 200_000, "händelser för varje steg för sig", "events for each stage alone"),
    )
    commands.number(
        pipeline, "seconds", float, 20.0, "full last på hela vägen", "of full load on the whole way"
    )
    _add_kind(
        commands,
        kinds,
        "aggregator",
        commands.text(
            "En aggregator för sig, mot sitt mål och mot Quix Streams.",
            "One aggregator alone, against its goal and against Quix Streams.",
        ),
        ("events", 2_000_000, "olika händelser i loggen", "distinct events in the log"),
    ).add_argument(
        "--no-peer",
        action="store_true",
        help=commands.text("jämför inte med Quix Streams", "do not compare with Quix Streams"),
    )

    _add_kind(
        commands,
        kinds,
        "anonymizer",
        commands.text(
            "En anonymiserare för sig, med och utan länkning, mot sina mål.",
            "One anonymizer alone, with and without linking, against its goals.",
        ),
        ("events", 120_000, "olika händelser i loggen", "distinct events in the log"),
    ).add_argument(
        "--mix",
        choices=("production", "written"),
        default="production",
        help=commands.text(
            "production: mest koordinater; written: bara skrivna adresser",
            "production: mostly coordinates; written: written addresses only",
        ),
    )

    views = _add_kind(
        commands,
        kinds,
        "views",
        commands.text(
            "Hur lång tid en hel bild av en kommun tar, alla nivåer och fönster.",
            "How long a full view of one municipality takes, every level and window.",
        ),
        ("events", 2_000_000, "händelser som är räknade förut", "events that were counted before"),
    )
    commands.number(views, "seconds", float, 20.0, "så länge det läses", "of reading")
    _add_linking(commands, kinds)
    _add_locating(commands, kinds)


def _add_linking(commands: Commands, kinds: Any) -> None:
    about = commands.text(
        "Hur väl rapporter om samma händelse hittas, där sanningen är känd.",
        "How well reports of one incident are found, where the truth is known.",
    )
    _add_kind(
        commands,
        kinds,
        "linking",
        about,
        ("seed", 2, "slumpfrö", "random seed"),
        ("days", 1000, "dagar i staden", "days in the town"),
    ).add_argument(
        "--fit",
        type=Path,
        metavar="FILE",
        help=commands.text(
            "lär av slumpfröet och skriv tabellen hit", "learn from the seed, write the table here"
        ),
    )


def _add_locating(commands: Commands, kinds: Any) -> None:
    about = commands.text(
        "Hur många stökigt skrivna platser som får rätt område.",
        "How many messily written places get the right area.",
    )
    locating = _add_kind(
        commands,
        kinds,
        "locating",
        about,
        ("seed", 1, "slumpfrö", "random seed"),
        ("places", 24_000, "platser", "places"),
    )
    commands.pack(locating)


def _add_kind(
    commands: Commands, kinds: Any, name: str, about: str, *numbers: Number
) -> argparse.ArgumentParser:
    """A kind of bench with its whole numbers, and `--json`."""
    kind: argparse.ArgumentParser = kinds.add_parser(name, help=about, description=about)
    for option, default, sv, en in numbers:
        commands.number(kind, option, int, default, sv, en)
    commands.json(kind)
    return kind


def _add_chaos(commands: Commands) -> None:
    chaos = commands.add(
        "chaos",
        _chaos,
        "Döda och frys allt under last, och jämför sedan varje cell med sanningen.",
        "Kill and freeze everything under load, then compare every cell with the truth.",
    )
    for name, kind, default, sv, en in (
        ("seconds", float, 60.0, "så länge felen pågår", "that the faults go on"),
        ("seed", int, 1, "slumpfrö", "random seed"),
        ("rate", float, 3000.0, "rapporter per sekund som mest", "reports per second at the most"),
        ("reports", int, 0, "rapporter som minst", "reports at least"),
        ("faults-per-minute", float, 12.0, "fel per minut", "faults per minute"),
        ("failovers", int, 1, "övertaganden som mäts först", "failovers that are timed first"),
    ):
        commands.number(chaos, name, kind, default, sv, en)
    chaos.add_argument(
        "--kinds",
        nargs="+",
        default=(),
        metavar="KIND",
        help=commands.text("bara dessa slags fel", "only these kinds of faults"),
    )
    chaos.add_argument(
        "--program",
        action="append",
        default=[],
        metavar="SERVICE=COMMAND",
        help=commands.text("ett annat program för en tjänst", "another program for a service"),
    )
    commands.json(chaos)


def _bench(options: Options, language: Language) -> int:
    if options.what == "aggregator":
        from deploy.bench.aggregator import CountingOptions, aggregator

        return aggregator(
            CountingOptions(
                events=options.events,
                with_peer=not options.no_peer,
                json=options.json,
                language=language,
            )
        )
    if options.what == "anonymizer":
        from deploy.bench.anonymizer import AnonymizerOptions, anonymizer
        from deploy.bench.spelt import Mix

        return anonymizer(
            AnonymizerOptions(
                events=options.events,
                mix=Mix(options.mix),
                json=options.json,
                language=language,
            )
        )
    if options.what == "locating":
        return _bench_locating(options, language)
    if options.what == "views":
        from deploy.bench.views import ViewOptions, views

        return views(
            ViewOptions(
                events=options.events,
                seconds=options.seconds,
                json=options.json,
                language=language,
            )
        )
    if options.what == "linking":
        from deploy.bench.linking import LinkingOptions, linking
        from deploy.embedded.up import default_pack
        from services.anonymizer.measure.linking import TruthLinking
        from shared.pack import load_pack

        return linking(
            LinkingOptions(
                seed=options.seed,
                days=options.days,
                fit=options.fit,
                compatible=load_pack(default_pack()).compatible,
                json=options.json,
                language=language,
            ),
            TruthLinking,
        )
    from deploy.bench.pipeline import BenchOptions, pipeline

    return pipeline(
        BenchOptions(
            events=options.events, seconds=options.seconds, json=options.json, language=language
        )
    )


def _bench_locating(options: Options, language: Language) -> int:
    from deploy.bench.locating import Locate, LocatingOptions, locating
    from deploy.bench.locating_score import Answer
    from services.anonymizer.measure.locating import Locating

    def locator_of(folder: Path) -> Locate:
        located = Locating(folder).locate
        return lambda places: [
            Answer(one.area, one.placement.value, one.confidence.value) for one in located(places)
        ]

    return locating(
        LocatingOptions(
            seed=options.seed,
            places=options.places,
            json=options.json,
            language=language,
            pack=options.pack,
        ),
        locator_of,
    )


def _chaos(options: Options, language: Language) -> int:
    from deploy.chaos.run import ChaosOptions, chaos

    return chaos(
        ChaosOptions(
            seconds=options.seconds,
            seed=options.seed,
            rate=options.rate,
            reports=options.reports,
            faults_per_minute=options.faults_per_minute,
            failovers=options.failovers,
            kinds=options.kinds,
            programs=options.program,
            json=options.json,
            language=language,
        )
    )
