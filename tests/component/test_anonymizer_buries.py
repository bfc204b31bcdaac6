"""What on_reports cannot publish: dead letters, lost reports, events that trip the wire."""

import asyncio
import dataclasses
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    CommitFailedError,
)
from structlog.testing import capture_logs

from services.anonymizer.domain import tripwire
from services.anonymizer.domain.lost import LostReport
from shared.errors import DeadReason
from shared.messages.codec import encode
from shared.sealing import (
    ACTOR_HEADER,
    MUNICIPALITY_HEADER,
    Opener,
    Origin,
)
from shared.topics import DEAD_REPORTS, EVENTS, REPORTS
from shared.tripwire import Kind
from tests.support.anonymizer_stage import (
    FIRE,
    KEY,
    LETTER_KEY,
    LETTER_PRIVATE,
    SEALER,
    STARTED,
    Stage,
    a_record,
    a_sealed,
    a_stage,
)
from tests.unit.anonymizer.builders import NOON, a_report


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return a_stage(monkeypatch)


def letters(stage: Stage) -> list[tuple[str, str, bytes, Origin]]:
    """Reason, what is in it, that opened, and whose each dead letter is."""
    opener = Opener({LETTER_KEY.id: LETTER_PRIVATE}.get, topic=DEAD_REPORTS.name)
    found = []
    for topic, _, record in stage.producer.sent:
        if topic == DEAD_REPORTS.name:
            named = dict(record["headers"])
            origin = Origin(named[MUNICIPALITY_HEADER].decode(), named[ACTOR_HEADER].decode())
            plain = opener.open(record["value"], tuple(record["headers"][:5]), record["key"])
            found.append((named["reason"].decode(), named["content"].decode(), plain, origin))
    return found


async def test_a_dead_letter_is_sealed_anew_to_a_key_of_its_own(stage: Stage) -> None:
    unknown = encode(a_report(indicator="none"))
    event = UUID(int=1)
    sealed = SEALER.sealing(KEY, FIRE, NOON).seal(unknown, event)
    await stage.on([a_sealed(1, sealed), a_record(2, bad=True)])
    first, second = letters(stage)
    assert first == ("unknown_indicator", "report", unknown, FIRE)
    assert second[:2] == ("not_sealed", "record")
    assert second[3] == Origin("-", "-")
    key, value, headers = msgspec.msgpack.decode(second[2])
    assert (key, value) == (UUID(int=2).bytes, b"junk")
    assert tuple(map(tuple, headers)) == sealed.headers


async def test_a_record_that_was_given_to_another_actor_is_a_dead_letter(stage: Stage) -> None:
    good = a_record(1)
    headers = [(name, b"police" if name == ACTOR_HEADER else value) for name, value in good.headers]
    await stage.on([dataclasses.replace(good, headers=tuple(headers))])
    assert [one[:2] for one in letters(stage)] == [(DeadReason.NOT_OPENED, "record")]


async def test_a_report_whose_key_was_destroyed_is_noted_as_lost_before_its_offset(
    stage: Stage,
) -> None:
    await stage.on([a_record(0)])  # what opens it is remembered
    stage.keys.destroy()
    stage.losses.failures = [TimeoutError(), OSError()]
    await stage.on([a_record(1), a_record(2)])
    received = [datetime.fromtimestamp((STARTED + one) / 1000, UTC) for one in (1, 2)]
    assert stage.losses.noted == [
        LostReport("9998", "fire", UUID(int=one), at)
        for one, at in zip((1, 2), received, strict=True)
    ]
    assert stage.producer.topics() == [EVENTS.name]
    partition = TopicPartition(REPORTS.name, 0)
    assert stage.consumer.commits[-1] == {partition: 3}
    assert all(one == {partition: 1} for one in stage.consumer.commits[:-1])
    assert stage.crashes == []


async def test_a_key_that_nobody_knows_is_not_a_loss_but_a_dead_letter(stage: Stage) -> None:
    stage.keys.known.clear()
    stage.keys.destroy()
    await stage.on([a_record(1)])
    assert stage.losses.noted == []
    assert [one[:2] for one in letters(stage)] == [(DeadReason.UNKNOWN_KEY, "record")]


async def test_who_has_lost_its_partitions_meanwhile_calls_nothing_lost(stage: Stage) -> None:
    stage.keys.destroy()
    stage.consumer.failure = CommitFailedError()
    working = asyncio.create_task(stage.on([a_record(1)]))
    await asyncio.sleep(0.01)
    stage.membership.on_partitions_revoked([TopicPartition(REPORTS.name, 0)])
    await working
    assert stage.losses.noted == []
    assert stage.producer.sent == []
    assert stage.consumer.commits == []
    assert stage.crashes == []


async def test_an_event_that_trips_the_wire_is_a_dead_letter_a_metric_and_an_error(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tripwire, "kinds_in_code", lambda code: {Kind.PHONE} if code else set())
    with capture_logs() as logs:
        await stage.on([a_record(0), a_record(1)])
    assert stage.producer.topics() == [DEAD_REPORTS.name] * 2
    headers = [dict(record["headers"]) for _, _, record in stage.producer.sent]
    assert {one["reason"] for one in headers} == {b"tripwire"}
    assert stage.registry.get_sample_value("lagesbild_tripwire_hits_total") == 2
    assert [one for one in logs if one["event"] == "tripwire_hit"] == [
        {"event": "tripwire_hit", "count": 2, "log_level": "error"}
    ]
    assert stage.consumer.commits  # it is done with: nothing waits behind it


async def test_hits_are_counted_from_zero(stage: Stage) -> None:
    assert stage.registry.get_sample_value("lagesbild_tripwire_hits_total") == 0
    await stage.on([a_record(0), a_record(1, bad=True)])
    assert stage.registry.get_sample_value("lagesbild_tripwire_hits_total") == 0
