"""A root key and a key folder of a test's own, and announcements as the anonymizer makes them."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from services.anonymizer.domain.lifetimes import Purpose, goes_at, period_of
from services.anonymizer.keys.folder import KeyFolder
from shared.announcements import Announcement, KeyState, signed
from shared.kafka import new_producer
from shared.root_key import RootKey
from shared.sealing import Origin, SealedValue, Sealer, SealingKey, new_private_key, public_half
from shared.topics import KEYS, REPORTS

FIRE = Origin("9998", "fire")


def utc_now() -> datetime:
    return datetime.now(UTC)


def a_stranger() -> SealingKey:
    """A key that nobody has announced."""
    return SealingKey.of(public_half(new_private_key()))


@dataclass
class OwnKeys:
    """A root key and where the keys lie; nothing is made before it is asked for."""

    path: Path
    root: RootKey = field(default_factory=RootKey.new)

    def folder(self, now: Callable[[], datetime] = utc_now) -> KeyFolder:
        return KeyFolder(self.path, self.root, now=now)

    def sealing_key(self, at: datetime | None = None) -> SealingKey:
        """The key of an hour, this one if no other is asked for."""
        hour = period_of(Purpose.REPORT, at or utc_now())
        return SealingKey.of(self.folder().make(Purpose.REPORT, hour).public)

    def opening_settings(self) -> dict[str, str]:
        """What the anonymizer is told of them."""
        return {"key_folder": str(self.path), "root_key": self.root.as_text()}


def keys_for_a_module() -> OwnKeys:
    """Keys in a folder that goes when the tests end."""
    path = Path(tempfile.mkdtemp(prefix="lagesbild-keys-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return OwnKeys(path / "keys")


def sealed_to(key: SealingKey, plain: bytes, event: UUID, *, origin: Origin = FIRE) -> SealedValue:
    """A report as ingest seals it."""
    return Sealer(topic=REPORTS.name).sealing(key, origin, utc_now()).seal(plain, event)


@dataclass
class Announcing:
    """The anonymizer's word, where there is no anonymizer."""

    kafka: str
    prefix: str
    root: RootKey = field(default_factory=RootKey.new)
    privates: dict[bytes, bytes] = field(default_factory=dict)

    async def announce(
        self,
        *,
        hour: datetime | None = None,
        state: KeyState = KeyState.USABLE,
        private: bytes | None = None,
        root: RootKey | None = None,
    ) -> SealingKey:
        """Announce a key, a new one if no other is given."""
        secret = private or new_private_key()
        public = public_half(secret)
        key = SealingKey.of(public)
        self.privates[key.id] = secret
        begin = hour or period_of(Purpose.REPORT, utc_now())
        said = Announcement(public, begin, goes_at(Purpose.REPORT, begin), state)
        await self.put(*signed(said, (root or self.root).announcing()))
        return key

    async def put(
        self, key: bytes, value: bytes | None, headers: tuple[tuple[str, bytes], ...]
    ) -> None:
        producer = new_producer(self.kafka, client_id="test")
        await producer.start()
        try:
            await producer.send_and_wait(
                KEYS.named(self.prefix), value, key=key, partition=0, headers=list(headers)
            )
        finally:
            await producer.stop()


HOUR = timedelta(hours=1)
