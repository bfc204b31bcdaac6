"""Sealed reports, and statistics, to Kafka, acknowledged or refused within a few seconds.

Each partition has a lane: while one batch is on its way, whatever comes from any request waits and
makes up the next one. The Kafka client has room for a single waiting batch per partition and lets
requests that crowd for it time out, so only the lane ever asks it.

An idempotent producer never gives up by itself: what was handed to it is sent when the broker is
back, in order and once. So a request that has waited too long is answered, but its records stay in
the count of what is in flight until they are acknowledged. The count bounds the memory, and the
age of its oldest tells at once that the broker is away.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError

from services.ingest import metrics
from services.ingest.domain.validate import Accepted
from shared import background
from shared.errors import WorldError
from shared.identity import partition_of, partition_of_key
from shared.kafka import Outgoing, send_all
from shared.messages.codec import encode
from shared.messages.statistic import Statistic
from shared.sealing import Origin, Sealer, SealingKey
from shared.topics import REPORTS, STATISTICS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
STOP_SECONDS = 3
BATCH_BYTES = 512 << 10  # a batch is closed when it has so much; the broker takes twice that


class KafkaAwayError(WorldError):
    """Kafka did not acknowledge in time; some of the reports may be kept all the same."""


class OverloadedError(WorldError):
    """As much waits for Kafka as may wait."""


class KeysAwayError(WorldError):
    """There is no key to seal to, or nobody knows whether it still is one."""


class BacklogTooOldError(WorldError):
    """What was accepted before waits so long that nothing more may be accepted."""


class Keys(Protocol):
    """The keys to seal to, see `announced`."""

    def key_for(self, now: datetime) -> SealingKey | None:
        """The one of now; None: there is none that can be trusted."""


class Waiting(Protocol):
    """What waits for the anonymizer, see `backlog`."""

    def is_old(self) -> bool:
        """Whether it has waited too long."""


class Publisher(Protocol):
    """Keeps reports and statistics in Kafka."""

    def admit(self) -> None:
        """Refuse work that could only fail, before its body is read.

        Raises:
            KafkaAwayError: something has waited too long for Kafka already.
            OverloadedError: there is no room.
        """

    def admit_reports(self) -> None:
        """Refuse reports that could only fail, or that must not be accepted now.

        Raises:
            KafkaAwayError, OverloadedError: as above.
            KeysAwayError: there is no key to seal to.
            BacklogTooOldError: what waits has waited too long.
        """

    async def publish(self, accepted: Sequence[Accepted]) -> None:
        """Keep the reports, in order per event; returns when Kafka has acknowledged all of them.

        Raises:
            KafkaAwayError: it did not in time.
            KeysAwayError: there is no key to seal to.
            BacklogTooOldError: what waits has waited too long.
        """

    async def publish_statistics(self, statistics: Sequence[Statistic]) -> None:
        """Keep the statistics, in order per key; returns when Kafka has acknowledged all of them.

        Raises:
            KafkaAwayError: it did not in time.
        """

    def is_well(self) -> bool:
        """Whether nothing has waited too long; for readiness."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may wait for Kafka, and how long a request waits with it."""

    seconds: float
    records: int
    bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class _Parcel:
    """The records of one request for one partition. `kept` tells whether Kafka has them."""

    records: Sequence[Outgoing]
    size: int
    since: float
    kept: asyncio.Future[bool]


class _Lane:
    """One partition of a topic: parcels leave in order, one batch at a time."""

    def __init__(self, send: Callable[[Sequence[Outgoing]], Awaitable[bool]]) -> None:
        self._send = send
        self._waiting: deque[_Parcel] = deque()
        self._sending: asyncio.Task[None] | None = None

    def add(self, parcel: _Parcel) -> None:
        self._waiting.append(parcel)
        if self._sending is None:
            self._sending = background.start(self._empty(), action="publish")

    async def _empty(self) -> None:
        """Send until nothing waits."""
        while self._waiting:
            parcels = self._next_parcels()
            kept = await self._send([record for parcel in parcels for record in parcel.records])
            for parcel in parcels:
                parcel.kept.set_result(kept)
        self._sending = None

    def _next_parcels(self) -> Sequence[_Parcel]:
        parcels = [self._waiting.popleft()]
        size = parcels[0].size
        while self._waiting and size < BATCH_BYTES:
            size += self._waiting[0].size
            parcels.append(self._waiting.popleft())
        return parcels


class KafkaPublisher:
    """Seals and sends through one idempotent producer; reports and statistics share its bounds.

    `on_fatal` is told when the producer can never send again: a batch that has failed has used up
    its sequence numbers, so the broker refuses whatever comes after it on that partition.
    """

    def __init__(  # noqa: PLR0913 - what it publishes with and within, by name
        self,
        producer: AIOKafkaProducer,
        keys: Keys,
        waiting: Waiting,
        *,
        topic_prefix: str,
        partitions: int,
        limits: Limits,
        on_fatal: Callable[[BaseException], None],
        now: Callable[[], datetime],
    ) -> None:
        self._producer = producer
        self._keys = keys
        self._waiting = waiting
        self._now = now
        self.sealer = Sealer(topic=REPORTS.name)
        self._topic = REPORTS.named(topic_prefix)
        self._statistics_topic = STATISTICS.named(topic_prefix)
        self._partitions = partitions
        self._limits = limits
        self._on_fatal = on_fatal
        self._lanes = {
            (name, number): _Lane(partial(self._send, name, number))
            for name in (self._topic, self._statistics_topic)
            for number in range(partitions)
        }
        self._in_flight: dict[_Parcel, None] = {}  # oldest first
        self._records = 0
        self._bytes = 0
        self._landed = asyncio.Event()
        self._is_stopping = False

    def admit(self) -> None:
        """Refuse at once what could only fail.

        Raises:
            KafkaAwayError: something has waited too long already.
            OverloadedError: there is no room.
        """
        if not self.is_well():
            raise KafkaAwayError
        if not self._has_room():
            raise OverloadedError

    def admit_reports(self) -> None:
        """Refuse at once what could only fail, or what must not be accepted now.

        Raises:
            KafkaAwayError, OverloadedError: as above.
            KeysAwayError: there is no key to seal to.
            BacklogTooOldError: what waits has waited too long.
        """
        self.admit()
        self._key()

    def is_well(self) -> bool:
        """Whether the oldest record in flight is not older than a request would wait."""
        oldest = next(iter(self._in_flight), None)
        return oldest is None or self._clock() - oldest.since < self._limits.seconds

    async def publish(self, accepted: Sequence[Accepted]) -> None:
        """Seal, send and wait for the acknowledgements, together at most `limits.seconds`.

        Raises:
            KafkaAwayError: Kafka has not acknowledged everything in time.
            KeysAwayError: there is no key to seal to.
            BacklogTooOldError: what waits has waited too long.
        """
        if not self.is_well():
            raise KafkaAwayError
        begun = self._clock()
        await self._keep(self._topic, self._sealed(accepted))
        metrics.ACKNOWLEDGEMENT_SECONDS.observe(self._clock() - begun)

    async def publish_statistics(self, statistics: Sequence[Statistic]) -> None:
        """Send and wait for the acknowledgements, together at most `limits.seconds`.

        Raises:
            KafkaAwayError: Kafka has not acknowledged everything in time.
        """
        if not self.is_well():
            raise KafkaAwayError
        await self._keep(self._statistics_topic, self._keyed(statistics))

    async def _keep(self, topic: str, records: Mapping[int, Sequence[Outgoing]]) -> None:
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._wait_for_room()
                kept = [self._dispatch(topic, *sent) for sent in records.items()]
                await asyncio.wait(kept)  # gives up waiting, never the parcels
        except TimeoutError:
            raise KafkaAwayError from None
        if not all(one.result() for one in kept):
            raise KafkaAwayError

    async def stop(self) -> None:
        """Let what is in flight land, as far as that takes no longer than it may."""
        self._is_stopping = True
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._producer.stop()
        except TimeoutError:
            pass  # nobody was told that these were kept

    def _key(self) -> SealingKey:
        if self._waiting.is_old():
            raise BacklogTooOldError
        key = self._keys.key_for(self._now())
        if key is None:
            raise KeysAwayError
        return key

    def _sealed(self, accepted: Sequence[Accepted]) -> Mapping[int, Sequence[Outgoing]]:
        """The records by partition, in order. Whether the key is one is asked now, not before."""
        key, now = self._key(), self._now()
        records: dict[int, list[Outgoing]] = defaultdict(list)
        for event_id, report in accepted:
            origin = Origin(report.municipality, report.actor)
            sealed = self.sealer.sealing(key, origin, now).seal(encode(report), event_id)
            timestamp_ms = (report.received_at - EPOCH) // MILLISECOND
            records[partition_of(event_id, self._partitions)].append(
                Outgoing(event_id.bytes, sealed.value, timestamp_ms, sealed.headers)
            )
        return records

    def _keyed(self, statistics: Sequence[Statistic]) -> Mapping[int, Sequence[Outgoing]]:
        """The records by partition, in order."""
        records: dict[int, list[Outgoing]] = defaultdict(list)
        for statistic in statistics:
            timestamp_ms = (statistic.received_at - EPOCH) // MILLISECOND
            records[partition_of_key(statistic.key, self._partitions)].append(
                Outgoing(statistic.key, encode(statistic), timestamp_ms)
            )
        return records

    def _has_room(self) -> bool:
        return self._records < self._limits.records and self._bytes < self._limits.bytes

    async def _wait_for_room(self) -> None:
        """Hold back a request that is being read: the sender's connection fills up meanwhile."""
        while not self._has_room():
            self._landed.clear()
            await self._landed.wait()

    def _dispatch(
        self, topic: str, partition: int, records: Sequence[Outgoing]
    ) -> asyncio.Future[bool]:
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        parcel = _Parcel(records, sum(len(one.value) for one in records), self._clock(), kept)
        self._in_flight[parcel] = None
        self._count(len(records), parcel.size)
        kept.add_done_callback(lambda _: self._land(parcel))
        self._lanes[topic, partition].add(parcel)
        return kept

    def _land(self, parcel: _Parcel) -> None:
        del self._in_flight[parcel]
        self._count(-len(parcel.records), -parcel.size)
        self._landed.set()

    def _count(self, records: int, size: int) -> None:
        self._records += records
        self._bytes += size
        metrics.IN_FLIGHT.set(self._records)

    async def _send(self, topic: str, partition: int, records: Sequence[Outgoing]) -> bool:
        """Whether Kafka has acknowledged the records."""
        try:
            for acknowledged in await send_all(self._producer, topic, {partition: records}):
                await acknowledged
        except KafkaTimeoutError:
            return False  # it never left the queue, so no sequence number is lost
        except KafkaError as error:
            if not self._is_stopping:
                self._on_fatal(error)
            return False
        return True

    def _clock(self) -> float:
        return asyncio.get_running_loop().time()
