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

from services.commands import (
    EXIT_INTERRUPTED,
    EXIT_NOT_OK,
    EXIT_OK,
    EXIT_USER,
    Command,
    Commands,
    Options,
    loading,
)
from services.maintenance import add_maintenance
from services.measuring import add_measuring
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
    add_measuring(commands)
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
    commands.pack(up)
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
        commands.number(demo, name, kind, default, sv, en)
    commands.json(demo)
    _add_replay(commands)
    run = commands.add("run", _run, "Kör en tjänst.", "Run one service.")
    run.add_argument("service", choices=("ingest", "anonymizer", "aggregator", "delivery"))


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
    with loading():
        from deploy.embedded.up import UpOptions, up

    return up(UpOptions(pack=options.pack, data=options.data, json=options.json, language=language))


def _demo(options: Options, language: Language) -> int:
    with loading():
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

    with loading():
        from shared.http import run_service

        service = import_module(f"services.{options.service}.app")
    return run_service(service.run)


if __name__ == "__main__":
    sys.exit(main())
