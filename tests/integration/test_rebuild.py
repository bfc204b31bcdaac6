"""A new generation beside the live one: compared, put in its place while counting goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from services.aggregator.audit import recount
from services.aggregator.rebuild.run import RebuildOptions, Rebuilt, rebuild
from shared.errors import ConfigurationError
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

GENERATION = "select generation from counting.generation"


async def rebuilt(kafka: str, prefix: str, database: Database, **options: bool) -> Rebuilt:
    return await rebuild(
        RebuildOptions(owner_dsn=database.owner_dsn, kafka=kafka, topic_prefix=prefix, **options),
        lambda _done, _total: None,
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
        await connection.execute("update counting.hour_cell set reports = 7, incidents = 7")
    dry = await rebuilt(kafka, topic_prefix, database, dry_run=True)
    assert (dry.ok, dry.generation, dry.comparison.cells_apart) == (False, None, 1)
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
