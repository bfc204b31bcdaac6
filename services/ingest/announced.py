"""The keys that the anonymizer announces: which one a report is sealed to now.

A reader of `anonymizer.keys.v1` from its first record on, without a group. It is *fresh* as long as
it has read up to what was the end of the topic less than 60 s ago: whatever the anonymizer has said
before that is known here. The anonymizer waits longer than that between retiring a key and
destroying it, so nobody seals to a key that is gone, whatever any clock says (decision 0022). The seconds
are those since the machine's boot, which go on while it is suspended.

What holds is what the latest reading from the first record on has heard, not what any reading ever has:
compaction takes records away, and a topic can be made anew. Only what was retired stays so for ever.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from nacl.signing import VerifyKey

from services.ingest import metrics
from shared import background
from shared.announcements import Announcement, ForgedAnnouncement, KeyState, checked
from shared.clocks import since_boot
from shared.kafka import KAFKA_AWAY, reading
from shared.records import LogRecord
from shared.sealing import SealingKey

FRESH_SECONDS = 60.0
LOOK_SECONDS = 2.0
ANSWER_SECONDS = 10.0
HOUR = timedelta(hours=1)

log = structlog.get_logger()


class AnnouncedKeys:
    """What stands on the topic. `monotonic` gives seconds that never go back."""

    def __init__(
        self,
        bootstrap: str,
        verifying: VerifyKey,
        *,
        topic: str,
        monotonic: Callable[[], float] = since_boot,
    ) -> None:
        self._bootstrap = bootstrap
        self._verifying = verifying
        self._partition = TopicPartition(topic, 0)
        self._monotonic = monotonic
        self._fresh_at = float("-inf")
        self._usable: dict[bytes, tuple[Announcement, SealingKey]] = {}
        self._heard = self._usable  # by this reading; another one until it has come to the end
        self._retired: set[bytes] = set()
        self._read_before = (
            0  # the offset up to which all was taken note of, maybe by another reader
        )
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read; nothing can be sealed before the end was reached."""
        self._task = background.start(self._follow(), action="keys_followed")

    async def stop(self) -> None:
        """Read no more."""
        if self._task is not None:
            await background.stop(self._task)

    def key_for(self, now: datetime) -> SealingKey | None:
        """What to seal to: the key of the hour, else the usable one that is nearest to it.

        None: there is none, or nobody knows whether what was announced still holds.
        """
        if self._monotonic() - self._fresh_at >= FRESH_SECONDS:
            return None
        usable = [one for one in self._usable.values() if now < one[0].not_after]
        if not usable:
            return None
        return min(usable, key=lambda one: _distance(one[0].hour, now))[1]

    def take(self, record: LogRecord) -> None:
        """Take note of one record; one that is not the anonymizer's is refused.

        What was read before and is read again after a break has been judged, and counted, already.
        Whether a key has expired is asked when it is to be used: by then the clock may be right.
        """
        reason = self._judged(record)
        if reason is not None and record.offset >= self._read_before:
            _refuse(reason)
        self._read_before = max(self._read_before, record.offset + 1)

    def _judged(self, record: LogRecord) -> str | None:
        """Take note of a record, or say why it is not believed."""
        if record.value is None:  # no signature is on it: only what is retired is withdrawn
            return "forged" if record.key in self._heard else None
        try:
            said = checked(record.key, record.value, record.headers, self._verifying)
        except ForgedAnnouncement:
            return "forged"
        key = said.key
        if said.state is KeyState.RETIRED:
            self._retired.add(key.id)
            self._usable.pop(key.id, None)
            self._heard.pop(key.id, None)
        elif key.id in self._retired:
            return "retired"  # said again by somebody who may not have a say
        else:
            self._heard[key.id] = (said, key)
        return None

    async def _follow(self) -> None:
        while True:
            try:
                async with reading(
                    self._bootstrap,
                    client_id="lagesbild-ingest-keys",
                    within_seconds=ANSWER_SECONDS,
                ) as reader:
                    await self._read(reader)
            except KAFKA_AWAY as error:
                log.warning("keys_unread", error_type=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def _read(self, reader: AIOKafkaConsumer) -> None:
        """Read from the first record on, for ever."""
        reader.assign([self._partition])
        await self._begin(reader)
        while True:
            await background.to_its_end(self._look(reader))

    async def _begin(self, reader: AIOKafkaConsumer) -> None:
        """Read from the first record on; what was heard before holds until the end is reached."""
        self._heard = {}
        await reader.seek_to_beginning(self._partition)

    async def _look(self, reader: AIOKafkaConsumer) -> None:
        """Read to the end, and a moment longer."""
        asked_at = self._monotonic()
        async with asyncio.timeout(ANSWER_SECONDS):
            end = (await reader.end_offsets([self._partition]))[self._partition]
            if await reader.position(self._partition) > end:  # it is another topic now
                await self._begin(reader)
            self._read_before = min(self._read_before, end)
            while await reader.position(self._partition) < end:
                await self._poll(reader, wait_ms=200)
        self._usable, self._fresh_at = self._heard, asked_at
        await self._poll(reader, wait_ms=int(LOOK_SECONDS * 1000))

    async def _poll(self, reader: AIOKafkaConsumer, *, wait_ms: int) -> None:
        polled = await reader.getmany(self._partition, timeout_ms=wait_ms)
        for record in polled.get(self._partition, ()):
            self.take(record)


def _distance(hour: datetime, now: datetime) -> tuple[timedelta, bool]:
    """How far an instant is from an hour; its end lies outside."""
    return max(hour - now, now - (hour + HOUR), timedelta()), now >= hour + HOUR


def _refuse(reason: str) -> None:
    metrics.ANNOUNCEMENTS_REFUSED.labels(reason).inc()
    log.error("announcement_refused", reason=reason)
