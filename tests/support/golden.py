"""The pure cores of the stages, one after another, over the numbered golden data.

The output of folder n is the input of folder n + 1: reports, accepted, events, cells, deliveries.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from services.aggregator.domain.plan import Claim, Winners, plan
from services.anonymizer.domain.anonymize import Anonymizer, Opened
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.municipality import municipality
from services.delivery.domain import view
from services.delivery.domain.push import push_of
from services.delivery.domain.selection import Wanted, selected
from services.ingest.domain.receipt import Receipt
from services.ingest.domain.rows import LineRows
from services.ingest.domain.validate import Accepted, Sender
from shared.errors import DeadReason
from shared.language import Language
from shared.messages.codec import decoder, encode
from shared.messages.event import Event
from shared.pack import Pack, load_pack
from shared.pack.geometry import load_polygons
from shared.pack.registers import load_registers
from shared.records import LogRecord
from shared.windows import Tier, Window, floored

DATA = Path(__file__).parents[1] / "data"
DEMO_PACK = Path(__file__).parents[2] / "deploy" / "municipalities" / "demo"
NOW = datetime(2026, 11, 23, 11, 0, 30, tzinfo=UTC)
SECRET = b"the golden chain's installation secret"
HORIZON = timedelta(days=400)
ACTORS = ("fire", "police")

Row = dict[str, Any]


@cache
def pack() -> Pack:
    return load_pack(DEMO_PACK)


def accepted(actor: str, body: bytes) -> tuple[list[Row], Any]:
    """1 → 2: what ingest seals, and what it answers."""
    reader, receipt = LineRows(), Receipt()
    sender = Sender.of(pack(), actor, secret=SECRET, horizon=HORIZON)
    found: list[Accepted] = receipt.sort_out(
        [*reader.feed(body), *reader.end()], sender=sender, now=NOW
    )
    rows = [
        {"event_id": str(one.event_id), "report": json.loads(encode(one.report))} for one in found
    ]
    return rows, json.loads(receipt.as_json(Language.EN))


def events(reports: Iterable[Row]) -> list[Event | DeadReason]:
    """2 → 3: what the anonymizer publishes, in order."""
    anonymizer = Anonymizer(
        [municipality(pack(), load_polygons(pack()), registers=load_registers(DEMO_PACK))]
    )
    outcomes = anonymizer.anonymize(
        [Opened(UUID(one["event_id"]), json.dumps(one["report"]).encode()) for one in reports]
    )
    return [one.event if isinstance(one, Anonymized) else one for one in outcomes]


def winners(rows: Iterable[Row]) -> Winners:
    """3 → 4, first half: which version of each event counts."""
    read = decoder(Event)
    log = [read.decode(json.dumps(row)) for row in rows]
    records = [
        LogRecord(0, offset, 0, event.event_id.bytes, encode(event))
        for offset, event in enumerate(log)
    ]
    return plan(records, {0: Claim(1, 0)}).winners


def cells(counting: Winners) -> Iterator[Row]:
    """3 → 4, second half: the count of each cell of each tier."""
    counts = Counter(
        (tier.value, indicator, floored(at, tier).isoformat(), area)
        for (_, indicator, area), minute in zip(counting.places, counting.minutes, strict=True)
        for tier in Tier
        if minute and (at := datetime.fromtimestamp(minute * 60, UTC))
    )
    for (tier, indicator, bucket, area), reports in sorted(counts.items(), key=str):
        yield {
            "tier": tier,
            "indicator": indicator,
            "bucket": bucket,
            "area": area,
            "reports": reports,
        }


def push(counted: Iterable[Row], *, actor: str, level: int) -> Row:
    """4 → 5: the body of a push to an actor that subscribes to everything."""
    wanted = Wanted(indicators=None, areas=None, level=level, windows=None)
    planned = view.plan(pack(), selected(pack(), wanted), actor=actor, as_of=NOW)
    sums: Counter[tuple[str, str, Window]] = Counter()
    for cell in counted:
        bucket = datetime.fromisoformat(cell["bucket"])
        for indicator, window, part in planned.parts:
            inside = part.start <= bucket < part.end and part.tier == cell["tier"]
            if inside and indicator == cell["indicator"]:
                sums[cell["area"][: planned.prefix_length], indicator, window] += cell["reports"]
    made = push_of(
        view.composed(planned, ((key, view.Count(n, n)) for key, n in sums.items())),
        subscription=UUID(int=1),
        seq=1,
        due_at=NOW - timedelta(seconds=1),
    )
    body: Row = msgspec.json.decode(made.body)
    return body
