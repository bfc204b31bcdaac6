"""Events and dead letters out: everything acknowledged, or we do not return."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    KafkaTimeoutError,
    LeaderNotAvailableError,
    UnknownTopicOrPartitionError,
)

from services.anonymizer.domain.anonymize import Opened
from services.anonymizer.metrics import STAGE
from shared.errors import DeadReason
from shared.kafka import Outgoing, send_all
from shared.records import LogRecord
from shared.retry import until_done
from shared.sealing import Origin, Sealer, SealingKey, envelope_of
from shared.topics import DEAD_REPORTS, EVENTS

NOT_TAKEN = (KafkaTimeoutError, LeaderNotAvailableError, UnknownTopicOrPartitionError)
"""The producer could not take a batch in, because it knows no leader or is still full."""

REPORT, RECORD = b"report", b"record"
"""What a dead letter holds: a report that was opened, or a whole record that was not."""

NOBODY = Origin("-", "-")  # nothing vouches for what such a record says of itself
KEY_BYTES = 16

ByPartition = Mapping[int, Sequence[Outgoing]]

log = structlog.get_logger()


class Publisher:
    """Puts every record on the partition number that its report has.

    An idempotent producer goes on trying for ever by itself and keeps the order; sending again
    would only make duplicates, so we wait. When a send fails in spite of that (out of order
    sequence, fenced, refused), its numbering is broken for good: the error passes through, and
    the process must end, to begin anew at the committed offsets.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        *,
        topic_prefix: str,
        undertaker: "Undertaker",
        patience_seconds: float = 30,
    ) -> None:
        self.undertaker = undertaker
        self._producer = producer
        self._events_topic = EVENTS.named(topic_prefix)
        self._dead_topic = DEAD_REPORTS.named(topic_prefix)
        self._patience_seconds = patience_seconds

    async def publish(self, events: ByPartition, dead: ByPartition) -> None:
        """Return when Kafka has everything.

        Raises:
            KafkaError: the producer is broken.
        """
        sent = [
            *await self._sent(self._events_topic, events),
            *await self._sent(self._dead_topic, dead),
        ]
        await self._acknowledged(sent)

    async def _sent(self, topic: str, records: ByPartition) -> list[Awaitable[Any]]:
        sent: list[Awaitable[Any]] = []
        for partition, some in records.items():
            sending = partial(send_all, self._producer, topic, {partition: some})
            sent += await until_done(sending, on=NOT_TAKEN, action="records_sent")
        return sent

    async def _acknowledged(self, sent: Iterable[Awaitable[Any]]) -> None:
        waiting = {asyncio.ensure_future(one) for one in sent}
        while waiting:
            done, waiting = await asyncio.wait(waiting, timeout=self._patience_seconds)
            for one in done:
                one.result()
            if waiting:
                log.warning(
                    "acknowledgement_awaited",
                    count=len(waiting),
                    wait_seconds=self._patience_seconds,
                )


class Undertaker:
    """Makes dead letters, none of which holds anything in the clear.

    Each is sealed anew to the key of its day, which lives 14 days: the report, if it was opened; of
    any other record nobody can say whether it is sealed at all, nor what its headers are, so the
    whole of it. `letter_key` gives the key of now.
    """

    def __init__(
        self, letter_key: Callable[[], SealingKey], *, now: Callable[[], datetime]
    ) -> None:
        self._letter_key = letter_key
        self._now = now
        self._sealer = Sealer(topic=DEAD_REPORTS.name)

    def dead_letter(
        self, report: LogRecord, opened: Opened | DeadReason, reason: DeadReason
    ) -> Outgoing:
        """The report, with why, by whom and from where; its timestamp is passed on."""
        if isinstance(opened, Opened):
            content, plain, event = REPORT, opened.plain, opened.event_id
            origin = envelope_of(report.headers).origin
        else:
            content, origin = RECORD, NOBODY
            plain = msgspec.msgpack.encode((report.key, report.value, report.headers))
            event = UUID(bytes=report.key) if len(report.key or b"") == KEY_BYTES else UUID(int=0)
        sealing = self._sealer.sealing(self._letter_key(), origin, self._now())
        sealed = sealing.seal(plain, event)
        why = (
            ("content", content),
            ("reason", reason.value.encode()),
            ("stage", STAGE.encode()),
            ("origin", f"{report.topic}:{report.partition}:{report.offset}".encode()),
        )
        return Outgoing(event.bytes, sealed.value, report.timestamp, (*sealed.headers, *why))
