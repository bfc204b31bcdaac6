"""Stage 9: the event exactly as on the wire, what of the report is in it, and whether that may be."""

from collections.abc import Sequence

from services.tracing.fates import Fates
from services.tracing.leaks import Leak
from services.tracing.stage import Line, Name, Stage, listed, same
from shared.language import Text
from shared.topics import EVENTS

CLEAN = Text(
    "varje del är en kod, ett fingeravtryck, ett tal eller en avrundad tid; ingen fri text",
    "each part is a code, a digest, a number or a floored instant; no free text",
)

RECORD = Text(
    "nyckel event_id; tid: när ingest tog emot rapporten, på millisekunden",
    "key event_id; time: when ingest received the report, to the millisecond",
)
"""As `services.anonymizer.publisher.event_record` makes it."""


def leaving_stage(wire: bytes, kept: Sequence[str], fates: Fates, leaks: Sequence[Leak]) -> Stage:
    """What is published; `kept` are the event's fields, the fates those of the report's."""
    found = [f"{one.field} ← {one.of or '?'}" for one in leaks]
    lines: list[Line] = [
        (Text("ämne", "topic"), same(EVENTS.name)),
        (Text("händelsen", "the event"), same(wire.decode())),
        (Text("posten", "its record"), RECORD),
        (Text("som angivet", "as given"), listed(fates.as_given)),
        (Text("grövre", "coarser"), listed(fates.coarser)),
        (Text("bort", "removed"), listed(fates.removed)),
        (
            Text("LÄCKOR", "LEAKS") if leaks else Text("läckor", "leaks"),
            listed(found) if leaks else CLEAN,
        ),
    ]
    record = {"key": "event_id", "time": "received_at"}
    facts = {
        "topic": EVENTS.name,
        "bytes": len(wire),
        "record": record,
        "as_given": list(fates.as_given),
        "coarser": list(fates.coarser),
    }
    return Stage(name=Name.LEAVING, kept=kept, removed=fates.removed, facts=facts, lines=lines)
