"""The audit chain: whoever changes it, even as the database's owner, is found out."""

import asyncio

import asyncpg
import pytest

from services.delivery.audit import BrokenChain, broken_chains
from tests.support.delivery import owner_executes, owner_reads, registered
from tests.support.servers import Database

KIND = "counts_read"


@pytest.fixture
async def chained(database: Database) -> Database:
    """A database with a chain of five entries."""
    await registered(database)
    await append(database, 5)
    return database


async def append(database: Database, times: int) -> None:
    connection = await asyncpg.connect(database.dsn("lagesbild_delivery"))
    try:
        for number in range(times):
            await connection.execute(
                "select audit.append('9998', $1, 'fire', jsonb_build_object('n', $2::int))",
                KIND,
                number,
            )
    finally:
        await connection.close()


async def tampered(database: Database, statement: str) -> None:
    """What only an owner who means it can do."""
    await owner_executes(database, "alter table audit.entry disable trigger append_only")
    await owner_executes(database, statement)
    await owner_executes(database, "alter table audit.entry enable trigger append_only")


async def test_a_chain_that_nobody_touched_is_whole(chained: Database) -> None:
    assert await broken_chains(chained.owner_dsn) == []


async def test_an_installation_without_entries_is_whole(database: Database) -> None:
    assert await broken_chains(database.owner_dsn) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update audit.entry set kind = 'x'",
        "delete from audit.entry",
        "truncate audit.entry",
    ],
)
async def test_the_chain_refuses_every_change(chained: Database, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await owner_executes(chained, statement)


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("update audit.entry set actor = 'police' where seq = 3", 3),
        ("update audit.entry set actor = null where seq = 3", 3),
        ("update audit.entry set detail = '{}' where seq = 2", 2),
        ("update audit.entry set made_at = made_at + interval '1 microsecond' where seq = 4", 4),
        ("update audit.entry set kind = 'other' where seq = 1", 1),
        ("delete from audit.entry where seq = 1", 1),
        ("delete from audit.entry where seq = 3", 3),
        ("delete from audit.entry where seq = 5", 5),
        ("delete from audit.entry", 1),
        ("delete from audit.head", 6),
        ("update audit.head set seq = 4", 6),
    ],
)
async def test_what_an_owner_changes_is_found(chained: Database, statement: str, seq: int) -> None:
    await tampered(chained, statement)
    assert await broken_chains(chained.owner_dsn) == [BrokenChain("9998", seq)]


async def test_an_entry_with_a_right_hash_in_the_wrong_place_is_found(chained: Database) -> None:
    await tampered(
        chained,
        """update audit.entry set detail = '{}', hash = audit.hash_of(
            previous, municipality, seq, made_at, kind, actor, role, '{}') where seq = 2""",
    )
    assert await broken_chains(chained.owner_dsn) == [BrokenChain("9998", 3)]


async def test_entries_that_are_appended_at_once_make_one_chain(chained: Database) -> None:
    await asyncio.gather(*(append(chained, 20) for _ in range(6)))
    numbers = await owner_reads(chained, "select seq from audit.entry order by seq")
    assert [seq for (seq,) in numbers] == list(range(1, 126))
    assert await broken_chains(chained.owner_dsn) == []


async def test_what_is_rolled_back_leaves_no_entry(chained: Database) -> None:
    connection = await asyncpg.connect(chained.dsn("lagesbild_delivery"))
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select audit.append('9998', $1, null, '{}')", KIND)
        await transaction.rollback()
    finally:
        await connection.close()
    assert await owner_reads(chained, "select count(*) from audit.entry") == [(5,)]
    assert await broken_chains(chained.owner_dsn) == []
