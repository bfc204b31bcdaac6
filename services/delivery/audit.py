"""The other half of `lagesbild audit`: is the audit chain whole?"""

from dataclasses import dataclass

import asyncpg

from shared.postgres import queries


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """The first entry of a municipality's chain that is not what it was when it was appended."""

    municipality: str
    seq: int


async def broken_chains(owner_dsn: str) -> list[BrokenChain]:
    """Every chain that has been tampered with; empty when all are whole.

    Raises:
        asyncpg.PostgresError, OSError: the database does not answer.
    """
    connection = await asyncpg.connect(owner_dsn)
    try:
        rows = await connection.fetch(queries("services.delivery", "audit.sql")["broken_chains"])
    finally:
        await connection.close()
    return [BrokenChain(**dict(row)) for row in rows]
