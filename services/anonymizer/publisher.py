"""Events and dead letters out: everything acknowledged, or we do not return."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
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

from services.anonymizer.metrics import STAGE
from shared.errors import DeadReason
from shared.kafka import Outgoing, send_all
from shared.records import LogRecord
from shared.retry import until_done
from shared.sealing import Sealer
from shared.topics import DEAD_REPORTS, EVENTS

NOT_TAKEN = (KafkaTimeoutError, LeaderNotAvailableError, UnknownTopicOrPartitionError)
"""The producer could not take a batch in, because it knows no leader or is still full."""

UNVERIFIED = frozenset({DeadReason.NOT_SEALED, DeadReason.UNKNOWN_KEY, DeadReason.NOT_OPENED})
"""Reasons for which nobody knows whether the record was sealed at all."""

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

    A report that was opened keeps its seal as it came. Of any other record nobody can say whether
    it is sealed at all, nor what its headers are, so the whole of it is sealed to our own key.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def dead_letter(self, report: LogRecord, reason: DeadReason) -> Outgoing:
        """The report, with why, by whom and from where; its timestamp is passed on."""
        origin = f"{report.topic}:{report.partition}:{report.offset}"
        why = (
            ("reason", reason.value.encode()),
            ("stage", STAGE.encode()),
            ("origin", origin.encode()),
        )
        if report.key and report.value and reason not in UNVERIFIED:
            headers = (*report.headers, *why)
            return Outgoing(report.key, report.value, report.timestamp, headers)
        key = UUID(bytes=report.key) if len(report.key or b"") == KEY_BYTES else UUID(int=0)
        whole = msgspec.msgpack.encode((report.key, report.value, report.headers))
        accepted_at = datetime.fromtimestamp(report.timestamp / 1000, UTC)
        sealed = self._sealer.seal(whole, event=key, now=accepted_at)
        return Outgoing(key.bytes, sealed.value, report.timestamp, (*sealed.headers, *why))
