"""Which key ingest seals to, out of what it has heard."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from msgspec.structs import replace

from services.ingest.announced import FRESH_SECONDS, AnnouncedKeys
from services.ingest.metrics import ANNOUNCEMENTS_REFUSED
from shared.announcements import Announcement, KeyState, signed
from shared.records import LogRecord
from shared.root_key import RootKey, announcement_key
from shared.sealing import SealingKey, new_private_key, public_half

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROOT = RootKey.new()


class Hearing:
    """What was heard, at clocks that the test sets."""

    def __init__(self) -> None:
        self.now, self.seconds = NOON, 1000.0
        self.keys = AnnouncedKeys(
            "unused:1",
            announcement_key(ROOT.announcement_key()),
            topic="keys",
            monotonic=lambda: self.seconds,
        )
        self.keys._fresh_at = self.seconds
        self.log: list[LogRecord] = []

    def take(self, key: bytes, value: bytes | None, headers: tuple[tuple[str, bytes], ...]) -> None:
        self.log.append(LogRecord(0, len(self.log), 0, key, value, "keys", headers))
        self.keys.take(self.log[-1])

    def hear(
        self,
        hour: datetime = NOON,
        state: KeyState = KeyState.USABLE,
        public: bytes | None = None,
        root: RootKey = ROOT,
    ) -> SealingKey:
        public = public or public_half(new_private_key())
        said = Announcement(public, hour, hour + 25 * HOUR, state)
        key, value, headers = signed(said, root.announcing())
        self.take(key, value, headers)
        return SealingKey.of(public)

    def withdraw(self, key: SealingKey) -> None:
        self.take(key.id, None, ())

    def chosen(self) -> bytes | None:
        key = self.keys.key_for(self.now)
        return None if key is None else key.id


def refused(reason: str) -> float:
    return float(ANNOUNCEMENTS_REFUSED.labels(reason)._value.get())


def test_it_is_the_key_of_the_hour() -> None:
    hearing = Hearing()
    keys = [hearing.hear(NOON + at * HOUR) for at in (-1, 0, 1)]
    assert hearing.chosen() == keys[1].id
    hearing.now += HOUR
    assert hearing.chosen() == keys[2].id


@pytest.mark.parametrize("hours", [-30, -5, 5, 20])
def test_without_the_key_of_the_hour_it_is_the_nearest(hours: int) -> None:
    hearing = Hearing()
    near, far = hearing.hear(NOON), hearing.hear(NOON - 2 * HOUR if hours > 0 else NOON + 2 * HOUR)
    hearing.now = NOON + hours * HOUR
    assert hearing.chosen() == near.id != far.id


def test_one_that_is_retired_is_used_no_more_whatever_is_said_later() -> None:
    hearing = Hearing()
    key = hearing.hear()
    other = hearing.hear(NOON - HOUR)
    hearing.hear(state=KeyState.RETIRED, public=bytes(key.public))
    assert hearing.chosen() == other.id
    before = refused("retired")
    hearing.hear(public=bytes(key.public))
    assert hearing.chosen() == other.id
    assert refused("retired") == before + 1


def test_after_its_last_instant_it_is_used_no_more() -> None:
    hearing = Hearing()
    key = hearing.hear()
    hearing.now = NOON + 25 * HOUR - timedelta(microseconds=1)
    assert hearing.chosen() == key.id
    hearing.now = NOON + 25 * HOUR
    assert hearing.chosen() is None


def test_one_that_is_read_while_the_clock_is_a_day_ahead_is_used_when_the_clock_is_right() -> None:
    hearing = Hearing()
    hearing.now += 26 * HOUR
    key = hearing.hear(NOON)
    assert hearing.chosen() is None
    hearing.now -= 26 * HOUR
    assert hearing.chosen() == key.id


def test_what_is_read_again_after_a_break_is_no_new_refusal() -> None:
    hearing = Hearing()
    key = hearing.hear()
    hearing.hear(root=RootKey.new())
    hearing.hear(state=KeyState.RETIRED, public=bytes(key.public))
    other = hearing.hear(NOON + HOUR)
    before = refused("forged"), refused("retired")
    for record in hearing.log:
        hearing.keys.take(record)
    assert (refused("forged"), refused("retired")) == before
    assert hearing.chosen() == other.id
    hearing.hear(public=bytes(key.public))
    hearing.hear(root=RootKey.new())
    assert (refused("forged"), refused("retired")) == (before[0] + 1, before[1] + 1)


def test_a_forged_one_is_refused_and_counted() -> None:
    hearing = Hearing()
    before = refused("forged")
    hearing.hear(root=RootKey.new())
    assert hearing.chosen() is None
    assert refused("forged") == before + 1


def test_only_what_is_retired_can_be_withdrawn() -> None:
    hearing = Hearing()
    key = hearing.hear()
    before = refused("forged")
    hearing.withdraw(key)
    assert hearing.chosen() == key.id
    assert refused("forged") == before + 1
    hearing.hear(state=KeyState.RETIRED, public=bytes(key.public))
    hearing.withdraw(key)
    assert hearing.chosen() is None
    assert refused("forged") == before + 1


def test_what_was_heard_is_trusted_for_a_minute() -> None:
    hearing = Hearing()
    key = hearing.hear()
    hearing.seconds += FRESH_SECONDS - 0.001
    assert hearing.chosen() == key.id
    hearing.seconds += 0.001
    assert hearing.chosen() is None


class Topic:
    """What a reader finds: the records that compaction has left, and the end."""

    def __init__(self, hearing: Hearing) -> None:
        self._partition = TopicPartition("keys", 0)
        self.records: list[LogRecord] = []
        self.at, self.end = 0, 0
        self.hearing = hearing

    def has(self, *records: LogRecord, end: int) -> None:
        self.records, self.end = list(records), end

    async def seek_to_beginning(self, _partition: TopicPartition) -> None:
        self.at = 0

    async def position(self, _partition: TopicPartition) -> int:
        return self.at

    async def end_offsets(self, _partitions: object) -> dict[TopicPartition, int]:
        return {self._partition: self.end}

    async def getmany(
        self, _partition: TopicPartition, *, timeout_ms: int
    ) -> dict[TopicPartition, list[LogRecord]]:
        found = [one for one in self.records if one.offset >= self.at]
        self.at = max(self.at, self.end)
        return {self._partition: found}

    async def read(self, *, anew: bool = False) -> None:
        reader = cast("Any", self)
        if anew:
            await self.hearing.keys._begin(reader)
        await self.hearing.keys._look(reader)


async def test_a_key_whose_withdrawal_alone_is_left_is_used_no_more_and_that_is_no_forgery() -> (
    None
):
    hearing = Hearing()
    topic = Topic(hearing)
    gone, lives = hearing.hear(), hearing.hear(NOON + HOUR)
    topic.has(*hearing.log, end=2)
    await topic.read(anew=True)
    assert hearing.chosen() == gone.id
    before = refused("forged")
    withdrawal = LogRecord(0, 3, 0, gone.id, None, "keys", ())
    topic.has(hearing.log[1], withdrawal, end=4)  # 0 and 2, where it was retired, were compacted
    await topic.read(anew=True)
    assert hearing.chosen() == lives.id
    assert refused("forged") == before


async def test_while_it_is_read_anew_what_was_heard_before_holds() -> None:
    hearing = Hearing()
    key = hearing.hear()
    await hearing.keys._begin(cast("Any", Topic(hearing)))
    assert hearing.chosen() == key.id
    hearing.hear(state=KeyState.RETIRED, public=bytes(key.public))
    assert hearing.chosen() is None


async def test_one_that_was_retired_is_not_used_after_it_is_read_anew() -> None:
    hearing = Hearing()
    topic = Topic(hearing)
    key = hearing.hear()
    hearing.hear(state=KeyState.RETIRED, public=bytes(key.public))
    hearing.keys._retired.clear()  # another process, which reads both for the first time
    topic.has(*hearing.log, end=2)
    await topic.read(anew=True)
    assert hearing.chosen() is None


async def test_of_a_topic_that_was_made_anew_only_what_it_has_is_used() -> None:
    hearing = Hearing()
    topic = Topic(hearing)
    old, other = hearing.hear(), hearing.hear(NOON + HOUR)
    topic.has(*hearing.log, end=2)
    await topic.read(anew=True)
    topic.has(replace(hearing.log[1], offset=0), end=1)
    await topic.read()
    assert hearing.chosen() == other.id != old.id


async def test_what_is_heard_after_the_end_was_reached_holds_at_once() -> None:
    hearing = Hearing()
    await Topic(hearing).read(anew=True)
    key = hearing.hear()
    assert hearing.chosen() == key.id


def test_seconds_go_on_while_the_machine_is_suspended(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = {time.CLOCK_BOOTTIME: 5000.0, time.CLOCK_MONOTONIC: 1000.0}
    monkeypatch.setattr(time, "clock_gettime", clocks.__getitem__)
    keys = AnnouncedKeys("unused:1", announcement_key(ROOT.announcement_key()), topic="keys")
    assert keys._monotonic() == 5000.0
