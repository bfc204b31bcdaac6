"""An installation's keys with clocks, a log and a topic of announcements that the test decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiokafka.errors import KafkaConnectionError
from prometheus_client import CollectorRegistry

from services.anonymizer.domain.lifetimes import HOURS_AHEAD
from services.anonymizer.keys.announcer import AnnouncementRefusedError
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.index import KeyEntry, State
from services.anonymizer.keys.life import Clock, KeyLife
from services.anonymizer.keys.waits import Paces
from services.anonymizer.metrics import Metrics
from shared.announcements import KeyState
from shared.root_key import RootKey

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
AHEAD = [NOON + at * HOUR for at in range(1, HOURS_AHEAD + 1)]
PACES = Paces(rounds=10, grace=75, delete=60, drain=300)


@dataclass
class Log:
    """One partition: its end, how far it is processed, and how far it was deleted."""

    end: int = 0
    done: int = 0
    deleted: int = 0
    deletions: int = 0
    away: bool = False

    async def ends(self) -> Sequence[int]:
        self._answer()
        return [self.end]

    async def processed(self) -> Sequence[int]:
        self._answer()
        return [self.done]

    async def delete_processed(self) -> Sequence[int]:
        self._answer()
        self.deleted = self.done
        self.deletions += 1
        return [self.done]

    def _answer(self) -> None:
        if self.away:
            raise KafkaConnectionError


@dataclass
class Word:
    """What is announced, by key; `None`: withdrawn."""

    said: dict[str, KeyState | None] = field(default_factory=dict)
    count: int = 0
    away: bool = False
    clock: Callable[[], datetime] | None = None  # Kafka's own; without one it takes every stamp

    async def announce(self, entry: KeyEntry, state: KeyState, stamp: datetime) -> None:
        self._say(entry, state, stamp)

    async def withdraw(self, entry: KeyEntry, stamp: datetime) -> None:
        assert self.said[entry.id] is KeyState.RETIRED  # nobody is left with a usable one
        self._say(entry, None, stamp)

    def _say(self, entry: KeyEntry, state: KeyState | None, stamp: datetime) -> None:
        if self.away:
            raise KafkaConnectionError
        if self.clock is not None and stamp > self.clock() + HOUR:
            raise AnnouncementRefusedError
        self.said[entry.id] = state
        self.count += 1


class World:
    """An installation with one clock for people and one that never goes back."""

    def __init__(self, path: Path) -> None:
        self.now, self.seconds = NOON, 1000.0
        self.path, self.root = path / "keys", RootKey.new()
        self.log, self.word = Log(), Word()

    def instance(self, ahead: timedelta = timedelta()) -> "Instance":
        return Instance(self, ahead)

    def later(self, **span: float) -> None:
        """Time passes, for both clocks."""
        self.now += timedelta(**span)
        self.seconds += timedelta(**span).total_seconds()

    def entries(self) -> Sequence[KeyEntry]:
        return KeyFolder(self.path, self.root, now=lambda: self.now).entries

    def states(self) -> dict[datetime, State]:
        return {one.start: one.state for one in self.entries()}

    def noons_word(self) -> KeyState | None:
        """What was said last of the key of noon."""
        (noon,) = (one for one in self.entries() if one.start == NOON)
        return self.word.said[noon.id]


class Instance:
    """One anonymizer; its wall clock may be ahead of the world's."""

    def __init__(
        self, world: World, ahead: timedelta = timedelta(), *, clock: Clock | None = None
    ) -> None:
        self.world = world
        self.registry = CollectorRegistry()
        self.folder = KeyFolder(world.path, world.root, now=lambda: world.now + ahead)
        self.life = KeyLife(
            self.folder,
            world.log,
            world.word,
            clock=clock or Clock(now=lambda: world.now + ahead, monotonic=lambda: world.seconds),
            paces=PACES,
            metrics=Metrics(self.registry),
        )

    async def look(self) -> None:
        self.life.look_at_ages()
        await self.life.look_at_log()

    def metric(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)

    async def live(self, **span: float) -> None:
        """Rounds for so long."""
        until = self.world.now + timedelta(**span)
        while self.world.now < until:
            await self.look()
            self.world.later(seconds=min(10, (until - self.world.now).total_seconds()))
        await self.look()
