"""on_reports in memory: what real Kafka does too seldom to wait for."""

import asyncio
import time
from typing import Any
from uuid import UUID

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaTimeoutError,
    OutOfOrderSequenceNumber,
)
from faststream.kafka import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from structlog.testing import capture_logs

from services.anonymizer.domain.limit import DeadLetterLimitReachedError
from services.anonymizer.domain.progress import SkippedRecordsError
from services.anonymizer.domain.steps import Step
from shared.messages.codec import decoder
from shared.messages.event import Event
from shared.quality import Confidence
from shared.topics import DEAD_REPORTS, EVENTS, REPORTS
from tests.support.anonymizer_stage import (
    STARTED,
    Stage,
    a_record,
    a_stage,
)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return a_stage(monkeypatch)


async def test_events_and_dead_letters_keep_partition_key_and_timestamp(stage: Stage) -> None:
    await stage.on([a_record(0), a_record(1, bad=True), a_record(7, partition=3)])
    assert [
        (topic, partition, record["key"], record["timestamp"])
        for topic, partition, record in stage.producer.sent
    ] == [
        (EVENTS.name, 0, UUID(int=0).bytes, STARTED),
        (EVENTS.name, 3, UUID(int=7).bytes, STARTED + 7),
        (DEAD_REPORTS.name, 0, UUID(int=1).bytes, STARTED + 1),
    ]
    event = decoder(Event).decode(stage.producer.sent[1][2]["value"])
    assert event.event_id == UUID(int=7)
    assert stage.consumer.commits == [
        {TopicPartition(REPORTS.name, 0): 2, TopicPartition(REPORTS.name, 3): 8}
    ]
    assert stage.crashes == []


async def test_quality_is_counted_after_the_events_are_out_and_before_the_offsets(
    stage: Stage,
) -> None:
    await stage.on([a_record(0), a_record(1, bad=True), a_record(7, partition=3)])
    assert stage.quality.counted == [([Confidence.EXACT, None, Confidence.EXACT], {0: 2, 3: 8}, 3)]
    assert len(stage.consumer.commits) == 1


async def test_what_is_not_counted_is_not_committed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_given: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(stage.quality, "count", never)
    await stage.on([a_record(0)])
    assert [type(one) for one in stage.crashes] == [ZeroDivisionError]
    assert stage.consumer.commits == []


async def test_nothing_is_committed_before_everything_is_acknowledged(stage: Stage) -> None:
    stage.producer.at_once = False
    with capture_logs() as logs:
        working = asyncio.create_task(stage.on([a_record(0), a_record(1, partition=1)]))
        while not any(line["event"] == "acknowledgement_awaited" for line in logs):
            await asyncio.sleep(0)
    first, second = stage.producer.waiting
    first.set_result(None)
    await asyncio.sleep(0.03)
    assert stage.consumer.commits == []
    second.set_result(None)
    await working
    assert len(stage.consumer.commits) == 1
    assert len(stage.producer.sent) == 2


async def test_a_send_that_fails_for_good_ends_the_process_without_a_commit(stage: Stage) -> None:
    stage.producer.at_once = False
    working = asyncio.create_task(stage.on([a_record(0), a_record(1, partition=1)]))
    while len(stage.producer.waiting) < 2:
        await asyncio.sleep(0)
    stage.producer.waiting[0].set_exception(OutOfOrderSequenceNumber())
    await working
    assert [type(one) for one in stage.crashes] == [OutOfOrderSequenceNumber]
    assert stage.consumer.commits == []


async def test_a_batch_that_the_producer_has_no_room_for_is_offered_again(stage: Stage) -> None:
    stage.producer.refusals = [KafkaTimeoutError(), KafkaTimeoutError()]
    await stage.on([a_record(0)])
    assert stage.producer.topics() == [EVENTS.name]
    assert len(stage.consumer.commits) == 1
    assert stage.crashes == []


@pytest.mark.parametrize(
    "failure", [CommitFailedError(), IllegalStateError(), TimeoutError(), OSError()], ids=repr
)
async def test_a_commit_that_fails_is_harmless(stage: Stage, failure: Exception) -> None:
    stage.consumer.failure = failure
    await stage.on([a_record(0)])
    stage.consumer.failure = None
    await stage.on([a_record(1)])
    assert stage.consumer.commits == [{TopicPartition(REPORTS.name, 0): 2}]
    assert stage.crashes == []


async def test_without_a_consumer_nothing_is_committed(stage: Stage) -> None:
    stage.membership.follow(lambda: None)
    await stage.on([a_record(0)])
    assert stage.crashes == []
    assert not stage.membership.is_fetching(time.time())
    assert stage.membership.lag() == 0


async def test_a_batch_that_was_never_handed_over_ends_the_process(stage: Stage) -> None:
    await stage.on([a_record(0), a_record(1)])
    await stage.on([a_record(3)])
    assert [type(one) for one in stage.crashes] == [SkippedRecordsError]
    assert stage.consumer.commits == [{TopicPartition(REPORTS.name, 0): 2}]
    assert len(stage.producer.sent) == 2


async def test_a_partition_that_comes_back_may_be_further_on(stage: Stage) -> None:
    await stage.on([a_record(0)])
    stage.membership.on_partitions_revoked([TopicPartition(REPORTS.name, 0)])
    await stage.membership.on_partitions_assigned([TopicPartition(REPORTS.name, 0)])
    await stage.on([a_record(90)])
    assert stage.crashes == []


async def test_a_long_run_of_bad_reports_ends_the_process_and_buries_none(stage: Stage) -> None:
    await stage.on([a_record(offset, bad=True) for offset in range(5)])
    assert [type(one) for one in stage.crashes] == [DeadLetterLimitReachedError]
    assert stage.producer.sent == []
    assert stage.consumer.commits == []


async def test_an_error_nobody_expected_ends_the_process_and_does_not_escape(stage: Stage) -> None:
    message = KafkaMessage((object(),), None, consumer=FAKE_CONSUMER)
    await stage.anonymizing.on_reports(message)
    assert [type(one) for one in stage.crashes] == [AttributeError]


async def test_a_batch_in_hand_can_be_cancelled(stage: Stage) -> None:
    stage.producer.at_once = False
    working = asyncio.create_task(stage.on([a_record(0)]))
    while not stage.producer.waiting:
        await asyncio.sleep(0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert stage.crashes == []
    assert stage.consumer.commits == []


async def test_a_batch_that_is_long_in_hand_is_not_prompt(stage: Stage) -> None:
    assert stage.anonymizing.is_prompt()
    stage.anonymizing._began_at = time.monotonic() - 11
    assert not stage.anonymizing.is_prompt()
    await stage.on([a_record(0)])
    assert stage.anonymizing.is_prompt()


async def test_the_group_is_settled_between_assignment_and_revocation(stage: Stage) -> None:
    membership = stage.membership
    assert not membership.is_settled()
    await membership.on_partitions_assigned([])
    assert membership.is_settled()
    membership.on_partitions_revoked([])
    assert not membership.is_settled()


@pytest.mark.parametrize(
    ("fetched_ms", "fetching"), [(None, False), (995_000, True), (985_000, False)]
)
def test_kafka_must_have_answered_a_fetch_lately(
    stage: Stage, fetched_ms: int | None, fetching: bool
) -> None:
    stage.consumer.assigned = {TopicPartition(REPORTS.name, 0)}
    stage.consumer.fetched_ms = fetched_ms
    assert stage.membership.is_fetching(1000.0) is fetching


def test_a_member_without_partitions_has_nothing_to_fetch(stage: Stage) -> None:
    assert stage.membership.is_fetching(1000.0)


async def test_the_lag_is_what_kafka_has_beyond_us(stage: Stage) -> None:
    assert stage.membership.lag() == 0
    stage.consumer.assigned = {TopicPartition(REPORTS.name, 0), TopicPartition(REPORTS.name, 1)}
    stage.consumer.end = 12
    await stage.on([a_record(0), a_record(1)])
    assert stage.membership.lag() == 10


async def test_every_step_of_a_batch_is_timed_once(stage: Stage) -> None:
    await stage.on([a_record(0), a_record(1)])
    counts = {
        step: stage.registry.get_sample_value(
            "lagesbild_step_duration_seconds_count", {"step": step}
        )
        for step in Step
    }
    of_linking = {Step.LINK_KNOWN, Step.LINK_DECIDE, Step.LINK_TOKENS, Step.LINK_STORE}
    assert counts == {step: 0.0 if step in of_linking else 1.0 for step in Step}
