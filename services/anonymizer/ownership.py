"""Which partitions are ours, how far we have come in them, and whether Kafka still answers."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from services.anonymizer.domain.progress import Progress
from shared.kafka import KAFKA_AWAY

COMMIT_SECONDS = 5.0
FETCHED_SECONDS = 10.0  # Kafka answers a fetch within half a second, with records or without

log = structlog.get_logger()


class Membership(ConsumerRebalanceListener):
    """Our part of the consumer group: which partitions are ours, and how far we have come."""

    def __init__(
        self, progress: Progress, *, on_missed: Callable[[int], None] = lambda _count: None
    ) -> None:
        self.progress = progress
        self._on_missed = on_missed
        self._consumer: Callable[[], AIOKafkaConsumer | None] = lambda: None
        self._joined = False

    def follow(self, consumer: Callable[[], AIOKafkaConsumer | None]) -> None:
        """Use this consumer from now on; it exists from the start of its subscriber."""
        self._consumer = consumer

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin at the committed offsets, which is the consumer's own work."""
        partitions = list(assigned)
        self.progress.reassigned()
        self._joined = True
        log.info("partitions_assigned", count=len(partitions))
        await self._look_for_missed(partitions)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let go; a batch in hand is published to its end, which makes duplicates at the worst."""
        self.progress.reassigned()
        self._joined = False
        log.info("partitions_revoked", count=len(list(revoked)))

    async def _look_for_missed(self, partitions: Sequence[TopicPartition]) -> None:
        """Sound the alarm if Kafka has deleted reports that nobody had anonymized.

        They are lost, and nobody can say whose they were: they had waited for 14 days. Where nothing is
        committed, nobody has anonymized any of what was deleted: Kafka keeps our offsets for longer.
        """
        consumer = self._consumer()
        if consumer is None:
            return
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                firsts = await consumer.beginning_offsets(partitions)
                for partition in partitions:
                    committed = await consumer.committed(partition)
                    missed = max(0, firsts[partition] - (committed or 0))
                    if missed:
                        self._on_missed(missed)
                        log.error("reports_missed", partition=partition.partition, count=missed)
        except KAFKA_AWAY as error:
            log.warning("missed_unknown", error_type=type(error).__name__)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell Kafka how far we have come. A failure is harmless: the records come again."""
        consumer = self._consumer()
        if consumer is None:
            return
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await consumer.commit(dict(offsets))
        except KAFKA_AWAY as error:
            log.warning("offsets_refused", error_type=type(error).__name__, count=len(offsets))

    async def holds(self, firsts: Mapping[TopicPartition, int]) -> bool:
        """Whether the group says that these are ours, by committing where they begin.

        A process that was frozen may hold records that others have long done.
        """
        consumer = self._consumer()
        if consumer is None:
            return False
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await consumer.commit(dict(firsts))
        except KAFKA_AWAY as error:
            log.warning("offsets_refused", error_type=type(error).__name__, count=len(firsts))
            return False
        return True

    def is_settled(self) -> bool:
        """Whether the group has given us our partitions; none at all is an answer too."""
        return self._joined

    def is_fetching(self, now_seconds: float) -> bool:
        """Whether Kafka has answered a fetch for each of our partitions lately."""
        consumer = self._consumer()
        if consumer is None:
            return False
        fetched = [consumer.last_poll_timestamp(one) for one in consumer.assignment()]
        return all(at and now_seconds - at / 1000 < FETCHED_SECONDS for at in fetched)

    def lag(self) -> int:
        """Records of our partitions that are not anonymized yet, as far as we have heard."""
        consumer = self._consumer()
        if consumer is None:
            return 0
        next_offsets = self.progress.next_offsets
        return sum(
            max(0, (consumer.highwater(one) or 0) - next_offsets[one.partition])
            for one in consumer.assignment()
            if one.partition in next_offsets
        )
