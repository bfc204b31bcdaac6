"""How old the oldest report is that the anonymizer has not processed: at 12 h nothing more is accepted.

What is accepted must be processed before its key goes, 24 h after its hour; who is refused still has
the report and sends it again (DESIGN §4, G1; decision 0022).
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.ingest import metrics
from shared import background
from shared.clocks import since_boot
from shared.kafka import KAFKA_AWAY, administration, committed_offsets, offsets_of, reading

ANSWER_SECONDS = 10.0
BELIEVED_SECONDS = 3600.0  # 12 h and this, and what was accepted still has 11 h until its key goes
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

log = structlog.get_logger()


class Backlog:
    """Asks Kafka now and then. What it does not answer is no refusal: the last answer stays, for an hour.

    `monotonic` gives seconds that never go back.
    """

    def __init__(  # noqa: PLR0913 - what it asks about, by name
        self,
        bootstrap: str,
        *,
        topic: str,
        group: str,
        partitions: int,
        most: timedelta,
        every_seconds: float,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = since_boot,
    ) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._group = group
        self._partitions = partitions
        self._most = most
        self._every_seconds = every_seconds
        self._now = now
        self._monotonic = monotonic
        self._is_old: bool | None = None
        self._answered_at = monotonic()  # not yet; nor was there an hour to answer in
        metrics.BACKLOG_ANSWER_AGE.set_function(self._seconds_since_answer)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to ask."""
        self._task = background.start(self._ask_on(), action="backlog_asked")

    async def stop(self) -> None:
        """Ask no more."""
        if self._task is not None:
            await background.stop(self._task)

    def is_old(self) -> bool:
        """Whether a report waits that is older than may be, or nobody has known for an hour."""
        return self._is_old is True or self._seconds_since_answer() >= BELIEVED_SECONDS

    def is_known(self) -> bool:
        """Whether Kafka has said what waits, and not too long ago; for readiness."""
        return self._is_old is not None and self._seconds_since_answer() < BELIEVED_SECONDS

    async def look(self) -> None:
        """Ask once.

        Raises:
            shared.kafka.KAFKA_AWAY: Kafka does not answer.
        """
        async with asyncio.timeout(ANSWER_SECONDS), administration(self._bootstrap) as admin:
            committed = await committed_offsets(admin, self._group, self._topic, self._partitions)
        async with (
            reading(
                self._bootstrap,
                client_id="lagesbild-ingest-backlog",
                within_seconds=ANSWER_SECONDS,
            ) as reader,
            asyncio.timeout(ANSWER_SECONDS),
        ):
            offsets = await offsets_of(reader, self._topic, self._partitions)
            young = await self._first_young(reader)
        self._judge(waits(committed, offsets, young))

    async def _first_young(self, reader: AIOKafkaConsumer) -> Mapping[int, int]:
        """The first record of each partition that is not older than may be; none: all are."""
        bound_ms = (self._now() - self._most - EPOCH) // timedelta(milliseconds=1)
        asked = {TopicPartition(self._topic, at): bound_ms for at in range(self._partitions)}
        found = await reader.offsets_for_times(asked)
        return {one.partition: there.offset for one, there in found.items() if there is not None}

    def _judge(self, is_old: bool) -> None:  # noqa: FBT001 - it is the answer
        if is_old != self._is_old:
            log.warning("backlog_judged", state="too old" if is_old else "well")
        self._is_old = is_old
        self._answered_at = self._monotonic()
        metrics.BACKLOG_IS_OLD.set(is_old)

    def _seconds_since_answer(self) -> float:
        return self._monotonic() - self._answered_at

    async def _ask_on(self) -> None:
        while True:
            try:
                await background.to_its_end(self.look())
            except KAFKA_AWAY as error:
                log.warning("backlog_unknown", error_type=type(error).__name__)
            await asyncio.sleep(self._every_seconds)


def waits(
    committed: Mapping[int, int], offsets: Mapping[int, range], young: Mapping[int, int]
) -> bool:
    """Whether any partition has a record that is neither processed nor young.

    Shape: by partition number; `young` is the first young record, and is missing where none is.
    Where nothing was ever committed, the first record is the first that waits.
    """
    return any(
        max(committed.get(number, 0), there.start) < min(young.get(number, there.stop), there.stop)
        for number, there in offsets.items()
    )
