"""The anonymizer with its database: sealed reports of two actors in, one incident out."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import asyncpg
import msgspec
from aiokafka import ConsumerRecord
from pydantic import SecretStr

from shared.messages.codec import decoder, encode
from shared.messages.event import Event
from shared.messages.report import Location
from shared.sealing import Origin, SealingKey
from shared.topics import DEFAULT_PARTITIONS, EVENTS
from tests.integration.test_anonymizer_stream import (
    Sent,
    a_report,
    all_that_is_on,
    an_anonymizer,
    at_least,
    heard,
    id_of,
    put,
    sealed,
)
from tests.integration.test_keys_on_kafka import killed, living, old_key, settings_of
from tests.support.dying_anonymizer import AFTER_DECIDING
from tests.support.keys import OwnKeys, sealed_to, utc_now
from tests.support.servers import Database

SQUARE = Location(lat=59.2266, lon=17.0749)
FIRE = a_report(location=SQUARE)
ARSON = a_report(actor="police", indicator="arson", location=SQUARE)
EVENT = decoder(Event)


def of(found: list[ConsumerRecord], number: int) -> list[Event]:
    return [EVENT.decode(one.value) for one in found if one.key == id_of(number).bytes]


async def test_two_instances_make_one_incident_of_two_actors_reports(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    """Eight incidents, whose reports lie on partitions of both; the founder is published twice."""
    given = {"linking": "on", "postgres": SecretStr(database.dsn("lagesbild_anonymizer"))}
    events = EVENTS.named(topic_prefix)
    places = [Location(lat=59.2266, lon=17.0 + 0.015 * number) for number in range(8)]
    async with AsyncExitStack() as running:
        for _ in range(2):
            await running.enter_async_context(an_anonymizer(kafka, topic_prefix, **given))
        await put(
            kafka,
            topic_prefix,
            [
                sealed(number, msgspec.structs.replace(FIRE, location=place))
                for number, place in enumerate(places)
            ],
        )
        await heard(kafka, events, at_least(8))
        await put(
            kafka,
            topic_prefix,
            [
                sealed(100 + number, msgspec.structs.replace(ARSON, location=place))
                for number, place in enumerate(places)
            ],
        )
        found = await heard(kafka, events, at_least(24))
    incidents = set()
    for number in range(8):
        first, again = of(found, number)
        (joiner,) = of(found, 100 + number)
        assert first.incident_id is None
        assert joiner.incident_id is not None
        assert again == msgspec.structs.replace(first, incident_id=joiner.incident_id)
        incidents.add(joiner.incident_id)
    assert len(incidents) == 8
    assert len({one.partition for one in found}) > 1


async def test_a_service_that_runs_deletes_the_tokens_of_yesterday(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    """Though nothing is reported; by the clock of the service."""
    given = {"linking": "on", "postgres": SecretStr(database.dsn("lagesbild_anonymizer"))}
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.executemany(
            "insert into linkage.token values ($1, 1, 1, '9998', current_date, $2, $3)",
            [
                (id_of(number), utc_now() + timedelta(hours=hours), bytes(16))
                for number, hours in enumerate([-1, 1])
            ],
        )
        async with an_anonymizer(kafka, topic_prefix, **given), asyncio.timeout(60):
            while len(left := await owner.fetch("select event_id from linkage.token")) > 1:
                await asyncio.sleep(0.02)
    finally:
        await owner.close()
    assert [row["event_id"] for row in left] == [id_of(1)]


async def test_while_the_database_is_away_nothing_is_published_and_nothing_is_lost(
    kafka: str, topic_prefix: str, database: Database
) -> None:
    given = {"linking": "on", "postgres": SecretStr(database.dsn("lagesbild_anonymizer"))}
    events = EVENTS.named(topic_prefix)
    async with an_anonymizer(kafka, topic_prefix, **given):
        await put(kafka, topic_prefix, [sealed(1, FIRE)])
        await heard(kafka, events, at_least(1))
        async with database.away():
            await put(kafka, topic_prefix, [sealed(2, ARSON)])
            await asyncio.sleep(1.5)
            # The topic, not a metric: what is counted of a batch is counted after it is published.
            assert len(await all_that_is_on(kafka, events)) == 1
        assert len(await heard(kafka, events, at_least(3))) == 3


async def test_killed_after_it_decided_the_next_one_publishes_just_what_was_decided(
    kafka: str, topic_prefix: str, database: Database, tmp_path: Path
) -> None:
    """`kill -9` between the commit and the publishing: nothing is lost and nothing is told twice."""
    keys = OwnKeys(tmp_path / "keys")
    key, now_ms = SealingKey.of(old_key(keys).public), int(utc_now().timestamp() * 1000)
    sent = [
        Sent(
            id_of(number).bytes,
            sealed_to(
                key, encode(report), id_of(number), origin=Origin(report.municipality, report.actor)
            ),
            number % DEFAULT_PARTITIONS,
            now_ms + number,
        )
        for number, report in enumerate([FIRE, ARSON])
    ]
    settings = settings_of(keys, kafka, topic_prefix, database)
    await put(kafka, topic_prefix, sent)
    await killed(AFTER_DECIDING, settings, tmp_path / "log")
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        count = "select count(*) from linkage.decision"
        assert await owner.fetchval(count) > 0
        decided = await owner.fetch("select uuid_send(event_id) as id, event from linkage.decision")
        async with living(settings):
            found = await heard(kafka, EVENTS.named(topic_prefix), at_least(3))
        assert await owner.fetchval(count) == len(sent)
    finally:
        await owner.close()
    published = [(one.key, one.value) for one in found]
    assert {(row["id"], row["event"]) for row in decided} <= set(published)
    first, again, *_ = sorted(of(found, 0) + of(found, 1), key=lambda one: bool(one.incident_id))
    assert first.incident_id is None
    assert again.incident_id is not None
    assert len(published) == len(set(published)) == 3
