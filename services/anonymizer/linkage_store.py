"""Decisions and tokens in the schema `linkage`, inside one transaction of a batch."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import msgspec

from services.anonymizer.domain.linking.mark import KEPT_MS
from shared.postgres import Connection, queries

DECISION_COLUMNS: Final = (
    "event_id",
    "version",
    "seq",
    "received_ms",
    "part",
    "municipality",
    "event",
    "incident_id",
    "founder_id",
    "founder_version",
    "surplus",
    "possible_duplicate",
    "placed",
    "opened_ms",
)
TOKEN_COLUMNS: Final = ("event_id", "version", "seq", "municipality", "day", "expires_at", "token")

SESSION: Final = MappingProxyType(
    {
        "enable_seqscan": "off",
        "plan_cache_mode": "force_generic_plan",
    }
)
"""A plan made while the tables were new and nearly empty must serve when they hold millions."""

_SQL = queries("services.anonymizer", "linkage.sql")


class Stored(msgspec.Struct, frozen=True, gc=False):
    """A decision as it is kept. Shape: `event` is the bytes that were published."""

    event_id: bytes
    version: int
    part: int
    event: bytes
    founder: tuple[bytes, int] | None
    incident: bytes | None
    placed: bool
    opened_ms: int | None


class Remembered(msgspec.Struct, frozen=True, gc=False):
    """What another instance needs of a decision. Shape: `token` None is none, `day` its key's."""

    event_id: bytes
    version: int
    day: date | None
    token: bytes | None
    received_ms: int
    surplus: bool
    incident: bytes | None
    founder: tuple[bytes, int] | None
    opened_ms: int | None


async def hold(connection: Connection, codes: Sequence[str]) -> Mapping[str, int]:
    """Be the only one who decides for these municipalities; how many decisions each has."""
    rows = await connection.fetch(_SQL["hold"], codes)
    if len(rows) < len(codes):
        await connection.execute(_SQL["meet"], codes)
        rows = await connection.fetch(_SQL["hold"], codes)
    return {row["code"]: row["last_seq"] for row in rows}


async def last_seq(connection: Connection, code: str) -> int:
    """How many decisions a municipality has."""
    found = await connection.fetchval(_SQL["last_seq"], code)
    return 0 if found is None else int(found)


async def known(connection: Connection, events: Iterable[UUID]) -> Mapping[bytes, list[Stored]]:
    """Every version of these events that was decided, the lowest first."""
    found: dict[bytes, list[Stored]] = {}
    for row in await connection.fetch(_SQL["known"], _array(events)):
        stored = Stored(
            event_id=row["event_id"],
            version=row["version"],
            part=row["part"],
            event=row["event"],
            founder=_founder(row),
            incident=row["incident_id"],
            placed=row["placed"],
            opened_ms=row["opened_ms"],
        )
        found.setdefault(stored.event_id, []).append(stored)
    return found


async def events_of(
    connection: Connection, founders: Sequence[tuple[bytes, int]]
) -> Mapping[tuple[bytes, int], tuple[int, bytes]]:
    """Partition and published bytes of each of these versions."""
    if not founders:
        return {}
    ids, versions = _array(UUID(bytes=one) for one, _ in founders), [one for _, one in founders]
    rows = await connection.fetch(_SQL["founders"], ids, versions)
    return {(row["event_id"], row["version"]): (row["part"], row["event"]) for row in rows}


async def remembered(connection: Connection, municipality: str, now: datetime) -> list[Remembered]:
    """Every report of the municipality whose token lives, in the order of the decisions.

    And those of their incidents without one, whose `received_ms` and `surplus` say nothing.
    """
    rows = await connection.fetch(_SQL["remembered"], municipality, now)
    return [_remembered(row) for row in rows]


async def decided_from(connection: Connection, municipality: str, seq: int) -> list[Remembered]:
    """That decision and what was decided after it, in order."""
    rows = await connection.fetch(_SQL["decided_from"], municipality, seq)
    return [_remembered(row) for row in rows]


async def write(
    connection: Connection,
    *,
    decisions: Sequence[tuple[Any, ...]],
    tokens: Sequence[tuple[Any, ...]],
    freed: Sequence[tuple[bytes, int]],
    last_seq: Mapping[str, int],
) -> None:
    """Write a batch. Shape: rows of `DECISION_COLUMNS` and `TOKEN_COLUMNS`."""
    if freed:
        ids, versions = _array(UUID(bytes=one) for one, _ in freed), [one for _, one in freed]
        await connection.execute(_SQL["free"], ids, versions)
    for table, columns, rows in (
        ("decision", DECISION_COLUMNS, decisions),
        ("token", TOKEN_COLUMNS, tokens),
    ):
        if rows:
            await connection.copy_records_to_table(
                table, schema_name="linkage", columns=columns, records=rows
            )
    await connection.execute(_SQL["advance"], list(last_seq), list(last_seq.values()))


async def forget(connection: Connection, now: datetime, *, kept: timedelta) -> None:
    """Delete the tokens whose 24 hours are over, and decisions that nobody can ask for any more.

    Unit: `kept` is how long decisions are, back from the newest one, whatever the clock says.
    """
    await connection.execute(_SQL["forget_tokens"], now)
    await connection.execute(_SQL["forget_decisions"], kept // timedelta(milliseconds=1))


def expiry(received_ms: int) -> datetime:
    """When the token of a report that was received then is deleted."""
    return datetime.fromtimestamp((received_ms + KEPT_MS) / 1000, UTC)


def _remembered(row: Mapping[str, Any]) -> Remembered:
    return Remembered(
        event_id=row["event_id"],
        version=row["version"],
        day=row["day"],
        token=row["token"],
        received_ms=row["received_ms"],
        surplus=row["surplus"],
        incident=row["incident_id"],
        founder=_founder(row),
        opened_ms=row["opened_ms"],
    )


def _founder(row: Mapping[str, Any]) -> tuple[bytes, int] | None:
    return None if row["founder_id"] is None else (row["founder_id"], row["founder_version"])


def _array(ids: Iterable[UUID]) -> str:
    """Ids as the text of an array: one parse instead of thousands of parameters."""
    return "{" + ",".join(map(str, ids)) + "}"
