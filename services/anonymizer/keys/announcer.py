"""Announcements of keys to whoever seals."""

from typing import Protocol

from aiokafka import AIOKafkaProducer
from nacl.signing import SigningKey

from services.anonymizer.keys.index import KeyEntry
from shared.announcements import Announcement, KeyState, signed
from shared.sealing import key_id


class Announcer(Protocol):
    """Says what holds of a key; returns when Kafka has it, however long that takes."""

    async def announce(self, entry: KeyEntry, state: KeyState) -> None:
        """Say that a key is usable or retired."""

    async def withdraw(self, entry: KeyEntry) -> None:
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

    async def announce(self, entry: KeyEntry, state: KeyState) -> None:
        """Say that a key is usable or retired."""
        said = Announcement(entry.public, entry.start, entry.goes_at, state)
        key, value, headers = signed(said, self._signing)
        await self._send(key, value, headers)

    async def withdraw(self, entry: KeyEntry) -> None:
        """Say nothing more about a key: a record without a value, which compaction takes away."""
        await self._send(key_id(entry.public), None, ())

    async def _send(
        self, key: bytes, value: bytes | None, headers: tuple[tuple[str, bytes], ...]
    ) -> None:
        await self._producer.send_and_wait(
            self._topic, value, key=key, partition=0, headers=list(headers)
        )
