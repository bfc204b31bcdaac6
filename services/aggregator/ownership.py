"""Which partitions this process may count, and since which claim.

aiokafka delivers records of a new assignment before its callback has ended (research/streaming.md
§2.4.1), so the callback pauses first, and whatever still arrives for a partition that is not owned
is dropped; the seek after the claim reads it again. Claims run beside the group protocol, so a
database that is away does not throw the process out of its group.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from services.aggregator.domain.lag import Lag
from services.aggregator.domain.plan import Claim, Claimed, Extent
from services.aggregator.metrics import FENCED, OWNED, RESTARTS
from services.aggregator.store import CountStore
from shared.background import crash
from shared.kafka import KAFKA_AWAY
from shared.postgres import DATABASE_AWAY
from shared.retry import Backoff, until_done

PATIENT_LOOKS = 8  # about six seconds

log = structlog.get_logger()


class Ownership(ConsumerRebalanceListener):
    """The rebalance listener: claims what is assigned, lets go of what is revoked.

    `writing` is held around a transaction and never around a poll: a revocation waits for the
    transaction in flight, so that the next owner's claim finds its result.
    """

    def __init__(self, store: CountStore, *, stream: str = "events") -> None:
        self._store = store
        self._owned = OWNED.labels(stream)
        self._consumer: Callable[[], AIOKafkaConsumer | None] = lambda: None
        self._claims: dict[int, Claim] = {}
        self._claiming: dict[int, asyncio.Task[None]] = {}
        self._joined = False
        self.writing = asyncio.Lock()

    def follow(self, consumer: Callable[[], AIOKafkaConsumer | None]) -> None:
        """Use this consumer from now on; it exists from the start of its subscriber."""
        self._consumer = consumer

    @property
    def claims(self) -> Mapping[int, Claim]:
        """The partitions that may be counted now."""
        return self._claims

    def is_settled(self) -> bool:
        """Whether the group has given us our partitions and every one of them is claimed."""
        return self._joined and self._assigned().keys() == self._claims.keys()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Pause what is new at once, then claim it beside the group protocol."""
        partitions = list(assigned)
        if partitions:
            self._followed().pause(*partitions)
        self._joined = True
        for partition in partitions:
            self._start_claim(partition)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let go at once, then wait for the transaction in flight."""
        for partition in revoked:
            self._forget(partition.partition)
        async with self.writing:
            pass

    async def let_go(self) -> None:
        """Own nothing any more; a claim on its way is given up. Called when the service stops."""
        claiming = list(self._claiming.values())
        for partition in {*self._claims, *self._claiming}:
            self._forget(partition)
        if claiming:
            await asyncio.wait(claiming)

    def take(self, partition: int, claim: Claim) -> None:
        """Count the partition from now on."""
        self._claims[partition] = claim
        self._owned.set(len(self._claims))

    def advance(self, partition: int, to_offset: int) -> None:
        """Remember a committed step."""
        if claim := self._claims.get(partition):
            self._claims[partition] = Claim(claim.epoch, to_offset)

    async def look_up(self, partitions: Sequence[int]) -> None:
        """Ask the database where we stand; called with `writing` held.

        Raises:
            DATABASE_AWAY: it does not say.
        """
        before = dict(self._claims)
        self.reconcile(partitions, await self._store.standing(partitions), before=before)

    def reconcile(
        self, asked: Iterable[int], standing: Mapping[int, Claim], *, before: Mapping[int, Claim]
    ) -> None:
        """Learn what the database says of our partitions: moved on, taken by another, or gone.

        Claims go on while the database is asked: of a partition that was claimed since `before` the
        answer may tell what was until then, so it is not judged by it.
        """
        for partition in asked:
            mine, now = self._claims.get(partition), standing.get(partition)
            if mine is None or mine != before.get(partition):
                continue
            if now is None or now.epoch != mine.epoch:
                self._lose(partition)
            else:
                self._claims[partition] = now

    def seek_next(self, partition: int) -> None:
        """Read the partition again from the record that comes next."""
        claim = self._claims.get(partition)
        topic_partition = self._assigned().get(partition)
        if claim and topic_partition:
            self._followed().seek(topic_partition, claim.next_offset)

    async def claim_again(self, *, every_seconds: float) -> None:
        """Claim partitions that stay assigned but unowned: a fence without a rebalance."""
        unowned: set[int] = set()
        while True:
            await asyncio.sleep(every_seconds)
            now = self._assigned().keys() - self._claims.keys() - self._claiming.keys()
            for partition in now & unowned:
                self._claim_anew(partition)
            unowned = set(now)

    async def tell_kafka(self, *, every_seconds: float) -> None:
        """Commit our offsets to Kafka now and then, so that its tools show the lag.

        Nothing reads them back: the offset that counts is the one in PostgreSQL.
        """
        while True:
            await asyncio.sleep(every_seconds)
            offsets = self._positions()
            if offsets:
                try:
                    await self._followed().commit(offsets)
                except KAFKA_AWAY as error:
                    log.debug("offsets_not_told", error_type=type(error).__name__)

    async def watch_log(self, lag: Lag, *, every_seconds: float) -> None:
        """Ask Kafka now and then where our partitions end, for what waits there unseen.

        A log that ends before what we have counted of it, at two looks, has lost its end: it is
        claimed anew, and so read again from its first record (decision 0004).
        """
        short: set[int] = set()
        while True:
            await asyncio.sleep(every_seconds)
            positions = self._positions()
            try:
                ends = await self._followed().end_offsets(list(positions)) if positions else {}
            except KAFKA_AWAY as error:
                log.debug("log_not_looked_at", error_type=type(error).__name__)
            else:
                lag.looked(
                    {one.partition: end for one, end in ends.items()},
                    {partition: claim.next_offset for partition, claim in self._claims.items()},
                    time.time(),
                )
                now = self._cut_short({one.partition: end for one, end in ends.items()})
                for partition in now & short:
                    self._claim_anew(partition)
                short = now - short

    def _cut_short(self, ends: Mapping[int, int]) -> set[int]:
        """Our partitions whose log ends before what was counted."""
        return {
            partition
            for partition, claim in self._claims.items()
            if ends.get(partition, claim.next_offset) < claim.next_offset
        }

    def _claim_anew(self, partition: int) -> None:
        if topic_partition := self._assigned().get(partition):
            self._followed().pause(topic_partition)
            self._start_claim(topic_partition)

    def _positions(self) -> dict[TopicPartition, int]:
        return {
            topic_partition: self._claims[partition].next_offset
            for partition, topic_partition in self._assigned().items()
            if partition in self._claims
        }

    def _start_claim(self, partition: TopicPartition) -> None:
        self._forget(partition.partition)
        task = asyncio.create_task(self._claim(partition))
        self._claiming[partition.partition] = task
        task.add_done_callback(lambda done: self._claim_ended(partition.partition, done))

    def _claim_ended(self, partition: int, task: "asyncio.Task[None]") -> None:
        if self._claiming.get(partition) is task:
            del self._claiming[partition]
        if not task.cancelled() and (error := task.exception()):
            crash("partition_claimed", error)

    async def _claim(self, partition: TopicPartition) -> None:
        consumer = self._followed()

        async def once() -> Claimed:
            # From the fence on nobody moves the offset, so the log is not taken for cut short while
            # an earlier owner goes on.
            await self._store.fence(partition.partition)
            return await self._store.claim(
                partition.partition, await self._extent(consumer, partition)
            )

        claimed = await until_done(
            once, on=(*DATABASE_AWAY, *KAFKA_AWAY), action="partition_claimed"
        )
        claim = claimed.claim
        if reason := claimed.restart:
            RESTARTS.labels(reason).inc()
            log.error(
                "log_restarted",
                partition=partition.partition,
                reason=reason,
                next_offset=claim.next_offset,
            )
        if partition not in consumer.assignment():
            return  # revoked meanwhile; whoever has it now claims it with a newer epoch
        consumer.seek(partition, claim.next_offset)
        self.take(partition.partition, claim)
        consumer.resume(partition)
        log.info(
            "partition_claimed",
            partition=partition.partition,
            epoch=claim.epoch,
            next_offset=claim.next_offset,
        )

    async def _extent(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> Extent:
        """The offsets of the log, once they hold what was counted, or have had time to.

        A broker that comes back after a crash may say for a moment that its log is shorter.
        """
        for delay in islice(Backoff(first=0.2, most=1.0).delays(), PATIENT_LOOKS):
            first = (await consumer.beginning_offsets([partition]))[partition]
            end = (await consumer.end_offsets([partition]))[partition]
            standing = await self._store.standing([partition.partition])
            stored = standing.get(partition.partition)
            if stored is None or stored.next_offset <= end:
                break
            await asyncio.sleep(delay)
        return Extent(first, end)

    def _forget(self, partition: int) -> None:
        self._claims.pop(partition, None)
        self._owned.set(len(self._claims))
        if task := self._claiming.pop(partition, None):
            task.cancel()

    def _lose(self, partition: int) -> None:
        FENCED.inc()
        log.warning("partition_fenced", partition=partition)
        self._forget(partition)

    def _assigned(self) -> dict[int, TopicPartition]:
        consumer = self._consumer()
        return {} if consumer is None else {one.partition: one for one in consumer.assignment()}

    def _followed(self) -> AIOKafkaConsumer:
        consumer = self._consumer()
        if consumer is None:
            raise AssertionError("the listener follows a consumer before it subscribes")
        return consumer
