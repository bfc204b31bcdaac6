"""The publisher over a producer whose acknowledgements the test decides."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from aiokafka.errors import KafkaError, KafkaTimeoutError, OutOfOrderSequenceNumber
from aiokafka.producer.message_accumulator import BatchBuilder

from services.ingest.domain.validate import Accepted, validated
from services.ingest.publisher import (
    BacklogTooOldError,
    KafkaAwayError,
    KafkaPublisher,
    KeysAwayError,
    Limits,
    OverloadedError,
)
from shared.identity import partition_of, partition_of_key
from shared.messages.statistic import Statistic
from shared.sealing import KEY_ID_HEADER, SealingKey
from tests.support.ingest_memory import NOW, a_row, a_sender
from tests.support.keys import a_stranger

PARTITIONS = 8
SECONDS = 0.2
TURNS = 20  # of the event loop: nothing that waits for a time is over by then
AMPLE_SECONDS = 30.0  # where Kafka answers in the end, nobody is tested for how fast we are


class Producer:
    """Keeps the futures of what was sent; acknowledges at once when it `answers`."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.sent: list[tuple[int, int, asyncio.Future[Any]]] = []
        self.topics: list[str] = []
        self.key_ids: set[bytes] = set()
        self.refuses_with: KafkaError | None = None

    def create_batch(self) -> BatchBuilder:
        batch = BatchBuilder(1 << 20, 0)
        append = batch.append

        def noted(**record: Any) -> Any:
            self.key_ids |= {value for name, value in record["headers"] if name == KEY_ID_HEADER}
            return append(**record)

        batch.append = noted
        return batch

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> Any:
        if self.refuses_with is not None:
            raise self.refuses_with
        future = asyncio.get_running_loop().create_future()
        self.topics.append(topic)
        self.sent.append((partition, batch.record_count(), future))
        if self.answers:
            future.set_result(None)
        return future

    def acknowledge(self) -> None:
        for _, _, future in self.sent:
            if not future.done():
                future.set_result(None)

    async def stop(self) -> None:
        await asyncio.gather(*(future for _, _, future in self.sent))


class Keys:
    """One key, or none."""

    def __init__(self) -> None:
        self.key: SealingKey | None = a_stranger()

    def key_for(self, now: datetime) -> SealingKey | None:
        assert now == NOW
        return self.key


class Waiting:
    """Whether what waits is too old is the test's decision."""

    old = False

    def is_old(self) -> bool:
        return self.old


class Publishing:
    """A publisher, its producer and the fatal errors it told of."""

    def __init__(self, *, answers: bool, records: int = 100, ample: bool = False) -> None:
        self.producer = Producer(answers=answers)
        self.keys, self.waiting = Keys(), Waiting()
        self.fatal: list[BaseException] = []
        self.publisher = KafkaPublisher(
            self.producer,
            self.keys,
            self.waiting,
            topic_prefix="",
            partitions=PARTITIONS,
            limits=Limits(
                seconds=AMPLE_SECONDS if answers or ample else SECONDS,
                records=records,
                bytes=1 << 20,
            ),
            on_fatal=self.fatal.append,
            now=lambda: NOW,
        )

    async def publish(self, *ids: str) -> None:
        await self.publisher.publish(reports(*ids))


def reports(*ids: str) -> Sequence[Accepted]:
    accepted = [validated(a_row(id=one), sender=a_sender(), now=NOW) for one in ids]
    return [one for one in accepted if isinstance(one, Accepted)]


async def test_every_partition_gets_its_records_in_one_batch() -> None:
    publishing = Publishing(answers=True)
    ids = [str(number) for number in range(50)]
    await publishing.publish(*ids)
    wanted = [partition_of(one.event_id, PARTITIONS) for one in reports(*ids)]
    assert {part: count for part, count, _ in publishing.producer.sent} == {
        part: wanted.count(part) for part in set(wanted)
    }
    publishing.publisher.admit()


def a_statistic(area: str) -> Statistic:
    return Statistic("9998", "fire", "truancy", area, "2025", 1, NOW, numerator=1)


async def test_statistics_go_to_their_own_topic_by_key() -> None:
    publishing = Publishing(answers=True)
    statistics = [a_statistic(str(area)) for area in range(50)]
    await publishing.publisher.publish_statistics(statistics)
    wanted = [partition_of_key(one.key, PARTITIONS) for one in statistics]
    assert {part: count for part, count, _ in publishing.producer.sent} == {
        part: wanted.count(part) for part in set(wanted)
    }
    await publishing.publish("1")
    assert set(publishing.producer.topics[:-1]) == {"statistics.reported.v1"}
    assert publishing.producer.topics[-1] == "reports.sealed.v1"


async def test_reports_and_statistics_share_what_may_wait_for_kafka() -> None:
    publishing = Publishing(answers=False, records=2)
    statistics = [a_statistic("101"), a_statistic("102")]
    with pytest.raises(KafkaAwayError):
        await publishing.publisher.publish_statistics(statistics)
    with pytest.raises(KafkaAwayError):
        publishing.publisher.admit()
    with pytest.raises(KafkaAwayError):
        await publishing.publish("1")
    assert len(publishing.producer.sent) <= len(statistics)


async def test_requests_that_meet_on_a_partition_share_a_batch() -> None:
    publishing = Publishing(answers=False, ample=True)
    requests = [asyncio.create_task(publishing.publish("1"))]
    while not publishing.producer.sent:
        await asyncio.sleep(0)
    requests += [asyncio.create_task(publishing.publish("1")) for _ in range(20)]
    await asyncio.sleep(0)
    publishing.producer.answers = True
    publishing.producer.acknowledge()
    await asyncio.gather(*requests)
    assert [count for _, count, _ in publishing.producer.sent] == [1, 20]


async def test_a_kafka_that_does_not_answer_is_away_until_it_has_answered() -> None:
    publishing = Publishing(answers=False)
    publishing.publisher.admit()
    with pytest.raises(KafkaAwayError):
        await publishing.publish("1")
    with pytest.raises(KafkaAwayError):
        publishing.publisher.admit()
    for work in (
        publishing.publish("2"),
        publishing.publisher.publish_statistics([a_statistic("1")]),
    ):
        at_once = asyncio.ensure_future(work)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        assert at_once.done()  # it has not waited as the first one did
        with pytest.raises(KafkaAwayError):
            await at_once
    assert not publishing.publisher.is_well()
    publishing.producer.acknowledge()
    publishing.producer.answers = True
    while not publishing.publisher.is_well():
        await asyncio.sleep(0)
    await publishing.publish("3")


async def test_when_there_is_no_room_new_requests_are_refused_and_begun_ones_wait() -> None:
    publishing = Publishing(answers=False, records=2, ample=True)
    first = asyncio.create_task(publishing.publish("1", "2"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError):
        publishing.publisher.admit()
    second = asyncio.create_task(publishing.publish("3"))
    await asyncio.sleep(0)
    sent_before = len(publishing.producer.sent)
    publishing.producer.answers = True
    publishing.producer.acknowledge()
    await asyncio.gather(first, second)
    assert len(publishing.producer.sent) == sent_before + 1
    publishing.publisher.admit()


async def test_a_batch_that_failed_is_fatal_for_the_producer() -> None:
    publishing = Publishing(answers=False, ample=True)
    publish = asyncio.create_task(publishing.publish("1"))
    while not publishing.producer.sent:
        await asyncio.sleep(0)
    error = OutOfOrderSequenceNumber()
    publishing.producer.sent[0][2].set_exception(error)
    with pytest.raises(KafkaAwayError):
        await publish
    assert publishing.fatal == [error]


async def test_a_batch_that_fails_after_its_request_was_answered_is_fatal_too() -> None:
    publishing = Publishing(answers=False)
    with pytest.raises(KafkaAwayError):
        await publishing.publish("1")
    error = OutOfOrderSequenceNumber()
    publishing.producer.sent[0][2].set_exception(error)
    while not publishing.fatal:
        await asyncio.sleep(0)
    assert publishing.fatal == [error]


async def test_a_batch_that_never_left_the_queue_is_not_fatal() -> None:
    publishing = Publishing(answers=True)
    publishing.producer.refuses_with = KafkaTimeoutError()
    with pytest.raises(KafkaAwayError):
        await publishing.publish("1")
    assert publishing.fatal == []
    assert publishing.publisher.is_well()


async def test_a_stop_does_not_wait_for_a_kafka_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.ingest.publisher.STOP_SECONDS", SECONDS)
    publishing = Publishing(answers=False)
    with pytest.raises(KafkaAwayError):
        await publishing.publish("1")
    await publishing.publisher.stop()
    assert publishing.fatal == []


async def test_without_a_key_no_report_is_accepted_and_statistics_are() -> None:
    publishing = Publishing(answers=True)
    publishing.keys.key = None
    with pytest.raises(KeysAwayError):
        publishing.publisher.admit_reports()
    with pytest.raises(KeysAwayError):
        await publishing.publish("1")
    assert publishing.producer.sent == []
    publishing.publisher.admit()
    await publishing.publisher.publish_statistics([a_statistic("101")])


async def test_while_a_report_waits_too_long_no_other_is_accepted() -> None:
    publishing = Publishing(answers=True)
    publishing.waiting.old = True
    with pytest.raises(BacklogTooOldError):
        publishing.publisher.admit_reports()
    with pytest.raises(BacklogTooOldError):
        await publishing.publish("1")
    assert publishing.producer.sent == []
    publishing.waiting.old = False
    publishing.publisher.admit_reports()
    await publishing.publish("1")


async def test_each_call_is_sealed_to_the_key_of_now() -> None:
    publishing = Publishing(answers=True)
    first = publishing.keys.key
    await publishing.publish("1")
    publishing.keys.key = second = a_stranger()
    await publishing.publish("1")
    assert first is not None
    assert publishing.producer.key_ids == {first.id, second.id}
