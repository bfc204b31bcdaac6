"""What a batch changes, added up over batches, is what the newest versions say: both measures."""

import struct
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.aggregator.domain import binary
from services.aggregator.domain.plan import NOWHERE, Claim, Place, Winners, plan
from services.aggregator.domain.settle import (
    Deltas,
    Draft,
    Known,
    Moves,
    Settled,
    Standing,
    draft,
    move_incidents,
    settle,
    stockholm_days,
)
from shared.messages.codec import encode
from shared.messages.event import Event, Placement
from shared.records import LogRecord
from shared.windows import Tier, floored

START = datetime(2026, 3, 28, 21, 50, tzinfo=UTC)  # the night in which the clocks change

changes = st.tuples(
    st.integers(1, 6),  # event
    st.integers(1, 4),  # version
    st.booleans(),  # live
    st.sampled_from(["101", "102"]),
    st.integers(0, 200),  # minutes after the start
    st.sampled_from([None, 1, 2]),  # incident
)
Change = tuple[int, int, bool, str, int, int | None]


def an_event(change: Change) -> Event:
    number, version, live, area, minutes, incident = change
    if not live:
        return Event(UUID(int=number), version, "9998", live=False)
    return Event(
        UUID(int=number),
        version,
        "9998",
        True,
        "arson",
        area,
        START + timedelta(minutes=minutes),
        True,
        Placement.NYKO,
        UUID(int=1000 + incident) if incident else None,
    )


class Tables:
    """What the database holds, and the cells that the changes add up to."""

    def __init__(self) -> None:
        self.events: dict[bytes, Known] = {}
        self.series: dict[Place, int] = {NOWHERE: 0}
        self.incidents: dict[bytes, Standing] = {}
        self.minutes: Counter[tuple[str, str, int]] = Counter()
        self.hours: Counter[tuple[str, str, int]] = Counter()
        self.days: Counter[tuple[str, str, int]] = Counter()

    def count(self, batch: list[Event]) -> None:
        records = [
            LogRecord(0, at, 0, event.event_id.bytes, encode(event))
            for at, event in enumerate(batch)
        ]
        winners = plan(records, {0: Claim(1, 0)}).winners
        numbers = [self.series.setdefault(place, len(self.series)) for place in winners.places]
        known = {one: self.events[one] for one in winners.rows if one in self.events}
        events = draft(winners, numbers)
        settled = settle(events, known)
        for at in [*settled.new.tolist(), *settled.amended.tolist()]:
            self.events[events.id(at)] = Known(
                int(events.versions[at]),
                int(events.series[at]),
                int(events.minutes[at]),
                events.incident(at),
            )
        self._move(settled)
        for cells, deltas in zip(
            (self.minutes, self.hours, self.days), settled.deltas(), strict=True
        ):
            self._add(cells, deltas)

    def _move(self, settled: Settled) -> None:
        earliest = {}
        for incident in settled.linked:
            live = [
                (event.minute, one, event.series)
                for one, event in self.events.items()
                if event.incident == incident and event.series
            ]
            if live:
                minute, one, series = min(live)
                earliest[incident] = Standing(one, series, minute)
        was = {one: self.incidents.get(one, Standing()) for one in settled.linked}
        self.incidents.update(move_incidents(was, earliest, settled.moves))

    def _add(self, cells: Counter[tuple[str, str, int]], deltas: Deltas) -> None:
        areas = {number: place[2] for place, number in self.series.items()}
        for series, bucket, reports, incidents in zip(
            deltas.series, deltas.buckets, deltas.reports, deltas.incidents, strict=True
        ):
            cells["reports", areas[series], bucket] += reports
            cells["incidents", areas[series], bucket] += incidents


def truth(log: list[Event], tier: Tier) -> Counter[tuple[str, str, datetime]]:
    newest: dict[UUID, Event] = {}
    for event in log:
        known = newest.get(event.event_id)
        linked = known and not known.incident_id and event.incident_id
        if (
            known is None
            or event.version > known.version
            or (event.version == known.version and linked)
        ):
            newest[event.event_id] = event
    live = [event for event in newest.values() if event.live]
    cells: Counter[tuple[str, str, datetime]] = Counter()
    for event in live:
        assert event.occurred_at is not None
        assert event.area is not None
        cells["reports", event.area, floored(event.occurred_at, tier)] += 1
    leaders: dict[UUID, Event] = {}
    for event in sorted(live, key=lambda one: (one.occurred_at, one.event_id.bytes)):
        leaders.setdefault(event.incident_id or event.event_id, event)
    for event in leaders.values():
        assert event.occurred_at is not None
        assert event.area is not None
        cells["incidents", event.area, floored(event.occurred_at, tier)] += 1
    return cells


def number(bucket: datetime, tier: Tier) -> int:
    if tier is Tier.DAY:  # it begins at 22 or 23 UTC of the day before
        return (bucket + timedelta(hours=2)).date().toordinal() - date(1970, 1, 1).toordinal()
    return int(bucket.timestamp()) // (60 if tier is Tier.MINUTE else 3600)


@settings(max_examples=300)
@given(st.lists(st.lists(changes, min_size=1, max_size=8), max_size=8))
def test_whatever_comes_in_whatever_batches_each_cell_is_what_the_newest_versions_say(
    batches: list[list[Change]],
) -> None:
    tables = Tables()
    log: list[Event] = []
    for batch in batches:
        events = list(map(an_event, batch))
        log.extend(events)
        tables.count(events)
    for tier, cells in (
        (Tier.MINUTE, tables.minutes),
        (Tier.HOUR, tables.hours),
        (Tier.DAY, tables.days),
    ):
        wanted: Counter[tuple[str, str, int]] = Counter()
        for (measure, area, at), count in truth(log, tier).items():
            wanted[measure, area, number(at, tier)] += count
        assert +cells == wanted
        assert not -cells


def nothing() -> Draft:
    return draft(Winners(), ())


def test_a_cell_is_written_once_and_only_if_it_changes() -> None:
    moves = Moves()
    moves.add(3, 60, reports=1, incidents=1)
    moves.add(3, 61, reports=1, incidents=0)
    moves.add(2, 60, reports=1, incidents=1)
    moves.add(2, 60, reports=-1, incidents=-1)
    moves.add(0, 60, reports=1, incidents=1)  # withdrawn
    none = np.array([], np.intp)
    minutes, hours, days = Settled(nothing(), none, none, moves, []).deltas()
    assert minutes == Deltas([3, 3], [60, 61], [1, 1], [1, 0])
    assert hours == Deltas([3], [1], [2], [1])
    assert days == Deltas([3], [0], [2], [1])


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-03-28T22:59+00:00", "2026-03-28"),
        ("2026-03-28T23:00+00:00", "2026-03-29"),
        ("2026-03-29T21:59+00:00", "2026-03-29"),
        ("2026-03-29T22:00+00:00", "2026-03-30"),
        ("2026-10-24T22:00+00:00", "2026-10-25"),
        ("2026-10-25T22:59+00:00", "2026-10-25"),
        ("2026-10-25T23:00+00:00", "2026-10-26"),
    ],
)
def test_days_are_stockholms_also_when_the_clocks_change(instant: str, day: str) -> None:
    minute = int(datetime.fromisoformat(instant).timestamp()) // 60
    found = stockholm_days(np.array([minute]))[0]
    assert datetime(1970, 1, 1, tzinfo=UTC).date() + timedelta(days=int(found)) == (
        datetime.fromisoformat(day).date()
    )


def test_rows_are_what_postgresql_reads_as_binary_copy() -> None:
    one, other = UUID(int=5).bytes, UUID(int=7).bytes
    events = draft(Winners({one: 0}, [3], [("", "", "")], [100], [other]), [9])
    first = np.array([0])
    row = struct.pack(">hi16siqiiii", 4, 16, one, 8, 3, 4, 9, 4, 100)
    assert binary.plain(events, first) == b"PGCOPY\n\xff\r\n\0" + bytes(8) + row + b"\xff\xff"
    row = struct.pack(">hi16siqiiiii16s", 5, 16, one, 8, 3, 4, 9, 4, 100, 16, other)
    assert binary.linked(events, first) == b"PGCOPY\n\xff\r\n\0" + bytes(8) + row + b"\xff\xff"
