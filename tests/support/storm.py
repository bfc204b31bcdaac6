"""Two aggregators in memory and a bad world around them: the real `Recording` and `Ownership`.

The database keeps what the real one promises: row locks, a fence, a commit of everything or of
nothing. Around that it is away, refuses rows, and commits without saying so; the group rebalances,
and a member that is cut off from it goes on with what it had. Every bit of chance comes from a seed.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
from aiokafka import TopicPartition

from services.aggregator.domain.lag import Lag
from services.aggregator.domain.plan import Advance, Claim, Claimed, DeadLetter, Extent
from services.aggregator.handlers import Recording
from services.aggregator.ownership import Ownership
from services.aggregator.store import CountStore
from shared.errors import DeadReason, Fenced
from shared.records import LogRecord

PARTITIONS = range(3)
RECORDS = 400
"""Records of one partition."""

STORM_SECONDS = 2.0
LOG_SECONDS = 2.4
"""The log is written evenly for so long, also after the last rebalance, which heals much."""

CALM_SECONDS = 20.0
"""In a world that is well again, two aggregators have so long to count what is left."""

TOPIC = "events"
Place = tuple[int, int]
"""Partition and offset."""

EVERYTHING = Counter({(part, offset): 1 for part in PARTITIONS for offset in range(RECORDS)})


def is_refused(record: LogRecord) -> bool:
    """Whether the database has no place for what this record says."""
    return record.offset % 97 == 5


REFUSED = Counter(
    {place: 1 for place in EVERYTHING if is_refused(LogRecord(*place, 0, None, None))}
)


class Weather:
    """What goes wrong, how often, and for how long; `struck` counts what did."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.is_calm = False
        self.struck: Counter[str] = Counter()

    def strikes(self, what: str, share: float) -> bool:
        """Whether this goes wrong now."""
        hit = not self.is_calm and self.dice.random() < share
        self.struck[what] += hit
        return hit

    async def nap(self) -> None:
        """Let others go first, for some steps or milliseconds."""
        for _ in range(self.dice.randrange(4)):
            await asyncio.sleep(0)
        if self.dice.random() < 0.2:
            await asyncio.sleep(self.dice.random() * 0.004)


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan that still has its records, to be held against its steps."""

    advances: tuple[Advance, ...]
    records: tuple[LogRecord, ...]
    dead: tuple[DeadLetter, ...] = ()


class Database:
    """The offsets, and how often each record was counted or buried."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self.rows = dict.fromkeys(PARTITIONS, Claim(0, 0))
        self.counted: Counter[Place] = Counter()
        self.buried: Counter[Place] = Counter()
        self.loses_answers = 0
        self._locks = {part: asyncio.Lock() for part in PARTITIONS}

    @property
    def has_all(self) -> bool:
        """Whether every partition stands at its end."""
        return all(row.next_offset == RECORDS for row in self.rows.values())

    async def fence(self, part: int) -> None:
        await self._reached("fence lost", 0.1)
        async with self.locked(part):
            was = self.rows[part]
            self.rows[part] = Claim(was.epoch + 1, was.next_offset)
        await self.weather.nap()

    async def claim(self, part: int, _extent: Extent) -> Claimed:
        await self._reached("claim lost", 0.2)
        async with self.locked(part):
            was = self.rows[part]
            now = self.rows[part] = Claim(was.epoch + 1, was.next_offset)
        await self.weather.nap()
        return Claimed(now, was.next_offset, same_log=True)

    async def standing(self, parts: Sequence[int]) -> Mapping[int, Claim]:
        await self._reached("question lost", 0.1)
        found = {part: self.rows[part] for part in parts}
        await self.weather.nap()
        return found

    def locked(self, part: int) -> asyncio.Lock:
        """The lock of a partition's row."""
        return self._locks[part]

    async def write(self, plan: KeptPlan) -> int:
        """One transaction, whose answer may be lost."""
        await self._reached("write lost", 0.07)
        async with AsyncExitStack() as rows:
            for step in plan.advances:
                await rows.enter_async_context(self.locked(step.partition))
            self._check(plan)
            await self.weather.nap()
            self._commit(plan)
        if self.weather.strikes("outcome unknown", 0.07) or self._answer_is_lost():
            raise ConnectionError
        return len(plan.records)

    def _answer_is_lost(self) -> bool:
        self.loses_answers -= 1
        return self.loses_answers >= 0

    def _check(self, plan: KeptPlan) -> None:
        for step in plan.advances:
            if self.rows[step.partition] != Claim(step.epoch, step.from_offset):
                self.weather.struck["fenced"] += 1
                raise Fenced("a partition has a newer claim")
        if not plan.dead and any(map(is_refused, plan.records)):
            raise asyncpg.DataError("no place for it")

    def _commit(self, plan: KeptPlan) -> None:
        covered = [
            (step.partition, offset)
            for step in plan.advances
            for offset in range(step.from_offset, step.to_offset)
        ]
        planned = [(record.partition, record.offset) for record in plan.records]
        assert sorted(planned) == covered, "the steps and the records are not the same"
        for step in plan.advances:
            self.rows[step.partition] = Claim(step.epoch, step.to_offset)
        self.counted.update(planned)
        self.buried.update((letter.partition, letter.offset) for letter in plan.dead)

    async def _reached(self, what: str, share: float) -> None:
        await self.weather.nap()
        if self.weather.strikes(what, share):
            raise ConnectionError


class KeptFilling:
    """A plan of nothing but records."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self._records: list[LogRecord] = []

    def add(self, records: Sequence[LogRecord]) -> None:
        self._records.extend(records)

    async def finish(self, advances: Sequence[Advance]) -> KeptPlan:
        """New places get their numbers from the database, which may be away."""
        await self._weather.nap()
        if self._weather.strikes("preparing failed", 0.05):
            raise ConnectionError
        return KeptPlan(tuple(advances), tuple(self._records))


class Keeping:
    """Work that counts each record as what it is: a partition and an offset."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.told = 0

    def begin(self) -> KeptFilling:
        return KeptFilling(self._database.weather)

    async def refused(self, record: LogRecord, claims: Mapping[int, Claim]) -> KeptPlan:
        part, offset = record.partition, record.offset
        step = Advance(part, claims[part].epoch, offset, offset + 1)
        letter = DeadLetter(part, offset, DeadReason.REFUSED_BY_DATABASE)
        return KeptPlan((step,), (record,), (letter,))

    async def write(self, plan: KeptPlan) -> int:
        return await self._database.write(plan)

    def tell(self, _plan: KeptPlan, changed: int) -> None:
        self.told += changed


class Reader:
    """A consumer: what is assigned and not paused is read on from where it was sought."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self._positions: dict[int, int] = {}
        self._paused: set[int] = set()

    def assign(self, parts: Iterable[int]) -> None:
        """Begin anywhere: where Kafka thinks that we stand is not what counts."""
        self._positions = {part: self._weather.dice.randrange(RECORDS) for part in parts}
        self._paused = set()

    def assignment(self) -> list[TopicPartition]:
        return [TopicPartition(TOPIC, part) for part in sorted(self._positions)]

    def pause(self, *parts: TopicPartition) -> None:
        self._paused |= {one.partition for one in parts}

    def resume(self, *parts: TopicPartition) -> None:
        self._paused -= {one.partition for one in parts}

    def seek(self, part: TopicPartition, offset: int) -> None:
        self._positions[part.partition] = offset

    def position(self, part: int) -> int:
        """The offset that is read next."""
        return self._positions[part]

    async def beginning_offsets(self, parts: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(parts, 0)

    async def end_offsets(self, parts: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(parts, RECORDS)

    def _misses_one(self) -> bool:
        """A record is missing now and then, also in fine weather."""
        missed = self._weather.dice.random() < 0.02
        self._weather.struck["gap"] += missed
        return missed

    def poll(self) -> tuple[LogRecord, ...]:
        """What there is, one partition after the other; now and then a record is missing."""
        share = min(1.0, asyncio.get_running_loop().time() / LOG_SECONDS)
        read: list[LogRecord] = []
        for part in sorted(self._positions.keys() - self._paused):
            first = self._positions[part] + (share < 1 and self._misses_one())
            end = min(int(share * RECORDS), first + self._weather.dice.randrange(40))
            if first < end:
                self._positions[part] = end
                now_ms = int(time.time() * 1000)
                read += [LogRecord(part, at, now_ms, b"", b"") for at in range(first, end)]
        return tuple(read)


class Member:
    """One aggregator of the group."""

    def __init__(self, database: Database, *, work: Keeping, most: int) -> None:
        self._weather = database.weather
        self.reader = Reader(self._weather)
        self.ownership = Ownership(cast("CountStore", database))
        self.ownership.follow(lambda: self.reader)
        self.lag = Lag()
        self.recording = Recording(work, ownership=self.ownership, lag=self.lag, most=most)

    def start(self) -> "list[asyncio.Task[None]]":
        return [
            asyncio.create_task(self._read()),
            asyncio.create_task(self.recording.write_for_ever()),
            asyncio.create_task(self.ownership.claim_again(every_seconds=0.05)),
        ]

    async def lose(self) -> None:
        """The group takes everything away."""
        await self.ownership.on_partitions_revoked(self.reader.assignment())
        self.reader.assign(())

    async def get(self, parts: Iterable[int]) -> None:
        """The group gives; records come before the listener has been told (streaming.md §2.4.1)."""
        self.reader.assign(parts)
        await self._weather.nap()
        await self.ownership.on_partitions_assigned(self.reader.assignment())

    async def _read(self) -> None:
        while True:
            if records := self.reader.poll():
                message: Any = SimpleNamespace(raw_message=records)
                await self.recording.on_records(message)
            await asyncio.sleep(self._weather.dice.random() * 0.002)


class Storm:
    """A group of two, blown about for a while; then everything works, and they must finish."""

    def __init__(self, seed: int) -> None:
        random.seed(seed)  # delays are jittered by everybody's dice
        self.weather = Weather(seed)
        self.database = Database(self.weather)
        most = self.weather.dice.choice([5, 20, 60])
        work = Keeping(self.database)
        self.members = [Member(self.database, work=work, most=most) for _ in range(2)]
        self.crashes: list[BaseException] = []

    def crash(self, _action: str, error: BaseException) -> None:
        """Instead of the end of the process."""
        self.crashes.append(error)

    async def blow(self) -> None:
        """All of it.

        Raises:
            AssertionError: something ended that never does, or they do not finish.
            Exception: what one of them died of.
        """
        tasks = [task for member in self.members for task in member.start()]
        now = asyncio.get_running_loop().time
        while now() < STORM_SECONDS:
            await self._rebalance()
            await self._while_all_live(tasks, self.weather.dice.random() * 0.15)
        self.weather.is_calm = True
        await self._rebalance()
        while not self._is_done():
            assert now() < STORM_SECONDS + CALM_SECONDS, "they do not finish"
            await self._while_all_live(tasks, 0.05)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    def _is_done(self) -> bool:
        return self.database.has_all and all(
            member.lag.oldest_uncommitted() is None for member in self.members
        )

    async def _rebalance(self) -> None:
        """Share the partitions among those that hear of it; the others go on as zombies."""
        heard = [one for one in self.members if not self.weather.strikes("cut off", 0.3)]
        if not heard:
            return
        for member in heard:
            await member.lose()
        owners = {part: self.weather.dice.choice(heard) for part in PARTITIONS}
        for member in heard:
            await member.get(part for part, owner in owners.items() if owner is member)

    async def _while_all_live(self, tasks: "list[asyncio.Task[None]]", seconds: float) -> None:
        ended, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for error in self.crashes:
            raise error
        for task in ended:
            task.result()
        assert not ended, "what runs for ever has ended"
