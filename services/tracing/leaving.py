"""Stage 9: the event exactly as on the wire, and whether anything of the report is in it."""

from collections.abc import Sequence

from services.tracing.leaks import Leak
from services.tracing.stage import Line, Name, Stage, listed, same
from shared.language import Text
from shared.topics import EVENTS

CLEAN = Text(
    "varje del är en kod, ett fingeravtryck, ett tal eller en avrundad tid: inget av rapporten",
    "each part is a code, a digest, a number or a floored instant: nothing of the report",
)

RECORD = Text(
    "nyckel event_id; tid: när ingest tog emot rapporten, på millisekunden",
    "key event_id; time: when ingest received the report, to the millisecond",
)
"""As `services.anonymizer.publisher.event_record` makes it."""


def leaving_stage(
    wire: bytes, kept: Sequence[str], removed: Sequence[str], leaks: Sequence[Leak]
) -> Stage:
    """What is published; `kept` are the event's fields, `removed` the report's that it has not."""
    found = [f"{one.field} ← {one.of or '?'}" for one in leaks]
    lines: list[Line] = [
        (Text("ämne", "topic"), same(EVENTS.name)),
        (Text("händelsen", "the event"), same(wire.decode())),
        (Text("posten", "its record"), RECORD),
        (Text("bort", "removed"), listed(removed)),
        (
            Text("LÄCKOR", "LEAKS") if leaks else Text("läckor", "leaks"),
            listed(found) if leaks else CLEAN,
        ),
    ]
    record = {"key": "event_id", "time": "received_at"}
    facts = {"topic": EVENTS.name, "bytes": len(wire), "record": record}
    return Stage(name=Name.LEAVING, kept=kept, removed=removed, facts=facts, lines=lines)
