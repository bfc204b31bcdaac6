"""The commands that keep counts and database right: audit, rebuild, backup, restore, migrate."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from services.commands import EXIT_LATER, EXIT_NOT_OK, EXIT_OK, Commands, Options
from shared.errors import WorldError
from shared.language import Language, Text

if TYPE_CHECKING:
    from services.aggregator.rebuild.run import Rebuilt
    from services.aggregator.rebuild.tables import Comparison
    from services.delivery.audit import BrokenChain

Result = TypeVar("Result")


def add_maintenance(commands: Commands) -> None:
    """Give the command line these commands."""
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


def _add_backup(commands: Commands) -> None:
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
    from deploy.backup import manifest as manifests
    from deploy.backup.load import Restored, restore
    from deploy.backup.servers import found

    manifest = manifests.read(options.folder)  # before any server is started for it

    async def restored() -> Restored:
        async with found(options.data, running=False) as (dsn, kafka):
            return await restore(
                dsn,
                kafka,
                options.folder,
                manifest,
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
    return _named("LAGESBILD_POSTGRES", "postgres", options)


def _kafka(options: Options) -> str:
    """Kafka's address, found as `_owner_dsn` finds the database.

    Raises:
        ConfigurationError: it is nowhere named.
    """
    return _named("LAGESBILD_KAFKA", "kafka", options)


def _named(variable: str, server: str, options: Options) -> str:
    from deploy.embedded.folder import told_by_running

    named = os.environ.get(variable)
    if named and not options.data:
        return named
    return str(told_by_running(options.data, otherwise=f"name its {server} in {variable}")[server])
