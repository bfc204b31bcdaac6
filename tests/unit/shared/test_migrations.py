"""Migrations: numbered without gaps, and the program asks for the newest."""

from deploy.schema.migrate import migrations
from shared.postgres import SCHEMA_VERSION, queries


def test_the_program_needs_the_newest_migration() -> None:
    assert migrations()[-1].version == SCHEMA_VERSION


def test_named_queries_are_found() -> None:
    assert set(queries("services.aggregator")) >= {"claim", "advance", "count"}
