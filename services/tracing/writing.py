"""The walk as text: one block for each stage, labels on the left."""

from collections.abc import Iterator
from types import MappingProxyType

from services.tracing.stage import Name, Stage
from services.tracing.walk import Question, Walk
from shared.language import Language, Text

LABEL_WIDTH = 18

_TITLES = MappingProxyType(
    {
        Name.GIVEN: Text("Vad som kom in", "What came in"),
        Name.INGEST: Text("Vad ingest gör av det", "What ingest makes of it"),
        Name.SEALED: Text("Förseglad", "Sealed"),
        Name.READ: Text("Vad anonymiseraren läser", "What the anonymizer reads"),
        Name.LOCATED: Text("Platsen blir ett område", "The place becomes an area"),
        Name.COARSENED: Text("Förgrovad", "Coarsened"),
        Name.TRIPWIRE: Text("Snubbeltråden", "The tripwire"),
        Name.LINKING: Text("Vad länkningen minns", "What linking remembers"),
        Name.LEAVING: Text("Vad som lämnar", "What leaves"),
        Name.COUNTED: Text("Var den räknas", "Where it counts"),
    }
)
_NOT_REACHED = Text("dit kom rapporten inte", "the report did not come here")


def written(walk: Walk, question: Question) -> str:
    """The whole walk, and at its end one line that says how it went."""
    return "\n".join(_lines(walk, question))


def _lines(walk: Walk, question: Question) -> Iterator[str]:
    language, pack = question.language, question.ground.pack
    yield Text(
        f"En rapports väg genom Lägesbild, {pack.name}",
        f"A report's way through Lägesbild, {pack.name}",
    ).in_(language)
    yield Text("Inget sparas och inget loggas.", "Nothing is stored and nothing is logged.").in_(
        language
    )
    for stage in walk.stages:
        yield ""
        yield f"{stage.number:>2}  {_TITLES[stage.name].in_(language)}"
        yield from _told(stage, language)
    yield ""
    yield _verdict(walk).in_(language)


def _told(stage: Stage, language: Language) -> Iterator[str]:
    if not stage.reached:
        yield f"    – {_NOT_REACHED.in_(language)}"
    for label, said in stage.lines:
        yield f"    {label.in_(language):<{LABEL_WIDTH}}{said.in_(language)}".rstrip()


def _verdict(walk: Walk) -> Text:
    if walk.leaks:
        return Text(
            "LÄCKA: något av rapporten lämnar. Se steg 3 och 9.",
            "LEAK: something of the report leaves. See stages 3 and 9.",
        )
    if not walk.accepted:
        return Text("Rapporten avvisades; inget lämnar.", "The report was refused; nothing leaves.")
    if walk.wire is None:
        return Text(
            "Rapporten blir ett dödbrev; inget lämnar.",
            "The report becomes a dead letter; nothing leaves.",
        )
    return Text(
        "Av rapporten lämnar bara de koder, tal och tider som steg 9 räknar upp.",
        "Of the report only the codes, numbers and instants leave that stage 9 lists.",
    )
