"""`lagesbild`: the one module that knows every service.

Services and heavy libraries are imported inside the chosen branch, so that `lagesbild --help` is
quick and a service loads nothing of the others.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from shared.errors import ConfigurationError, WorldError
from shared.language import Language, Text

if TYPE_CHECKING:
    from services.aggregator.rebuild.run import Rebuilt
    from services.aggregator.rebuild.tables import Comparison
    from services.delivery.audit import BrokenChain

LANGUAGE_VARIABLE = "LAGESBILD_LANGUAGE"

EXIT_OK = 0
EXIT_NOT_OK = 1
EXIT_USER = 2
EXIT_LATER = 75
EXIT_INTERRUPTED = 130

Options = argparse.Namespace
Result = TypeVar("Result")
Command = Callable[[Options, Language], int]


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


class _Commands:
    """The commands with their help texts in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self.parser = argparse.ArgumentParser(
            prog="lagesbild",
            description=self.text(
                "En delad, levande bild av tryggheten i kommunens områden.",
                "A shared, living picture of safety in a municipality's areas.",
            ),
        )
        self.parser.add_argument(
            "--lang",
            choices=[language.value for language in Language],
            help=self.text("språk, före kommandot", "language, before the command"),
        )
        self._all = self.parser.add_subparsers(
            required=True, metavar=self.text("KOMMANDO", "COMMAND")
        )

    def text(self, sv: str, en: str) -> str:
        return Text(sv, en).in_(self._language)

    def add(self, name: str, run: Command, sv: str, en: str) -> argparse.ArgumentParser:
        about = self.text(sv, en)
        command = self._all.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        return command

    def json(self, command: argparse.ArgumentParser) -> None:
        command.add_argument(
            "--json",
            action="store_true",
            help=self.text("en rad JSON på standard ut", "one line of JSON on standard output"),
        )

    def data(self, command: argparse.ArgumentParser) -> None:
        command.add_argument(
            "--data",
            type=Path,
            metavar="DIR",
            help=self.text(
                "datamapp; annars LAGESBILD_DATA", "data folder; otherwise LAGESBILD_DATA"
            ),
        )


def _parser(language: Language) -> argparse.ArgumentParser:
    commands = _Commands(language)
    _add_running(commands)
    _add_checking(commands)
    return commands.parser


def _add_running(commands: _Commands) -> None:
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


def _add_bench(commands: _Commands) -> None:
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


def _add_bench_kind(
    commands: _Commands, kinds: Any, name: str, about: str, *, events: tuple[int, str, str]
) -> argparse.ArgumentParser:
    kind: argparse.ArgumentParser = kinds.add_parser(name, help=about, description=about)
    default, sv, en = events
    kind.add_argument(
        "--events", type=int, default=default, metavar="N", help=commands.text(sv, en)
    )
    commands.json(kind)
    return kind


def _add_chaos(commands: _Commands) -> None:
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


def _add_replay(commands: _Commands) -> None:
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


def _add_checking(commands: _Commands) -> None:
    commands.add(
        "fetch",
        _fetch,
        "Hämta Kafka till cachemappen och kontrollera varje fil.",
        "Fetch Kafka into the cache folder and check every file.",
    )
    check = commands.add(
        "check-pack",
        _check_pack,
        "Granska en kommuns mapp: säger vad som är fel och var.",
        "Check a municipality's folder: says what is wrong and where.",
    )
    check.add_argument("path", type=Path, metavar="PATH")
    commands.json(check)
    audit = commands.add(
        "audit",
        _audit,
        "Räkna om allt från händelserna och granska granskningsloggens kedja.",
        "Recount everything from the events and verify the audit log's chain.",
    )
    audit.add_argument(
        "--from-log",
        action="store_true",
        help=commands.text(
            "räkna om från loggen i stället för från händelserna i databasen",
            "recount from the log instead of from the events in the database",
        ),
    )
    commands.data(audit)
    commands.json(audit)
    rebuild = commands.add(
        "rebuild",
        _rebuild,
        "Räkna om allt från loggen bredvid det som gäller, jämför, och byt i ett steg.",
        "Count everything anew from the log beside what holds, compare, and switch in one step.",
    )
    for name, sv, en in (
        ("dry-run", "jämför bara, byt inte", "compare only, do not switch"),
        (
            "accept-shorter-log",
            "även om loggen inte har allt som räknats",
            "even if the log has not all that was counted",
        ),
    ):
        rebuild.add_argument(f"--{name}", action="store_true", help=commands.text(sv, en))
    commands.data(rebuild)
    commands.json(rebuild)
    _add_backup(commands)
    migrate = commands.add(
        "migrate",
        _migrate,
        "För databasen till programmets version, som ägare; även ämnen i Kafka och kommunens "
        "register, om de anges.",
        "Bring the database to this program's version, as its owner; also Kafka's topics and the "
        "municipality's registry, if they are named.",
    )
    migrate.add_argument(
        "--pack",
        type=Path,
        metavar="DIR",
        help=commands.text(
            "kommunens mapp, med aktörernas nycklar i LAGESBILD_API_KEYS",
            "the municipality's folder, with the actors' keys in LAGESBILD_API_KEYS",
        ),
    )
    commands.data(migrate)


def _add_backup(commands: _Commands) -> None:
    backup = commands.add(
        "backup",
        _backup,
        "Spara databasen i en ny mapp, medan allt är igång, och jämför med loggen.",
        "Save the database in a new folder, while everything runs, and check it against the log.",
    )
    restore = commands.add(
        "restore",
        _restore,
        "Lägg tillbaka en sparad databas, om loggen har allt som kom efter den.",
        "Put a saved database back, if the log has all that came after it.",
    )
    for command in (backup, restore):
        command.add_argument("folder", type=Path, metavar="DIR")
        commands.data(command)
        commands.json(command)
    for name, sv, en in (
        ("replace", "släng det som finns i databasen", "drop what is in the database"),
        (
            "accept-shorter-log",
            "även om loggen inte har allt som kom efter",
            "even if the log has not all that came after",
        ),
    ):
        restore.add_argument(f"--{name}", action="store_true", help=commands.text(sv, en))


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
    from deploy.bench.pipeline import BenchOptions, pipeline

    return pipeline(
        BenchOptions(
            events=options.events, seconds=options.seconds, json=options.json, language=language
        )
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
    from deploy.embedded.up import default_pack
    from services.ingest.sender.replay import Target, feed_agreement, replay, written

    agreement = feed_agreement(options.pack or default_pack(), options.actor)
    url = os.environ.get("LAGESBILD_INGEST_URL")
    key = os.environ.get("LAGESBILD_KEY")
    if options.data or not url:
        state = _state(options, missing="name its address in LAGESBILD_INGEST_URL")
        url, known = str(state["ingest"]), state["keys"].get(agreement.actor, {}).get("history")
        key = known if options.data else key or known
    if not key:
        raise ConfigurationError([f"LAGESBILD_KEY: name the history key of {agreement.actor}"])
    target = Target(url=url, key=key)
    outcome = replay(options.files, agreement, target, language=language)
    print(written(outcome, as_json=options.json, language=language))
    return EXIT_OK if outcome.ok else EXIT_NOT_OK


def _fetch(_options: Options, _language: Language) -> int:
    from deploy.embedded.jars import fetch

    fetch()
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


def _audit(options: Options, language: Language) -> int:
    from services.aggregator.audit import recount
    from services.delivery.audit import broken_chains

    if options.from_log:
        return _audit_from_log(options, language)
    dsn = _owner_dsn(options)
    found = asyncio.run(recount(dsn))
    broken = asyncio.run(broken_chains(dsn))
    ok = found.ok and not broken
    if options.json:
        chains = [{"municipality": one.municipality, "seq": one.seq} for one in broken]
        print(json.dumps({**found.as_json(), "ok": ok, "audit_log_broken": chains}))
        return EXIT_OK if ok else EXIT_NOT_OK
    for cell in found.differing:
        print(
            f"{cell.municipality} {cell.tier} {cell.bucket.isoformat()} {cell.area}"
            f" {cell.indicator}: {cell.counted} ≠ {cell.recounted}"
        )
    for one in found.differing_statistics:
        key = f"{one.municipality} {one.indicator} {one.period} {one.area} {one.actor}"
        print(
            Text(
                f"{key}: det som gäller är inte den senaste versionen.",
                f"{key}: what holds is not the newest version.",
            ).in_(language)
        )
    _print_chains(broken, language)
    if found.dead_letters:
        print(
            Text(
                f"Obs: {found.dead_letters} poster i loggen kunde aldrig räknas"
                " (counting.dead_letter).",
                f"Note: {found.dead_letters} records of the log could never be counted"
                " (counting.dead_letter).",
            ).in_(language)
        )
    if ok:
        print(
            Text(
                f"ok: {found.live_events} händelser i {found.cells} celler och"
                f" {found.statistics} statistikuppgifter stämmer.",
                f"ok: {found.live_events} events in {found.cells} cells and"
                f" {found.statistics} statistics agree.",
            ).in_(language)
        )
    return EXIT_OK if ok else EXIT_NOT_OK


def _print_chains(broken: "Sequence[BrokenChain]", language: Language) -> None:
    for chain in broken:
        print(
            Text(
                f"{chain.municipality}: granskningsloggen är bruten vid post {chain.seq}.",
                f"{chain.municipality}: the audit log is broken at entry {chain.seq}.",
            ).in_(language)
        )


def _audit_from_log(options: Options, language: Language) -> int:
    """A rebuild that puts nothing in place: there is one way to count the log."""
    from services.delivery.audit import broken_chains

    broken = asyncio.run(broken_chains(_owner_dsn(options)))
    done = _recounted(options, language, dry_run=True)
    ok = done.ok and not broken
    if options.json:
        chains = [{"municipality": one.municipality, "seq": one.seq} for one in broken]
        print(json.dumps({**done.as_json(), "ok": ok, "audit_log_broken": chains}))
    else:
        _print_comparison(done.comparison, language)
        _print_chains(broken, language)
    return EXIT_OK if ok else EXIT_NOT_OK


def _rebuild(options: Options, language: Language) -> int:
    done = _recounted(
        options,
        language,
        dry_run=options.dry_run,
        accept_shorter_log=options.accept_shorter_log,
    )
    if options.json:
        print(json.dumps(done.as_json()))
        return EXIT_OK if done.ok else EXIT_NOT_OK
    _print_comparison(done.comparison, language)
    switched = done.generation is not None
    print(
        Text(
            f"Generation {done.generation} gäller." if switched else "Inget byttes.",
            f"Generation {done.generation} holds." if switched else "Nothing was switched.",
        ).in_(language)
    )
    return EXIT_OK if done.ok else EXIT_NOT_OK


def _recounted(
    options: Options, language: Language, *, dry_run: bool, accept_shorter_log: bool = False
) -> "Rebuilt":
    """A recount from the log, with progress on stderr."""
    from services.aggregator.rebuild.run import RebuildOptions, rebuild
    from shared.progress import progress

    wanted = RebuildOptions(
        owner_dsn=_owner_dsn(options),
        kafka=_kafka(options),
        topic_prefix=os.environ.get("LAGESBILD_TOPIC_PREFIX", ""),
        dry_run=dry_run,
        accept_shorter_log=accept_shorter_log,
    )
    title, unit = Text("Räknar om", "Counting anew"), Text("poster", "records")
    with progress(sys.stderr, language, title=title, unit=unit) as shown:
        return _unless_away(lambda: rebuild(wanted, shown), language)


def _print_comparison(found: "Comparison", language: Language) -> None:
    print(
        Text(
            f"{found.events} händelser, {found.cells} celler; "
            f"{found.events_apart} händelser och {found.cells_apart} celler skilde sig.",
            f"{found.events} events, {found.cells} cells; "
            f"{found.events_apart} events and {found.cells_apart} cells differed.",
        ).in_(language)
    )
    for tier, apart in found.apart_by_tier.items():
        if apart:
            print(f"  {tier}: {apart}")
    for cell in found.first:
        print(
            f"  {cell.municipality} {cell.tier} {cell.bucket.isoformat()} {cell.area}"
            f" {cell.indicator}: {cell.counted} ≠ {cell.recounted}"
            f" ({cell.counted_incidents} ≠ {cell.recounted_incidents})"
        )


def _backup(options: Options, language: Language) -> int:
    from deploy.backup.save import Saved, backup
    from deploy.backup.servers import found

    async def saved() -> Saved:
        async with found(options.data, running=True) as (dsn, kafka):
            return await backup(dsn, kafka, options.folder.absolute())

    done = _unless_away(saved, language)
    if options.json:
        print(json.dumps(done.as_json()))
        return EXIT_OK if done.ok else EXIT_NOT_OK
    megabytes = done.manifest.dump_bytes / 1e6
    print(
        Text(
            f"{done.folder}: {sum(done.manifest.rows.values())} rader, {megabytes:.1f} MB.",
            f"{done.folder}: {sum(done.manifest.rows.values())} rows, {megabytes:.1f} MB.",
        ).in_(language)
    )
    if done.log is None:
        said = Text("Loggen svarade inte, så den är inte granskad.", "The log was not checked.")
        print(said.in_(language), file=sys.stderr)
    for mistake in done.log.mistakes() if done.log else ():
        print(mistake, file=sys.stderr)
    return EXIT_OK if done.ok else EXIT_NOT_OK


def _restore(options: Options, language: Language) -> int:
    from deploy.backup.load import Restored, restore
    from deploy.backup.servers import found

    async def restored() -> Restored:
        async with found(options.data, running=False) as (dsn, kafka):
            return await restore(
                dsn,
                kafka,
                options.folder,
                replace=options.replace,
                accept_shorter_log=options.accept_shorter_log,
            )

    done = _unless_away(restored, language)
    if options.json:
        print(json.dumps(done.as_json()))
        return EXIT_OK if done.ok else EXIT_NOT_OK
    made = done.manifest.made_at.isoformat(timespec="seconds")
    print(
        Text(
            f"Databasen är som {made}. Härnäst räknas {done.log.to_count} poster ur loggen."
            f" {done.approved} prenumerationer är godkända: beslut som fattades efter {made} är"
            " borta.",
            f"The database is as of {made}. Next, {done.log.to_count} records of the log are counted."
            f" {done.approved} subscriptions are approved: decisions made after {made} are gone.",
        ).in_(language)
    )
    for mistake in done.log.mistakes():
        print(mistake, file=sys.stderr)
    if done.needs_migration:
        said = Text("Kör `lagesbild migrate` härnäst.", "Run `lagesbild migrate` next.")
        print(said.in_(language))
    return EXIT_OK if done.ok else EXIT_NOT_OK


def _unless_away(work: Callable[[], Coroutine[Any, Any, Result]], language: Language) -> Result:
    """What the work gives.

    Raises:
        SystemExit: the world does not let us; nothing was changed, later it may succeed.
    """
    from shared.kafka import KAFKA_AWAY
    from shared.postgres import DATABASE_AWAY

    try:
        return asyncio.run(work())
    except (WorldError, *DATABASE_AWAY, *KAFKA_AWAY) as error:
        what = str(error) if isinstance(error, WorldError) else type(error).__name__
        print(
            Text(
                f"Inget ändrades: {what}. Försök igen senare.",
                f"Nothing was changed: {what}. Try again later.",
            ).in_(language),
            file=sys.stderr,
        )
        raise SystemExit(EXIT_LATER) from None


def _migrate(options: Options, language: Language) -> int:
    from deploy.schema.prepare import PrepareSettings, prepare
    from shared.logging import configure
    from shared.settings import read_settings

    settings = read_settings(PrepareSettings)
    configure("migrate", settings.log_format)
    done = asyncio.run(prepare(_owner_dsn(options), settings, pack=options.pack))
    for step in done.migrations:
        print(f"{step.version:04} {step.name}")
    for topic in done.topics:
        print(topic)
    if done.municipality:
        print(
            Text(f"kommun {done.municipality}", f"municipality {done.municipality}").in_(language)
        )
    if not (done.migrations or done.topics or done.municipality):
        print(Text("Inget att göra.", "Nothing to do.").in_(language))
    return EXIT_OK


def _owner_dsn(options: Options) -> str:
    """The owner's DSN: of the named data folder, of the environment, or of the usual folder.

    Raises:
        ConfigurationError: none of them has one.
    """
    named = os.environ.get("LAGESBILD_POSTGRES")
    if named and not options.data:
        return named
    return str(_state(options, missing="name its database in LAGESBILD_POSTGRES")["postgres"])


def _kafka(options: Options) -> str:
    """Kafka's address, found as `_owner_dsn` finds the database.

    Raises:
        ConfigurationError: it is nowhere named.
    """
    named = os.environ.get("LAGESBILD_KAFKA")
    if named and not options.data:
        return named
    return str(_state(options, missing="name its Kafka in LAGESBILD_KAFKA")["kafka"])


def _state(options: Options, *, missing: str) -> dict[str, Any]:
    """What the running installation of the data folder says of itself.

    Raises:
        ConfigurationError: none runs there; `missing` says what to do instead.
    """
    from deploy.embedded.folder import Folders, data_folder

    state = Folders(data_folder(options.data)).state
    try:
        found: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError([f"{state}: no running installation; {missing}"]) from None
    if not {"postgres", "ingest", "keys"} <= found.keys():
        raise ConfigurationError([f"{state}: no running installation; {missing}"])
    return found


def _run(options: Options, _language: Language) -> int:
    from importlib import import_module

    from shared.http import run_service

    return run_service(import_module(f"services.{options.service}.app").run)


if __name__ == "__main__":
    sys.exit(main())
