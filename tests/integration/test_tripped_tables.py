"""The canary's look into the database leaves out no schema, also not one of which it has never heard."""

import asyncpg

from tests.support.servers import Database
from tests.support.tripped import texts_of_tables, tripped

PERSON = "880320\u20110016"  # made up; from the description of a package
A_DECISION = f"""
(event_id, version, seq, received_ms, part, municipality, event, surplus, possible_duplicate, placed)
values (gen_random_uuid(), 1, 1, 0, 0, '{PERSON}', convert_to('{{"area":"{PERSON}"}}', 'UTF8'),
        false, false, false)
"""
WRITTEN = (
    ("quality.located.method", f"values ('9998', 'fire', now(), '{PERSON}', 'good', 1)"),
    ("intake.lost_report.actor", f"values ('9998', '{PERSON}', gen_random_uuid(), now(), now())"),
    ("linkage.municipality.code", f"values ('{PERSON}', 1)"),
    ("linkage.decision.event", A_DECISION),
)


async def test_an_identifier_in_any_schema_is_found(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        for column, values in WRITTEN:
            await connection.execute(f"insert into {column.rpartition('.')[0]} {values}")
        await connection.execute("create schema later create table kept (said text)")
        await connection.execute("insert into later.kept values ($1)", PERSON)
    finally:
        await connection.close()
    found = tripped(await texts_of_tables(database.owner_dsn))
    also = {"later.kept.said", "linkage.decision.municipality"}
    assert {where for where, _, _ in found} == {column for column, _ in WRITTEN} | also
