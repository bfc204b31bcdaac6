"""on_reports: the records of one poll in, their events and dead letters out, then the offsets."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from aiokafka import TopicPartition
from faststream.kafka import KafkaMessage

from services.anonymizer.domain.anonymize import Anonymizer
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.limit import DeadLetterLimit
from services.anonymizer.domain.steps import Step
from services.anonymizer.linking import Arrival, EventStep
from services.anonymizer.losses import Losses
from services.anonymizer.metrics import STAGE, Metrics
from services.anonymizer.opening import Batch, Opening
from services.anonymizer.ownership import Membership
from services.anonymizer.publisher import Publisher
from shared.background import crash
from shared.errors import DeadReason
from shared.kafka import Outgoing
from shared.records import LogRecord

PROMPT_SECONDS = 10.0  # a full batch takes a tenth of a second

log = structlog.get_logger()

Outcomes = Sequence[Anonymized | DeadReason]


class Quality(Protocol):
    """Where it is counted how well reports were located."""

    async def count(
        self, records: Sequence[LogRecord], outcomes: Outcomes, next_offsets: Mapping[int, int]
    ) -> None:
        """Count a batch, each report once; see `QualityStore.count`."""


class ReportAnonymizing:
    """Anonymizes what the consumer reads, one batch after the other."""

    def __init__(  # noqa: PLR0913 - the parts of the stage, each named
        self,
        anonymizer: Anonymizer,
        *,
        opening: Opening,
        losses: Losses,
        publisher: Publisher,
        linking: EventStep,
        membership: Membership,
        limit: DeadLetterLimit,
        quality: Quality,
        metrics: Metrics,
    ) -> None:
        self._anonymizer = anonymizer
        self._opening = opening
        self._losses = losses
        self._publisher = publisher
        self._linking = linking
        self._membership = membership
        self._limit = limit
        self._quality = quality
        self._metrics = metrics
        self._began_at: float | None = None

    async def on_reports(self, message: KafkaMessage) -> None:
        """Anonymize the batch; what nobody expected ends the process, for FastStream would skip."""
        self._began_at = time.monotonic()
        try:
            await self._anonymize(message.raw_message)
        except Exception as error:  # noqa: BLE001 - the outermost frame of the stream
            crash("reports_anonymized", error)
        finally:
            self._began_at = None

    def is_prompt(self) -> bool:
        """Whether no batch has been in hand for long; one is while Kafka takes no events."""
        return self._began_at is None or time.monotonic() - self._began_at < PROMPT_SECONDS

    async def _anonymize(self, records: Sequence[LogRecord]) -> None:
        began = time.perf_counter()
        progress = self._membership.progress
        assignment = progress.assignment
        firsts, next_offsets = _ends(records)
        for partition, first in firsts.items():
            progress.begin(partition.partition, first)
        timed = self._metrics.timed
        with timed(Step.OPEN):
            batch = self._opening.open(records)
        if batch.lost and not await self._losses.note(batch.lost, firsts):
            return  # the partitions are another's by now, and so are these records
        outcomes = self._anonymizer.anonymize(batch.opened, timed)
        self._limit.count([not isinstance(outcome, Anonymized) for outcome in outcomes])
        events = await self._linking.events(_arrivals(batch.records, outcomes))
        with timed(Step.PUBLISH):
            await self._publisher.publish(events, self._dead_letters(batch, outcomes))
        offsets = {partition.partition: offset for partition, offset in next_offsets.items()}
        with timed(Step.QUALITY):
            await self._quality.count(batch.records, outcomes, offsets)
        with timed(Step.COMMIT):
            await self._membership.commit(next_offsets)
        for partition, offset in next_offsets.items():
            progress.done(partition.partition, offset, assignment=assignment)
        self._measure(records, outcomes, seconds=time.perf_counter() - began)

    def _dead_letters(self, batch: Batch, outcomes: Outcomes) -> dict[int, list[Outgoing]]:
        """Dead letters by the partition of their report, in its order."""
        dead: dict[int, list[Outgoing]] = {}
        for record, opened, outcome in zip(batch.records, batch.opened, outcomes, strict=True):
            if not isinstance(outcome, Anonymized):
                letter = self._publisher.undertaker.dead_letter(record, opened, outcome)
                dead.setdefault(record.partition, []).append(letter)
        return dead

    def _measure(self, records: Sequence[LogRecord], outcomes: Outcomes, *, seconds: float) -> None:
        metrics = self._metrics
        metrics.batch_records.observe(len(records))
        metrics.batch_seconds.observe(seconds)
        anonymized = [one for one in outcomes if isinstance(one, Anonymized)]
        metrics.reports_anonymized.inc(len(anonymized))
        found = Counter([(one.event.placement, one.confidence) for one in anonymized])
        for (placement, confidence), count in found.items():
            if confidence is not None:
                metrics.events_located.labels(confidence).inc(count)
            if placement is not None:
                metrics.events_placed.labels(placement).inc(count)
        reasons = [one for one in outcomes if not isinstance(one, Anonymized)]
        for reason, count in Counter(reasons).items():
            metrics.dead_letters.labels(STAGE, reason).inc(count)
            log.warning("reports_buried", reason=reason, count=count)
            if reason is DeadReason.TRIPWIRE:
                metrics.tripwire_hits.inc(count)
                log.error("tripwire_hit", count=count)
        metrics.event_age_seconds.observe(time.time(), [record.timestamp for record in records])


def _arrivals(records: Sequence[LogRecord], outcomes: Outcomes) -> list[Arrival]:
    """What became an event, with its report's record."""
    return [
        (record, outcome)
        for record, outcome in zip(records, outcomes, strict=True)
        if isinstance(outcome, Anonymized)
    ]


def _ends(
    records: Sequence[LogRecord],
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    """Of each partition the first offset of the batch, and the one after its last."""
    nexts = {(record.topic, record.partition): record.offset + 1 for record in records}
    firsts = {(record.topic, record.partition): record.offset for record in reversed(records)}
    return (
        {TopicPartition(*partition): offset for partition, offset in sorted(firsts.items())},
        {TopicPartition(*partition): offset for partition, offset in sorted(nexts.items())},
    )
