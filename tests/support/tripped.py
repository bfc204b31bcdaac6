"""The tripwire held against all that comes out: events, answers, pushes, logs, metrics, tables.

Looked at is text. Ids, digests, instants and numbers are left out by their type: as a JSON type, as a
column's type, or because the whole word has the written form of one.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import asyncpg
import httpx2
from prometheus_client.parser import text_string_to_metric_families

from shared.topics import DEAD_REPORTS, EVENTS, STATISTICS
from shared.tripwire import found_in
from tests.support.canary import records_of

Place = tuple[str, str]
"""Where something stands, and its text."""

_BY_TYPE = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([.,]\d+)?(Z|[+-]\d\d:?\d\d)?"  # an instant
    r"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"  # an id
    r"|\b[0-9a-f]{32,}\b"  # a digest
)
_IDS = frozenset({"owner", "lease_owner", "log_id", "sha256", "webhook_id"})
"""Columns of text whose content is made by us and is random: processes, clusters, digests."""

_COLUMNS = """
select c.table_schema, c.table_name, c.column_name, c.data_type
from information_schema.columns as c
inner join information_schema.tables as t using (table_schema, table_name)
where
    t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')
    and c.data_type in ('text', 'ARRAY', 'json', 'jsonb', 'character varying', 'bytea')
order by 1, 2, 3
"""


def tripped(places: Iterable[Place]) -> list[tuple[str, str, str]]:
    """Every hit: where, as what, and in which text; all that a canary test sends is made up."""
    return [
        (where, found.kind.value, text)
        for where, text in places
        for found in found_in(_BY_TYPE.sub(" ", text))
    ]


def texts_in(where: str, content: bytes) -> Iterator[Place]:
    """The texts of JSON, of NDJSON, or of lines that are neither."""
    for line in content.decode(errors="replace").splitlines():
        try:
            yield from ((where, text) for text in _texts(json.loads(line)))
        except ValueError:
            yield where, line


async def texts_of_topics(kafka: str) -> list[Place]:
    """The texts of every record in the clear; of a dead letter the headers that we write."""
    found: list[Place] = []
    for topic in (EVENTS, STATISTICS):
        for record in await records_of(kafka, topic):
            found += texts_in(topic.name, record.value or b"")
    for record in await records_of(kafka, DEAD_REPORTS):
        headers = dict(record.headers)
        found += [(DEAD_REPORTS.name, headers[name].decode()) for name in ("reason", "stage")]
    return found


def texts_of_metrics(urls: Mapping[str, str]) -> Iterator[Place]:
    """The names and labels of every metric; their values are numbers."""
    for service, url in urls.items():
        for family in text_string_to_metric_families(httpx2.get(url).text):
            for sample in family.samples:
                for text in (sample.name, *sample.labels.values()):
                    yield f"metrics of {service}", text


async def texts_of_tables(dsn: str) -> list[Place]:
    """The texts of every column of every schema that can hold one, once each."""
    connection = await asyncpg.connect(dsn)
    found: list[Place] = []
    try:
        for schema, table, column, kind in await connection.fetch(_COLUMNS):
            if column in _IDS:
                continue
            where = f"{schema}.{table}.{column}"
            values = await connection.fetch(
                f'select distinct "{column}" as held from "{schema}"."{table}"'
            )
            for (held,) in values:
                found += ((where, text) for text in _held(held, kind))
    finally:
        await connection.close()
    return found


def _held(held: Any, kind: str) -> Iterator[str]:
    match kind, held:
        case (_, None):
            return
        case (
            "bytea",
            _,
        ):  # a stored push and a stored event are JSON; the others are ids, digests and secrets
            with suppress(ValueError):
                yield from _texts(json.loads(held))
        case ("json" | "jsonb", _):
            yield from _texts(json.loads(held))
        case _:
            yield from _texts(held)


def _texts(value: Any) -> Iterator[str]:
    """Every string of a value, names of members too."""
    match value:
        case str():
            yield value
        case dict():
            for name, held in value.items():
                yield from (str(name), *_texts(held))
        case list() | tuple():
            for held in value:
                yield from _texts(held)
        case _:  # a number, an instant, yes or no: no text by its type
            return
