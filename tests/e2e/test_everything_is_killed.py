"""G1 under kill -9 in an installation as people run it; every other part is in `test_chaos.py`."""

import asyncio
import json
import time
from collections import Counter
from datetime import UTC

import asyncpg
import pytest

from shared.kafka import administration, committed_offsets, offsets_of, reading
from shared.pack import load_pack
from shared.topics import ANONYMIZER_GROUP, DEFAULT_PARTITIONS, EVENTS, REPORTS
from tests.support.load import Cell, Load, Oracle, drive
from tests.support.stack import ROOT, RunningStack, run

DEMO_PACK = ROOT / "deploy" / "municipalities" / "demo"
DRAIN_SECONDS = 120


@pytest.mark.parametrize("victim", ["aggregator", "kafka"])
async def test_a_part_is_killed_under_load_and_every_report_counts_once(
    stack: RunningStack, victim: str
) -> None:
    areas = tuple(area.code for area in load_pack(DEMO_PACK).areas[::7])
    load, oracle = Load(areas=areas, tag=f"killed-{victim}", seed=7), Oracle()
    before = await counted_once_nothing_waits(stack)
    enough = asyncio.Event()
    sending = asyncio.create_task(
        drive(load, oracle, stack.ready["ingest"], key=stack.key("fire"), until=enough)
    )
    await accepted(oracle, at_least=500)
    old = stack.kill(victim)
    await asyncio.to_thread(stack.await_restart, victim, old)
    await accepted(oracle, at_least=oracle.accepted + 500)
    enough.set()
    await sending
    expected = before + oracle.cells()
    assert await drained(stack, expected) == expected
    audit = run("audit", "--json", "--data", str(stack.data))
    assert json.loads(audit.stdout)["ok"], audit.stdout


async def accepted(oracle: Oracle, *, at_least: int) -> None:
    deadline = time.monotonic() + 120
    while oracle.accepted < at_least:
        assert time.monotonic() < deadline, "ingest accepts nothing any more"
        await asyncio.sleep(0.05)


async def counted_once_nothing_waits(stack: RunningStack) -> Counter[Cell]:
    """What others have reported before us may be on its way: counted later, it would seem ours."""
    async with asyncio.timeout(DRAIN_SECONDS):
        while not await nothing_waits(stack):
            await asyncio.sleep(0.2)
    return await counted(stack)


async def nothing_waits(stack: RunningStack) -> bool:
    """Whether each report is anonymized, and then each event counted."""
    kafka = stack.ready["kafka"]
    async with (
        reading(kafka, client_id="test", within_seconds=DRAIN_SECONDS) as reader,
        administration(kafka) as admin,
    ):
        done = await committed_offsets(admin, ANONYMIZER_GROUP, REPORTS.name, DEFAULT_PARTITIONS)
        reports = await offsets_of(reader, REPORTS.name, DEFAULT_PARTITIONS)
        if any(done.get(at, there.start) < there.stop for at, there in reports.items()):
            return False
        events = await offsets_of(reader, EVENTS.name, DEFAULT_PARTITIONS)
    connection = await asyncpg.connect(stack.ready["postgres"])
    try:
        read = await connection.fetchval(
            "select coalesce(sum(next_offset), 0) from counting.stream_offset where topic = $1",
            EVENTS.name,
        )
    finally:
        await connection.close()
    return bool(read == sum(there.stop for there in events.values()))


async def drained(stack: RunningStack, expected: Counter[Cell]) -> Counter[Cell]:
    """The counted cells, as soon as they are as expected, or after the time for it."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while (found := await counted(stack)) != expected and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    return found


async def counted(stack: RunningStack) -> Counter[Cell]:
    """Every minute cell as the database has it; it may be starting again just now."""
    while True:
        try:
            connection = await asyncpg.connect(stack.ready["postgres"], timeout=5)
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.1)
            continue
        try:
            rows = await connection.fetch(
                "select * from counting.cell where tier = 'minute' and reports <> 0"
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            continue
        finally:
            await connection.close(timeout=2)
        return Counter(
            {
                (row["area"], row["indicator"], row["bucket"].astimezone(UTC)): row["reports"]
                for row in rows
            }
        )
