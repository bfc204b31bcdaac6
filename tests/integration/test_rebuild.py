"""A new generation beside the live one: compared, put in its place while counting goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from deploy.schema.register import register
from services.aggregator.audit import recount
from services.aggregator.rebuild.run import RebuildOptions, Rebuilt, rebuild
from services.anonymizer.domain.anonymize import Anonymizer, Opened
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.municipality import municipality
from shared.api_keys import ApiKeys, new_key
from shared.errors import ConfigurationError
from shared.language import Text
from shared.messages.codec import encode
from shared.messages.event import Event
from shared.messages.report import Location, Report
from shared.pack import load_pack
from shared.pack.geometry import load_divisions
from shared.progress import Shown
from tests.integration.test_aggregator_counting import (
    READ,
    an_aggregator,
    an_event,
    cells,
    publish,
    until,
    withdrawn,
)
from tests.support.servers import Database
from tests.support.towns import Land, write_town

CHANGE = "2025-06-01"
MIDNIGHT = datetime(2025, 5, 31, 22, tzinfo=UTC)  # when that day begins in Stockholm
GENERATION = "select generation from counting.generation"


class Silent:
    """Shows nothing."""

    def __call__(self, done: int, total: int) -> None:
        pass

    def step(self, what: Text) -> None:
        pass


async def rebuilt(
    kafka: str, prefix: str, database: Database, *, shown: Shown | None = None, **options: bool
) -> Rebuilt:
    return await rebuild(
        RebuildOptions(owner_dsn=database.owner_dsn, kafka=kafka, topic_prefix=prefix, **options),
        shown or Silent(),
    )


@asynccontextmanager
async def owner(database: Database) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def test_counting_goes_on_through_the_switch_and_ends_exact(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    async with an_aggregator(kafka, topic_prefix, database):
        first = [*map(an_event, range(1, 401)), an_event(2, version=2, area="102")]
        await publish(kafka, topic_prefix, first)
        await until(database, READ, lambda read: read == 401)
        making = asyncio.create_task(rebuilt(kafka, topic_prefix, database))
        await publish(kafka, topic_prefix, [an_event(number) for number in range(401, 801)])
        done = await making
        await publish(kafka, topic_prefix, [withdrawn(1, version=2), an_event(900)])
        await until(database, READ, lambda read: read == 803)
    assert done.ok
    assert done.generation == 2
    assert await until(database, GENERATION, bool) == 2
    counted = await cells(database)
    assert sum(n for (tier, _, _), n in counted.items() if tier == "day") == 800
    assert (await recount(database.owner_dsn)).ok


async def test_cells_that_drifted_are_told_and_mended(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, [an_event(1), an_event(2)])
        await until(database, READ, lambda read: read == 2)
    async with owner(database) as connection:
        # The two events may lie in two lanes of one cell: all of it is said in the first.
        await connection.execute("update counting.hour_cell set reports = 0, incidents = 0")
        await connection.execute(
            "update counting.hour_cell set reports = 7, incidents = 7"
            " where lane = (select min(lane) from counting.hour_cell)"
        )
    dry = await rebuilt(kafka, topic_prefix, database, dry_run=True)
    assert (dry.ok, dry.generation, dry.comparison.cells_apart) == (False, None, 1)
    told = dry.as_json()
    assert told["cells_apart_by_tier"] == {"minute": 0, "hour": 1, "day": 0}
    (cell,) = told["first_apart"]
    assert (cell["tier"], cell["area"], cell["indicator"]) == ("hour", "101", "arson")
    assert (cell["counted"], cell["recounted"], cell["recounted_incidents"]) == (7, 2, 2)
    assert not (await recount(database.owner_dsn)).ok
    done = await rebuilt(kafka, topic_prefix, database)
    assert (done.ok, done.generation, done.comparison.cells_apart) == (False, 2, 1)
    assert (await recount(database.owner_dsn)).ok


async def test_a_log_that_lacks_what_was_counted_is_refused(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, [an_event(1)])
        await until(database, READ, lambda read: read == 1)
    async with owner(database) as connection:
        await connection.execute("update counting.stream_offset set next_offset = next_offset + 9")
        with pytest.raises(ConfigurationError):
            await rebuilt(kafka, topic_prefix, database)
        assert await connection.fetchval(GENERATION) == 1


async def test_the_next_generation_has_the_rights_policies_and_indexes_of_the_one_before(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    catalogues = (
        (
            "select tablename, policyname, roles::text, cmd, qual from pg_policies"
            " where schemaname = 'counting' order by 1, 2"
        ),
        (
            "select relname, relacl::text, relrowsecurity from pg_class"
            " where relnamespace = 'counting'::regnamespace and relkind in ('r', 'v') order by 1"
        ),
        "select tablename, indexdef from pg_indexes where schemaname = 'counting' order by 1, 2",
    )
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, [an_event(1)])
        await until(database, READ, lambda read: read == 1)
    async with owner(database) as connection:
        before = [await connection.fetch(query) for query in catalogues]
        assert (await rebuilt(kafka, topic_prefix, database)).generation == 2
        assert [await connection.fetch(query) for query in catalogues] == before


async def test_after_the_areas_have_changed_events_keep_the_code_of_their_time(
    kafka: str, topic_prefix: str, database: Database, tmp_path: Path
) -> None:
    """112 is cut in two; what is read again, or corrected, after that stays in 112."""
    lands = {
        "before": [Land("112", 1, 2), Land("211", 2, 3)],
        "after": [
            Land("112", 1, 2, valid_to=CHANGE),
            Land("113", 1, 1.5, valid_from=CHANGE),
            Land("114", 1.5, 2, valid_from=CHANGE),
            Land("211", 2, 3),
        ],
    }
    packs = {name: load_pack(write_town(tmp_path / name, areas)) for name, areas in lands.items()}
    old, new = (Anonymizer([municipality(pack, *load_divisions(pack))]) for pack in packs.values())
    then, now = MIDNIGHT - timedelta(hours=3), MIDNIGHT + timedelta(hours=3)
    keys = ApiKeys(actors={"fire": {"report": new_key(), "read": new_key()}}, owner=new_key())
    async with an_aggregator(kafka, topic_prefix, database):
        await register(database.owner_dsn, packs["before"], keys=keys)
        await publish(kafka, topic_prefix, [located(old, n, then) for n in range(1, 9)])
        await until(database, READ, lambda read: read == 8)
        await register(database.owner_dsn, packs["after"], keys=keys)
        again = [located(new, n, then, version=n % 2 + 1) for n in range(1, 9)]
        fresh = [located(new, n, now, east=1.2 + n % 2 / 2) for n in range(11, 15)]
        await publish(kafka, topic_prefix, [*again, *fresh])
        await until(database, READ, lambda read: read == 20)
        before = await cells(database)
        done = await rebuilt(kafka, topic_prefix, database)
    assert (done.ok, done.generation) == (True, 2)
    assert await cells(database) == before
    days = {(area, bucket): n for (tier, area, bucket), n in before.items() if tier == "day"}
    assert days == {
        ("112", MIDNIGHT - timedelta(days=1)): 8,
        ("113", MIDNIGHT): 2,
        ("114", MIDNIGHT): 2,
    }


def located(
    anonymizer: Anonymizer, number: int, at: datetime, *, version: int = 1, east: float = 1.3
) -> Event:
    report = Report(
        municipality="0012",
        actor="fire",
        version=version,
        received_at=at,
        indicator="bin_fire",
        occurred_at=at,
        location=Location(lat=59.05, lon=17.0 + east / 10),
    )
    (made,) = anonymizer.anonymize([Opened(UUID(int=number), encode(report))])
    assert isinstance(made, Anonymized)
    return made.event
