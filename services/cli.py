"""`lagesbild`: the command line; with `commands`, `maintenance` and `tracing` it alone knows every service.

Services and heavy libraries are imported inside the chosen branch, so that `lagesbild --help` is
quick and a service loads nothing of the others.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.commands import (
    EXIT_INTERRUPTED,
    EXIT_NOT_OK,
    EXIT_OK,
    EXIT_USER,
    Command,
    Commands,
    Options,
)
from services.maintenance import add_maintenance
from services.tracing.command import add_tracing
from shared.errors import ConfigurationError
from shared.language import Language, Text

LANGUAGE_VARIABLE = "LAGESBILD_LANGUAGE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 done, 1 not well, 2 wrong use, 75 try again later."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = _language(given)
    options = _parser(language).parse_args(given)
    os.environ[LANGUAGE_VARIABLE] = language.value  # the services that we start speak it too
    run: Command = options.run
    try:
        return run(options, language)
    except ConfigurationError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        return EXIT_USER
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _language(given: Sequence[str]) -> Language:
    """The language before anything is parsed, for the help itself is a text for people."""
    asked = os.environ.get(LANGUAGE_VARIABLE, Language.SV.value)
    for at, word in enumerate(given):
        if word == "--lang" and at + 1 < len(given):
            asked = given[at + 1]
        elif word.startswith("--lang="):
            asked = word.removeprefix("--lang=")
    return Language(asked) if asked in tuple(Language) else Language.SV


def _parser(language: Language) -> argparse.ArgumentParser:
    commands = Commands(language)
    _add_running(commands)
    _add_checking(commands)
    add_maintenance(commands)
    add_tracing(commands)
    return commands.parser


def _add_running(commands: Commands) -> None:
    up = commands.add(
        "up",
        _up,
        "Starta allt på en maskin: PostgreSQL, Kafka och de fyra tjänsterna.",
        "Start everything on one machine: PostgreSQL, Kafka and the four services.",
    )
    up.add_argument(
        "--pack",
        type=Path,
        metavar="DIR",
        help=commands.text("kommunens mapp", "the municipality's folder"),
    )
    commands.data(up)
    commands.json(up)
    demo = commands.add(
        "demo",
        _demo,
        "Se allt arbeta: fem aktörer rapporterar, bilden växer, pushar går ut.",
        "See it all at work: five actors report, the picture grows, pushes go out.",
    )
    for name, kind, default, sv, en in (
        ("seconds", float, None, "sluta efter N sekunder", "stop after N seconds"),
        ("rate", float, 40.0, "rapporter per sekund", "reports per second"),
        ("seed", int, 1, "slumpfrö", "random seed"),
    ):
        demo.add_argument(
            f"--{name}", type=kind, default=default, metavar="N", help=commands.text(sv, en)
        )
    commands.json(demo)
    _add_bench(commands)
    _add_chaos(commands)
    _add_replay(commands)
    run = commands.add("run", _run, "Kör en tjänst.", "Run one service.")
    run.add_argument("service", choices=("ingest", "anonymizer", "aggregator", "delivery"))


def _add_bench(commands: Commands) -> None:
    bench = commands.add(
        "bench",
        _bench,
        "Mät hur snabbt det går på den här maskinen.",
        "Measure how fast it is on this machine.",
    )
    kinds = bench.add_subparsers(dest="what", required=True, metavar=commands.text("VAD", "WHAT"))
    _add_bench_kind(
        commands,
        kinds,
        "pipeline",
        commands.text(
            "Hela vägen, och varje steg för sig.", "The whole way, and each stage alone."
        ),
        events=(200_000, "händelser för varje steg för sig", "events for each stage alone"),
    ).add_argument(
        "--seconds",
        type=float,
        default=20.0,
        metavar="N",
        help=commands.text("full last på hela vägen", "of full load on the whole way"),
    )
    _add_bench_kind(
        commands,
        kinds,
        "aggregator",
        commands.text(
            "En aggregator för sig, mot sitt mål och mot Quix Streams.",
            "One aggregator alone, against its goal and against Quix Streams.",
        ),
        events=(2_000_000, "olika händelser i loggen", "distinct events in the log"),
    ).add_argument(
        "--no-peer",
        action="store_true",
        help=commands.text("jämför inte med Quix Streams", "do not compare with Quix Streams"),
    )

    _add_bench_kind(
        commands,
        kinds,
        "anonymizer",
        commands.text(
            "En anonymiserare för sig, med och utan länkning, mot sina mål.",
            "One anonymizer alone, with and without linking, against its goals.",
        ),
        events=(120_000, "olika händelser i loggen", "distinct events in the log"),
    ).add_argument(
        "--mix",
        choices=("production", "written"),
        default="production",
        help=commands.text(
            "production: mest koordinater; written: bara skrivna adresser",
            "production: mostly coordinates; written: written addresses only",
        ),
    )

    _add_bench_kind(
        commands,
        kinds,
        "views",
        commands.text(
            "Hur lång tid en hel bild av en kommun tar, alla nivåer och fönster.",
            "How long a full view of one municipality takes, every level and window.",
        ),
        events=(2_000_000, "händelser som är räknade förut", "events that were counted before"),
    ).add_argument(
        "--seconds",
        type=float,
        default=20.0,
        metavar="N",
        help=commands.text("så länge det läses", "of reading"),
    )
    _add_linking(commands, kinds)


def _add_linking(commands: Commands, kinds: Any) -> None:
    about = commands.text(
        "Hur väl rapporter om samma händelse hittas, där sanningen är känd.",
        "How well reports of one incident are found, where the truth is known.",
    )
    linking = kinds.add_parser("linking", help=about, description=about)
    for name, default, sv, en in (
        ("seed", 2, "slumpfrö", "random seed"),
        ("days", 1000, "dagar i staden", "days in the town"),
    ):
        linking.add_argument(
            f"--{name}", type=int, default=default, metavar="N", help=commands.text(sv, en)
        )
    linking.add_argument(
        "--fit",
        type=Path,
        metavar="FILE",
        help=commands.text(
            "lär av slumpfröet och skriv tabellen hit", "learn from the seed, write the table here"
        ),
    )
    commands.json(linking)

    locating = kinds.add_parser(
        "locating",
        help=commands.text(
            "Hur många stökigt skrivna platser som får rätt område.",
            "How many messily written places get the right area.",
        ),
    )
    for name, default, sv, en in (
        ("seed", 1, "slumpfrö", "random seed"),
        ("places", 12_000, "platser", "places"),
    ):
        locating.add_argument(
            f"--{name}", type=int, default=default, metavar="N", help=commands.text(sv, en)
        )
    locating.add_argument(
        "--pack",
        type=Path,
        metavar="DIR",
        help=commands.text("kommunens mapp", "the municipality's folder"),
    )
    commands.json(locating)


def _add_bench_kind(
    commands: Commands, kinds: Any, name: str, about: str, *, events: tuple[int, str, str]
) -> argparse.ArgumentParser:
    kind: argparse.ArgumentParser = kinds.add_parser(name, help=about, description=about)
    default, sv, en = events
    kind.add_argument(
        "--events", type=int, default=default, metavar="N", help=commands.text(sv, en)
    )
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
        chaos.add_argument(
            f"--{name}", type=kind, default=default, metavar="N", help=commands.text(sv, en)
        )
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


def _add_replay(commands: Commands) -> None:
    replay = commands.add(
        "replay",
        _replay,
        "Skicka ett arkiv av ett öppet flöde till en installation som är igång.",
        "Send an archive of an open feed to a running installation.",
    )
    replay.add_argument("feed", choices=("polisen",))
    replay.add_argument("files", type=Path, nargs="+", metavar="FILE")
    replay.add_argument(
        "--pack",
        type=Path,
        metavar="DIR",
        help=commands.text(
            "kommunens mapp, med avtalet som översätter flödets typer",
            "the municipality's folder, with the agreement that maps the feed's types",
        ),
    )
    replay.add_argument(
        "--actor",
        metavar="ID",
        help=commands.text("aktören, om flera har flöden", "the actor, if several have feeds"),
    )
    commands.data(replay)
    commands.json(replay)


def _add_checking(commands: Commands) -> None:
    commands.add(
        "fetch",
        _fetch,
        "Hämta Kafka till cachemappen, kontrollera varje fil och gör den snabb att starta.",
        "Fetch Kafka into the cache folder, check every file, and make it quick to start.",
    )
    check = commands.add(
        "check-pack",
        _check_pack,
        "Granska en kommuns mapp: säger vad som är fel och var.",
        "Check a municipality's folder: says what is wrong and where.",
    )
    check.add_argument("path", type=Path, metavar="PATH")
    commands.json(check)
    keys = commands.add(
        "keys",
        _keys,
        "Visa varje nyckel: vad den är till för, hur gammal den är och när den måste bort.",
        "Show each key: what it is for, how old it is and when it must go.",
    )
    commands.data(keys)
    commands.json(keys)


def _up(options: Options, language: Language) -> int:
    from deploy.embedded.up import UpOptions, up

    return up(UpOptions(pack=options.pack, data=options.data, json=options.json, language=language))


def _demo(options: Options, language: Language) -> int:
    from deploy.demo.run import DemoOptions, demo

    return demo(
        DemoOptions(
            seconds=options.seconds,
            rate=options.rate,
            seed=options.seed,
            json=options.json,
            language=language,
        )
    )


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
    from deploy.bench.locating import Answer, Locate, LocatingOptions, locating
    from services.anonymizer.measure.locating import Locating

    def locator_of(folder: Path) -> Locate:
        located = Locating(folder).locate
        return lambda places: [Answer(one.area, one.placement.value) for one in located(places)]

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


def _replay(options: Options, language: Language) -> int:
    from deploy.embedded.folder import told_by_running
    from deploy.embedded.up import default_pack
    from services.ingest.sender.replay import Target, feed_agreement, replay, written

    agreement = feed_agreement(options.pack or default_pack(), options.actor)
    url = os.environ.get("LAGESBILD_INGEST_URL")
    key = os.environ.get("LAGESBILD_KEY")
    if options.data or not url:
        state = told_by_running(options.data, otherwise="name its address in LAGESBILD_INGEST_URL")
        url, known = str(state["ingest"]), state["keys"].get(agreement.actor, {}).get("history")
        key = known if options.data else key or known
    if not key:
        raise ConfigurationError([f"LAGESBILD_KEY: name the history key of {agreement.actor}"])
    target = Target(url=url, key=key)
    outcome = replay(options.files, agreement, target, language=language)
    print(written(outcome, as_json=options.json, language=language))
    return EXIT_OK if outcome.ok else EXIT_NOT_OK


def _fetch(_options: Options, _language: Language) -> int:
    from deploy.embedded import aot, jars

    jars.fetch()
    aot.prepare()
    return EXIT_OK


def _check_pack(options: Options, language: Language) -> int:
    from shared.pack import check

    mistakes = check(options.path)
    if options.json:
        found = [
            {"file": one.file, "line": one.line, "message": one.message.in_(language)}
            for one in mistakes
        ]
        print(json.dumps({"ok": not mistakes, "mistakes": found}, ensure_ascii=False))
    else:
        for one in mistakes:
            print(f"{one.file}:{one.line}: {one.message.in_(language)}")
        if not mistakes:
            print(Text("Inga fel.", "No mistakes.").in_(language))
    return EXIT_NOT_OK if mistakes else EXIT_OK


def _keys(options: Options, language: Language) -> int:
    from deploy.embedded.folder import Folders, data_folder, told_by_running
    from services.anonymizer.keys.shown import Asked, shown

    named = os.environ.get("LAGESBILD_KEY_FOLDER")
    kafka = os.environ.get("LAGESBILD_KAFKA")
    folder = Path(named or "")
    if options.data or not named:
        folder = Folders(data_folder(options.data)).keys
        try:
            kafka = str(told_by_running(options.data, otherwise="")["kafka"])
        except ConfigurationError:
            kafka = kafka if not options.data else None  # it stands still: its keys can be seen
    print(shown(Asked(folder=folder, kafka=kafka), as_json=options.json, language=language))
    return EXIT_OK


def _run(options: Options, _language: Language) -> int:
    from importlib import import_module

    from shared.http import run_service

    return run_service(import_module(f"services.{options.service}.app").run)


if __name__ == "__main__":
    sys.exit(main())
