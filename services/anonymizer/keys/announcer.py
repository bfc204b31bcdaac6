"""Announcements of keys to whoever seals."""

from datetime import datetime
from typing import Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from nacl.signing import SigningKey

from services.anonymizer.keys.index import KeyEntry
from shared.announcements import Announcement, KeyState, signed
from shared.errors import LagesbildError
from shared.sealing import key_id


class AnnouncementRefusedError(LagesbildError):
    """Kafka did not take a word, as if our clock were more than an hour ahead of its own.

    The producer's numbering is broken by that for good: the process must end.
    """


class Announcer(Protocol):
    """Says what holds of a key; returns when Kafka has it, however long that takes.

    `stamp` is the instant of our clock at which it is said.
    """

    async def announce(self, entry: KeyEntry, state: KeyState, stamp: datetime) -> None:
        """Say that a key is usable or retired."""

    async def withdraw(self, entry: KeyEntry, stamp: datetime) -> None:
        """Say nothing more about a key."""


class KafkaAnnouncer:
    """Through the anonymizer's own producer.

    There is no time limit: an idempotent producer never gives up, and a word that came to Kafka
    after a later one of another instance could bring a retired key back.
    """

    def __init__(self, producer: AIOKafkaProducer, signing: SigningKey, *, topic: str) -> None:
        self._producer = producer
        self._signing = signing
        self._topic = topic

    async def announce(self, entry: KeyEntry, state: KeyState, stamp: datetime) -> None:
        """Say that a key is usable or retired.

        Raises:
            AnnouncementRefusedError: Kafka does not take it.
            shared.kafka.KAFKA_AWAY: there is nobody to take it.
        """
        said = Announcement(entry.public, entry.start, entry.goes_at, state)
        await self._send(*signed(said, self._signing), stamp)

    async def withdraw(self, entry: KeyEntry, stamp: datetime) -> None:
        """Say nothing more about a key: a record without a value, which compaction takes away.

        Raises:
            AnnouncementRefusedError, shared.kafka.KAFKA_AWAY: as above.
        """
        await self._send(key_id(entry.public), None, (), stamp)

    async def _send(
        self,
        key: bytes,
        value: bytes | None,
        headers: tuple[tuple[str, bytes], ...],
        stamp: datetime,
    ) -> None:
        acknowledged = await self._producer.send(
            self._topic,
            value,
            key=key,
            partition=0,
            timestamp_ms=int(stamp.timestamp() * 1000),
            headers=list(headers),
        )
        try:
            await acknowledged
        except KafkaError as error:
            if error.retriable:  # the partition has no leader, so it was not sent
                raise
            raise AnnouncementRefusedError(type(error).__name__) from error
