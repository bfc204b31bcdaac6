"""History on real PostgreSQL, counted by the real aggregator, against an oracle that only adds up."""

import random
from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession
from msgspec.structs import replace

from deploy.schema.register import register
from services.aggregator.store import SESSION
from shared.api_keys import ApiKeys, new_key
from shared.messages.event import Event, Placement
from shared.pack import load_pack
from shared.pack.model import GRAINS
from shared.postgres import new_pool
from shared.windows import Tier, Window, floored, start_of
from tests.support.counting import Counter
from tests.support.delivery import Town, a_delivery, owner_executes, owner_reads
from tests.support.servers import Database
from tests.support.towns import FILES, Land, write_town

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LAST_YEAR = (datetime.now(UTC) - timedelta(days=30)).year - 1  # over, with the week that ends it
CHANGE = f"{LAST_YEAR}-06-01"  # the division changes: 112 ends, 113 begins
LAND = (
    Land("111", 0, 1, valid_to=CHANGE),
    Land("112", 1, 2, valid_to=CHANGE),
    Land("111", 0, 1.5, valid_from=CHANGE),
    Land("113", 1.5, 2, valid_from=CHANGE),
    Land("211", 2, 3),
)
LEAVES = ("111", "112", "113", "211", "999")
CLASSES = {"bin_fire": "S0", "arson": "S1", "fight": "S2", "abuse": "S3"}
NOT_OFFERED = {"fight": {"hour"}, "abuse": {"hour", "day"}}
MANY = 900


def write_pack(folder: Path) -> Path:
    """The town with an indicator of each class, and `social`, who is cleared for S2 and S3."""
    write_town(folder, LAND)
    rows = "\n".join(
        f"  - {{code: {code}, name: {code}, name_en: {code}, kind: event, class: {grade},"
        " family: fire, actors: [fire]}"
        for code, grade in CLASSES.items()
    )
    codes = ", ".join(CLASSES)
    for name, text in {
        "agreements/fire.yaml": FILES["agreements/fire.yaml"].replace("bin_fire", codes),
        "actors.yaml": FILES["actors.yaml"].replace("]", ", {id: social, name: S, name_en: S}]"),
        "indicators.yaml": f"indicators:\n{rows}\n",
        "policy.yaml": "exact: {fire: [S0, S1], social: [S0, S2, 'S3@2']}\n",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> AsyncIterator[Town]:
    """The service with that pack."""
    folder = write_pack(tmp_path / "pack")
    pack = load_pack(folder)
    keys = ApiKeys(
        actors={actor: {"report": new_key(), "read": new_key()} for actor in pack.actors},
        owner=new_key(),
    )
    await register(database.owner_dsn, pack, keys=keys)
    async with a_delivery(database, packs=(folder,)) as url, ClientSession() as session:
        yield Town(url, keys, session)


@asynccontextmanager
async def counting(database: Database) -> AsyncIterator[Counter]:
    dsn = database.dsn("lagesbild_aggregator")
    async with await new_pool(dsn, application="test", session=SESSION) as pool:
        yield Counter(pool)


async def asked(town: Town, *, actor: str, **parameters: str) -> dict[str, Any]:
    query = urlencode({"from" if name == "begins" else name: v for name, v in parameters.items()})
    status, answer = await town.client(actor).ask("GET", f"/v1/series?{query}")
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


def numbers(answer: dict[str, Any]) -> list[tuple[datetime, datetime, int | None, int | None]]:
    moment = datetime.fromisoformat
    return [
        (moment(one["start"]), moment(one["end"]), one["reports"], one["incidents"])
        for one in answer["points"]
    ]


# The oracle: events as they stand, and the calendar walked day by day.


@dataclass(frozen=True)
class Oracle:
    """Knows every event that is live."""

    events: tuple[Event, ...]

    def points(
        self, indicator: str, area: str, marks: Sequence[datetime]
    ) -> list[tuple[datetime, datetime, int, int]]:
        first = self._earliest()
        found = [(low, high, 0, 0) for low, high in pairwise(marks)]
        for one in self.events:
            if one.indicator != indicator or not (one.area and one.area.startswith(area)):
                continue
            at = bisect_right(marks, one.occurred_at or marks[0]) - 1
            if 0 <= at < len(found):
                low, high, reports, incidents = found[at]
                found[at] = low, high, reports + 1, incidents + (one.event_id in first)
        return found

    def _earliest(self) -> set[UUID]:
        """The event that each incident is counted at."""
        found: dict[UUID, Event] = {}
        for one in sorted(self.events, key=lambda one: (one.occurred_at, one.event_id)):
            found.setdefault(one.incident_id or one.event_id, one)
        return {one.event_id for one in found.values()}


def marks(step: str, begins: date, ends: date) -> list[datetime]:
    """Where steps begin, from a day to a day: both begin one themselves."""
    if step == "hour":
        low, high = (
            datetime.combine(day, time.min, STOCKHOLM).astimezone(UTC) for day in (begins, ends)
        )
        return [low + timedelta(hours=n) for n in range(1 + (high - low) // timedelta(hours=1))]
    days = [begins + timedelta(days=n) for n in range((ends - begins).days + 1)]
    if step == "week":
        days = [day for day in days if day.weekday() == 0]
    elif step == "month":
        days = [day for day in days if day.day == 1]
    return [datetime.combine(day, time.min, STOCKHOLM) for day in days]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def clock_changes(year: int) -> list[datetime]:
    """One o'clock UTC on the last Sundays of March and October."""
    ends = [date(year, 3, 31), date(year, 10, 31)]
    sundays = [end - timedelta(days=(end.weekday() + 1) % 7) for end in ends]
    return [datetime.combine(day, time(1), UTC) for day in sundays]


def edges() -> list[datetime]:
    """Instants at which a bucket could be missed by an hour or a day."""
    turns = [
        datetime(LAST_YEAR, 1, 1, tzinfo=STOCKHOLM),
        *(datetime(LAST_YEAR, month, 1, tzinfo=STOCKHOLM) for month in (2, 3, 4, 7, 11, 12)),
        datetime(LAST_YEAR + 1, 1, 1, tzinfo=STOCKHOLM),
        *(
            datetime.combine(change.date() + timedelta(days=days), time.min, STOCKHOLM)
            for change in clock_changes(LAST_YEAR)
            for days in (0, 1)
        ),
        *clock_changes(LAST_YEAR),
    ]
    steps = (-60, -1, 0, 1, 59, 60)
    return [turn.astimezone(UTC) + timedelta(minutes=step) for turn in turns for step in steps]


def made(dice: random.Random, now: datetime) -> tuple[list[Event], Oracle]:
    """A log of events with corrections, withdrawals and incidents, and what stands at its end."""
    incidents = [UUID(int=1_000_000 + number) for number in range(60)]
    log: list[Event] = []
    standing: dict[UUID, Event] = {}
    for number in range(MANY):
        event = drawn(dice, number, now, dice.choice(incidents) if dice.random() < 0.3 else None)
        log.append(event)
        standing[event.event_id] = event
    for event in dice.sample(log, 240):
        number = event.event_id.int
        if dice.random() < 0.35:
            log.append(Event(event.event_id, 2, "0012", live=False))
            del standing[event.event_id]
        else:
            moved = replace(drawn(dice, number, now, event.incident_id), version=2)
            log.append(moved)
            standing[event.event_id] = moved
    dice.shuffle(log)  # a stale copy after its correction changes nothing
    return log, Oracle(tuple(standing.values()))


def drawn(dice: random.Random, number: int, now: datetime, incident: UUID | None) -> Event:
    """Half of them at the edges of steps, a third in the last month; as the anonymizer floors."""
    lot = dice.random()
    if lot < 0.5:
        at = dice.choice(edges())
    elif lot < 0.8:
        at = now - timedelta(minutes=dice.randrange(30 * 24 * 60))
    else:
        at = now - timedelta(minutes=dice.randrange(560 * 24 * 60))
    code, grade = dice.choice([*CLASSES.items()])
    at = floored(at, GRAINS[grade])  # type: ignore[index]
    where = dice.choice(LEAVES)
    return Event(UUID(int=number), 1, "0012", True, code, where, at, True, Placement.NYKO, incident)


async def test_every_step_of_every_level_is_what_an_oracle_adds_up(
    database: Database, town: Town
) -> None:
    now = datetime.now(UTC)
    log, oracle = made(random.Random(5), now)
    async with counting(database) as counter:
        for at in range(0, len(log), 100):
            await counter.count(*log[at : at + 100])
    year = date(LAST_YEAR, 1, 1), date(LAST_YEAR + 1, 1, 1)
    spans = {
        "hour": [
            (change.date() - timedelta(days=1), change.date() + timedelta(days=2))
            for change in clock_changes(LAST_YEAR)
        ],
        "day": [(year[0] - timedelta(days=1), year[1] + timedelta(days=1))],
        "week": [(monday(year[0]), monday(year[1]) + timedelta(weeks=1))],
        "month": [(date(LAST_YEAR - 1, 12, 1), year[1])],
    }
    seen = compared = 0
    actors = {"arson": "fire", "bin_fire": "fire", "fight": "social", "abuse": "social"}
    for code, actor in actors.items():
        for step, stretches in spans.items():
            for begins, ends in stretches if step not in NOT_OFFERED.get(code, ()) else ():
                for area in ("1", "11", "99") + (() if code == "abuse" else LEAVES):
                    answer = await asked(
                        town,
                        actor=actor,
                        indicator=code,
                        area=area,
                        step=step,
                        begins=begins.isoformat(),
                        to=ends.isoformat(),
                    )
                    points = numbers(answer)
                    assert points == oracle.points(code, area, marks(step, begins, ends))
                    compared += len(points)
                    seen += sum(one[2] or 0 for one in points)
    assert seen > MANY
    assert compared > 5000


@pytest.mark.parametrize(
    ("actor", "code", "step", "least"),
    [("fire", "arson", "hour", 4), ("social", "fight", "day", 2)],  # weeks coincide with none
)
async def test_the_numbers_agree_with_the_counts_of_windows_that_coincide(
    database: Database, town: Town, actor: str, code: str, step: str, least: int
) -> None:
    log, _ = made(random.Random(6), datetime.now(UTC))
    async with counting(database) as counter:
        await counter.count(*log)
    grain = GRAINS[CLASSES[code]]  # type: ignore[index]
    status, counts = await town.client(actor).ask(
        "GET", f"/v1/counts?indicator={code}&level=1&zeros=true"
    )
    assert status == 200
    as_of = datetime.fromisoformat(counts["as_of"])
    compared = 0
    for cell in counts["cells"]:
        start = start_of(Window(cell["window"]), as_of, grain=grain)
        if floored(start, Tier(step)) != start:
            continue
        whole = "day" if cell["window"] == "12mo" else step
        answer = await asked(
            town,
            actor=actor,
            indicator=code,
            area=cell["area"],
            step=whole,
            begins=start.isoformat(),
            to=as_of.isoformat(),
        )
        assert datetime.fromisoformat(answer["from"]) == start
        sums = [sum(one[name] for one in answer["points"]) for name in ("reports", "incidents")]
        assert sums == [cell["reports"], cell["incidents"]]
        compared += cell["reports"] > 0
    assert compared >= least


async def test_what_is_not_kept_is_not_zero(database: Database, town: Town) -> None:
    day = timedelta(days=1)
    began = datetime.now(STOCKHOLM).date()

    def noon(days: int) -> datetime:
        """So many days after the one on which this began; at noon no day is an hour longer."""
        return datetime.combine(began + days * day, time(12), STOCKHOLM)

    event = replace(drawn(random.Random(1), 1, noon(0), None), indicator="arson", area="111")
    async with counting(database) as counter:
        await counter.count(
            *(
                replace(event, event_id=UUID(int=n), occurred_at=noon(-n).astimezone(UTC))
                for n in range(1, 9)
            )
        )
    kept_from = noon(-4)
    await owner_executes(
        database, "update counting.tier set kept_from = $1 where tier = 'day'", [(kept_from,)]
    )
    query = {"indicator": "arson", "area": "1", "begins": noon(-9).isoformat()}
    answer = await asked(town, actor="fire", **query, to=noon(3).isoformat(), step="day")
    assert datetime.fromisoformat(answer["kept_from"]) == kept_from
    as_of = datetime.fromisoformat(answer["as_of"]).astimezone(STOCKHOLM).date()
    begun = 1 + (as_of - began).days  # 2 if it has been midnight since
    assert [one[2] for one in numbers(answer)] == (
        [None] * 6 + [1, 1, 1] + [0] * begun + [None] * (4 - begun)
    )
    hours = await asked(town, actor="fire", **query, to=noon(0).isoformat(), step="hour")
    assert sum(one[2] or 0 for one in numbers(hours)) == 8


async def test_who_is_not_cleared_learns_nothing_and_a_lost_clearance_counts_at_once(
    database: Database, town: Town
) -> None:
    now = datetime.now(UTC)
    query = {"begins": (now - timedelta(days=9)).isoformat(), "to": now.isoformat(), "step": "week"}
    asking = [
        ("fire", "abuse", "1"),
        ("fire", "fight", "11"),
        ("social", "arson", "1"),
        ("social", "abuse", "111"),
    ]

    async def answers() -> list[dict[str, Any]]:
        found = [
            await asked(town, actor=actor, indicator=code, area=area, **query)
            for actor, code, area in asking
        ]
        assert all(one.pop("as_of") for one in found)
        return found

    before = await answers()
    assert [one["withheld"] for one in before] == [[code] for _, code, _ in asking]
    assert all(one["points"] == [] and one["kept_from"] is None for one in before)
    log, _ = made(random.Random(7), now)
    async with counting(database) as counter:
        await counter.count(*log)
    assert await answers() == before
    shown = await asked(town, actor="social", indicator="abuse", area="1", **query)
    assert sum(one[2] or 0 for one in numbers(shown)) > 0
    await owner_executes(
        database, "delete from registry.clearance where actor = 'social' and sensitivity = 'S3'"
    )
    lost = await asked(town, actor="social", indicator="abuse", area="1", **query)
    assert (lost["points"], lost["withheld"]) == ([], ["abuse"])


async def test_a_question_is_in_the_audit_chain_before_its_answer(
    database: Database, town: Town
) -> None:
    for actor in ("fire", "social"):  # also who is not cleared
        await asked(
            town,
            actor=actor,
            indicator="arson",
            area="11",
            begins="2025-01-01",
            to="2025-02-01",
            step="month",
        )
    rows = await owner_reads(
        database,
        "select actor, kind, detail->>'indicator', detail->>'area', detail->>'step',"
        " detail->>'from', detail->>'to' from audit.entry order by seq",
    )
    about = ("series_read", "arson", "11", "month", "2024-12-31T23:00:00Z", "2025-01-31T23:00:00Z")
    assert rows == [("fire", *about), ("social", *about)]
