"""What an actor is told of its reports has a term (decision 0029)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from services.anonymizer.retention import forget
from services.ingest.handlers.quality import MOST_DAYS
from shared.windows import STOCKHOLM
from tests.support.linking import a_pool
from tests.support.servers import Database

FIRE = ("9998", "fire")
KEPT = timedelta(days=400)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def forgotten(database: Database, *, by_a_clock_at: datetime) -> None:
    async with a_pool(database) as pool:
        await forget(pool, by_a_clock_at, kept=KEPT)


async def test_a_lost_report_is_told_for_90_days_after_it_was_noticed(database: Database) -> None:
    now = datetime.now(UTC)
    noticed = [now - timedelta(days=days) for days in (89, 91)]
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.executemany(
            "insert into intake.lost_report values ($1, $2, $3, $4, $5)",
            [(*FIRE, UUID(int=at), LONG_AGO, when) for at, when in enumerate(noticed)],
        )
        await forgotten(database, by_a_clock_at=now)
        left = await owner.fetch("select event_id from intake.lost_report")
    finally:
        await owner.close()
    assert [row["event_id"] for row in left] == [UUID(int=0)]


async def test_quality_is_kept_for_as_long_as_it_can_be_asked(database: Database) -> None:
    today = datetime.now(UTC).astimezone(STOCKHOLM).date()
    first = today - timedelta(days=MOST_DAYS - 2)  # midnight may pass before it is deleted
    days = [first, first - timedelta(days=3), date(2020, 1, 1)]
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.executemany(
            "insert into quality.located values ($1, $2, $3, 'point', 'good', 1)",
            [(*FIRE, day) for day in days],
        )
        await forgotten(database, by_a_clock_at=LONG_AGO)  # the database's own clock counts
        left = await owner.fetch("select day from quality.located")
    finally:
        await owner.close()
    assert [row["day"] for row in left] == [first]


async def test_the_anonymizer_deletes_by_term_and_nothing_else(database: Database) -> None:
    async with a_pool(database) as pool:
        for table in ("intake.lost_report", "quality.located"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(f"delete from {table}")


async def test_no_function_with_the_owners_rights_takes_a_callers_types(database: Database) -> None:
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        rows = await owner.fetch(
            "select proname, proconfig from pg_proc"
            " where prosecdef and pronamespace::regnamespace::text not like 'pg\\_%'"
        )
    finally:
        await owner.close()
    paths = {row["proname"]: str(row["proconfig"]) for row in rows}
    assert {"forget_lost_reports", "forget_located"} < paths.keys()
    assert [name for name, path in paths.items() if "pg_temp" not in path.split(",")[-1]] == []


async def test_nobody_else_may_have_it_deleted(database: Database) -> None:
    for role in ("ingest", "aggregator", "delivery"):
        connection = await asyncpg.connect(database.dsn(f"lagesbild_{role}"))
        try:
            for call in ("intake.forget_lost_reports()", "quality.forget_located()"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(f"select {call}")
        finally:
            await connection.close()
