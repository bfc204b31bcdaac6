"""What cells must be, from nothing but the events that were sent: an oracle for tests."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from shared.messages.event import Event
from tests.support.servers import Database

STOCKHOLM = ZoneInfo("Europe/Stockholm")

Cell: TypeAlias = tuple[str, str, str, datetime]
Counts: TypeAlias = tuple[int, int]


def cells_of(events: Iterable[Event]) -> dict[Cell, Counts]:
    """Reports and incidents of every cell that is not zero: tier, indicator, area, bucket."""
    newest: dict[UUID, Event] = {}
    for event in events:
        known = newest.get(event.event_id)
        if known is None or event.version > known.version or _is_linked_since(event, known):
            newest[event.event_id] = event
    live = [event for event in newest.values() if event.live]
    first: dict[UUID, tuple[datetime, UUID]] = {}
    for event in live:
        place = (_minute(event), event.event_id)
        incident = event.incident_id or event.event_id
        first[incident] = min(place, first.get(incident, place))
    reports: Counter[Cell] = Counter()
    incidents: Counter[Cell] = Counter()
    for event in live:
        for cell in _cells(event):
            reports[cell] += 1
            leads = first[event.incident_id or event.event_id][1] == event.event_id
            incidents[cell] += leads
    return {cell: (count, incidents[cell]) for cell, count in reports.items()}


def _is_linked_since(event: Event, known: Event) -> bool:
    same = event.version == known.version
    return same and known.incident_id is None and event.incident_id is not None


def reports_of(events: Iterable[Event], indicator: str) -> dict[str, int]:
    """All reports of an indicator by area, whenever they happened."""
    reports: Counter[str] = Counter()
    for (tier, code, area, _), (count, _) in cells_of(events).items():
        if (tier, code) == ("day", indicator):
            reports[area] += count
    return dict(reports)


async def counted(database: Database) -> dict[Cell, Counts]:
    """What the database says of all of them."""
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        rows = await connection.fetch(
            "select tier, indicator, area, bucket, reports, incidents from counting.cell"
            " where reports <> 0 or incidents <> 0"
        )
    finally:
        await connection.close()
    return {
        (row["tier"], row["indicator"], row["area"], row["bucket"]): (
            row["reports"],
            row["incidents"],
        )
        for row in rows
    }


def _minute(event: Event) -> datetime:
    assert event.occurred_at is not None
    return event.occurred_at.replace(second=0, microsecond=0)


def _cells(event: Event) -> Iterable[Cell]:
    assert event.indicator is not None
    assert event.area is not None
    minute = _minute(event)
    day = minute.astimezone(STOCKHOLM).replace(hour=0, minute=0)
    for tier, bucket in (("minute", minute), ("hour", minute.replace(minute=0)), ("day", day)):
        yield tier, event.indicator, event.area, bucket
