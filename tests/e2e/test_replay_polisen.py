"""`lagesbild replay polisen`: three years of the police's feed through the whole way."""

import asyncio
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from shared.messages.event import Placement
from tests.support.police import ARCHIVE, REST, area_of_middle, codes_of, write_pack
from tests.support.stack import RunningStack, run, running_stack

EVERY = 9  # of the feed's 61,848 events, and the first of each type: a ninth of the time
EVENTS = 6_949
AGAIN = 2  # of these
STOCKHOLM = ZoneInfo("Europe/Stockholm")
PATIENCE_S = 90.0

Cell = tuple[str, date, str]

pytestmark = pytest.mark.skipif(not ARCHIVE.exists(), reason=f"the archive is not at {ARCHIVE}")


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    seen: set[str] = set()
    chosen = []
    with gzip.open(ARCHIVE, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            one = json.loads(line)
            if number % EVERY == 0 or one["type"] not in seen:
                chosen.append(one)
                seen.add(one["type"])
    return chosen


@pytest.fixture(scope="module")
def archive(events: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    return written(tmp_path_factory.mktemp("archive") / "events.jsonl.gz", events)


@pytest.fixture(scope="module")
def codes(events: list[dict[str, Any]]) -> dict[str, str]:
    return codes_of({one["type"] for one in events})


@pytest.fixture(scope="module")
def pack(codes: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("police") / "pack", codes)


@pytest.fixture(scope="module")
def stack(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    data = tmp_path_factory.mktemp("replay") / "data"
    with running_stack(data, "--pack", str(pack)) as running:
        yield running


@pytest.fixture(scope="module")
def first(stack: RunningStack, pack: Path, archive: Path) -> dict[str, Any]:
    """What the first replay said."""
    return replayed(stack, pack, archive)


def written(file: Path, events: list[dict[str, Any]]) -> Path:
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(one) + "\n" for one in events)
    return file


def replayed(
    stack: RunningStack, pack: Path, *files: Path, options: tuple[str, ...] = ()
) -> dict[str, Any]:
    names = [str(file) for file in files]
    done = run(
        *("replay", "polisen", *names, "--json"),
        *("--data", str(stack.data), "--pack", str(pack), *options),
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    said: dict[str, Any] = json.loads(lines[0])
    return said


async def counted(dsn: str, tier: str) -> Counter[Cell]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "select indicator, bucket, area, reports from counting.cell"
            " where tier::text = $1 and reports > 0",
            tier,
        )
    finally:
        await connection.close()
    cells: Counter[Cell] = Counter()
    for row in rows:
        day = row["bucket"].astimezone(STOCKHOLM).date()
        cells[row["indicator"], day, row["area"]] += row["reports"]
    return cells


async def reasons(dsn: str) -> set[str]:
    """The ways in which reports were located, as the police is told of them, once all are counted."""
    connection = await asyncpg.connect(dsn)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            rows = await connection.fetch("select method, reports from quality.located")
            if sum(row["reports"] for row in rows) >= EVENTS:
                return {row["method"] for row in rows}
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    raise AssertionError("not every report's way was counted")


def counts_once_still(dsn: str, total: int) -> Counter[Cell]:
    """The day cells, once they hold so many events."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        cells = asyncio.run(counted(dsn, "day"))
        if cells.total() >= total or time.monotonic() > deadline:
            return cells
        time.sleep(0.2)


def independent_count(events: list[dict[str, Any]], codes: dict[str, str]) -> Counter[Cell]:
    """The same from the file, with nothing of ours: strptime takes an hour of one digit."""
    cells: Counter[Cell] = Counter()
    for one in events:
        at = datetime.strptime(one["datetime"], "%Y-%m-%d %H:%M:%S %z").astimezone(STOCKHOLM)
        cells[codes[one["type"]], at.date(), REST] += 1
    return cells


def test_events_of_three_years_count_on_their_days_and_in_no_area_of_their_middles(
    first: dict[str, Any],
    stack: RunningStack,
    events: list[dict[str, Any]],
    codes: dict[str, str],
) -> None:
    assert (len(events), len(codes)) == (EVENTS, 90)
    assert first["ok"] is True
    assert (first["sent"], first["accepted"], first["rejected"]) == (EVENTS, EVENTS, 0)
    assert first["unmapped"] == {}
    assert first["rate_per_s"] > 1000
    cells = counts_once_still(stack.ready["postgres"], EVENTS)
    assert cells == independent_count(events, codes)
    middles = Counter(area_of_middle(one["location"]["gps"]) for one in events)
    assert len(middles) == 5  # taken for places, they would have filled every area
    assert asyncio.run(reasons(stack.ready["postgres"])) == {Placement.REST_NO_LOCATION}


def test_replayed_twice_changes_nothing(
    first: dict[str, Any],
    stack: RunningStack,
    pack: Path,
    events: list[dict[str, Any]],
    tmp_path: Path,
) -> None:
    dsn = stack.ready["postgres"]
    before = counts_once_still(dsn, EVENTS)
    part = events[::AGAIN]
    again = replayed(stack, pack, written(tmp_path / "part.jsonl.gz", part))
    assert again["accepted"] == len(part)
    asyncio.run(all_handled(dsn, EVENTS + again["accepted"]))
    assert counts_once_still(dsn, EVENTS) == before
    audit = run("audit", "--json", "--data", str(stack.data))
    assert audit.returncode == 0, audit.stdout


async def all_handled(dsn: str, records: int) -> None:
    """Wait until the aggregator has taken so many records from the log, repeats among them."""
    connection = await asyncpg.connect(dsn)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            taken = await connection.fetchval("select sum(next_offset) from counting.stream_offset")
            if taken is not None and taken >= records:
                return
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    raise AssertionError("not everything was taken from the log")


def test_types_that_are_not_agreed_on_are_refused_by_name(
    first: dict[str, Any], stack: RunningStack, pack: Path, tmp_path: Path
) -> None:
    before = counts_once_still(stack.ready["postgres"], EVENTS)
    usual = {"datetime": "2024-01-01 8:00:00 +01:00", "location": {"gps": "59.3,18.0"}}
    items = [{"id": f"t-{at}", "type": "Ufo, landat ", **usual} for at in range(3)]
    plain = tmp_path / "more.jsonl"
    plain.write_text("\n".join(json.dumps(one) for one in items))
    done = run(
        *("replay", "polisen", str(plain), "--json"),
        *("--pack", str(pack), "--data", str(stack.data)),
    )
    said = json.loads(done.stdout)
    assert said["unmapped"] == {"Ufo, landat ": 3}
    assert (said["ok"], said["sent"], done.returncode) == (False, 0, 1)
    assert counts_once_still(stack.ready["postgres"], EVENTS) == before


def test_an_ordinary_key_may_not_load_history(
    first: dict[str, Any], stack: RunningStack, pack: Path, tmp_path: Path
) -> None:
    before = counts_once_still(stack.ready["postgres"], EVENTS)
    with gzip.open(ARCHIVE, "rt", encoding="utf-8") as lines:
        old = json.loads(next(lines))
    plain = tmp_path / "old.jsonl"
    plain.write_text(json.dumps({**old, "id": "another"}))
    done = run(
        *("replay", "polisen", str(plain), "--json", "--pack", str(pack)),
        LAGESBILD_INGEST_URL=stack.ready["ingest"],
        LAGESBILD_KEY=stack.key("police"),
    )
    said = json.loads(done.stdout)
    assert (said["accepted"], said["reasons"], done.returncode) == (0, {"too_late": 1}, 1)
    assert counts_once_still(stack.ready["postgres"], EVENTS) == before


def test_a_key_from_the_environment_serves_as_well(
    stack: RunningStack, pack: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"id": 1}\n')
    done = run(
        *("--lang", "en", "replay", "polisen", str(empty), "--pack", str(pack)),
        LAGESBILD_INGEST_URL=stack.ready["ingest"],
        LAGESBILD_KEY=stack.key("police", "history"),
    )
    assert done.returncode == 1  # the line is no event
    assert "1 unreadable lines" in done.stdout
