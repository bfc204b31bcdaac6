"""`lagesbild trace`: the options and the exit code. Everything heavy is imported when it is run."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.commands import EXIT_NOT_OK, EXIT_OK, Commands, Options
from shared.errors import ConfigurationError
from shared.language import Language, Text

if TYPE_CHECKING:
    from shared.pack import Pack


def add_tracing(commands: Commands) -> None:
    """Give the command line this command."""
    trace = commands.add(
        "trace",
        _trace,
        "Visa en rapports väg genom varje steg: vad som kom in, vad som togs bort, vad som lämnar. "
        "Inget sparas, inga servrar behövs.",
        "Show one report's way through every stage: what came in, what was removed, what leaves. "
        "Nothing is stored, no servers are needed.",
    )
    trace.add_argument(
        "report",
        metavar="REPORT.json",
        help=commands.text(
            "rapporten, som aktören skulle skicka den; - är standard in",
            "the report as its actor would send it; - is standard input",
        ),
    )
    trace.add_argument(
        "--pack",
        type=Path,
        metavar="DIR",
        help=commands.text(
            "kommunens mapp; annars demons", "the municipality's folder; else the demo's"
        ),
    )
    trace.add_argument(
        "--actor",
        metavar="ID",
        help=commands.text(
            "aktören; annars den första som får rapportera indikatorn",
            "the actor; otherwise the first that may report the indicator",
        ),
    )
    trace.add_argument(
        "--show-values",
        action="store_true",
        help=commands.text(
            "visa rapportens värden i steg 1", "show the report's values in stage 1"
        ),
    )
    commands.json(trace)


def _trace(options: Options, language: Language) -> int:
    from deploy.embedded.up import default_pack
    from services.tracing.anonymized import ground_of
    from services.tracing.reading import content_of, row_of
    from services.tracing.walk import Question, walked
    from services.tracing.writing import written
    from shared.pack import load_pack

    row = row_of(content_of(options.report, language), language)
    pack = load_pack(options.pack or default_pack())
    question = Question(
        ground=ground_of(pack),
        actor=_actor(pack, options.actor, row, language),
        now=datetime.now(UTC),
        language=language,
        show_values=options.show_values,
    )
    walk = walked(row, question)
    if options.json:
        print(json.dumps(walk.as_json()))  # ASCII: a refused value may be no text at all
    else:
        print(written(walk, question))
    return EXIT_OK if walk.ok else EXIT_NOT_OK


def _actor(pack: "Pack", named: str | None, row: Any, language: Language) -> str:
    """Whose key the report would come with.

    Raises:
        ConfigurationError: the pack does not know the named actor.
    """
    if named in pack.actors:
        return str(named)
    if named is not None:
        known = ", ".join(pack.actors)
        text = Text(f"Okänd aktör. Kommunens: {known}", f"Unknown actor. The pack's: {known}")
        raise ConfigurationError([text.in_(language)])
    code = row.get("indicator") if isinstance(row, dict) else None
    indicator = pack.indicators.get(code) if isinstance(code, str) else None
    may = [one for one in pack.actors if indicator is None or one in indicator.actors]
    return next(iter(may or pack.actors))
