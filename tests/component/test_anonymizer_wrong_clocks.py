"""What a wrong clock of one instance, or of all, does to keys: nothing that is still wanted goes."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka.errors import InvalidTimestampError, KafkaTimeoutError, NotLeaderForPartitionError

from services.anonymizer.domain.lifetimes import Purpose
from services.anonymizer.keys.announcer import AnnouncementRefusedError, KafkaAnnouncer
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.index import KeyEntry, State
from shared.announcements import KeyState
from shared.kafka import KAFKA_AWAY
from tests.support.key_world import HOUR, NOON, Instance, World

MIDNIGHT = NOON.replace(hour=0)
DAYS = [(Purpose.LINKING, timedelta(days=2)), (Purpose.DEAD_LETTER, timedelta(days=14))]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("os.fsync", lambda _file: None)  # nobody pulls the plug, and it costs most
    return World(tmp_path)


def state_of(folder: KeyFolder, entry: KeyEntry) -> State:
    folder.refresh()
    (found,) = (one.state for one in folder.entries if one.id == entry.id)
    return found


@pytest.mark.parametrize(("purpose", "ahead"), DAYS)
async def test_an_instance_that_is_days_ahead_of_kafka_destroys_no_key_of_a_day(
    world: World, purpose: Purpose, ahead: timedelta
) -> None:
    world.word.clock = lambda: world.now
    wrong = world.instance(ahead)
    today = world.instance().folder.make(purpose, MIDNIGHT)
    for _ in range(5):
        wrong.life.look_at_ages()
        with suppress(AnnouncementRefusedError):
            await wrong.life.look_at_log()
        world.later(seconds=100)
    wrong.life.look_at_ages()
    assert state_of(wrong.folder, today) is State.USABLE


@pytest.mark.parametrize(("purpose", "life"), DAYS)
async def test_the_key_of_a_day_goes_when_kafka_has_taken_a_word_from_after_its_last_instant(
    world: World, purpose: Purpose, life: timedelta
) -> None:
    world.word.clock = lambda: world.now
    world.log.end = 1  # it waits: no report's key goes, of which there would be something to say
    entry = world.instance().folder.make(purpose, MIDNIGHT)
    world.later(seconds=(MIDNIGHT + life - NOON - 2 * HOUR).total_seconds())
    one = world.instance()
    await one.look()
    world.later(hours=1.5)
    one.life.look_at_ages()  # made what is missing: there is something to say
    await one.life.look_at_log()
    world.later(hours=0.5)
    one.life.look_at_ages()
    assert state_of(one.folder, entry) is State.USABLE  # what Kafka took last was from before
    await world.instance().life.look_at_log()  # another says what is new
    await one.life.look_at_log()  # everything is said again, for that was asked
    one.life.look_at_ages()
    assert state_of(one.folder, entry) is State.DESTROYED


async def test_without_kafka_the_key_of_a_day_goes_when_it_was_here_for_its_whole_life(
    world: World,
) -> None:
    one = world.instance()
    entry = one.folder.make(Purpose.LINKING, MIDNIGHT)
    world.now += 36 * HOUR  # the clock is wrong: the key has been here for no time
    one.life.look_at_ages()
    world.later(hours=35, minutes=59)
    one.life.look_at_ages()
    assert state_of(one.folder, entry) is State.USABLE
    world.later(minutes=1)
    one.life.look_at_ages()
    assert state_of(one.folder, entry) is State.DESTROYED


async def test_a_linking_key_of_today_that_has_gone_is_told(world: World) -> None:
    one = world.instance()
    one.life.look_at_ages()
    assert one.metric("lagesbild_linking_key_is_missing") == 0  # nobody has asked for one yet
    entry = one.folder.make(Purpose.LINKING, MIDNIGHT)
    one.life.look_at_ages()
    assert one.metric("lagesbild_linking_key_is_missing") == 0
    one.folder.destroy(entry)
    one.life.look_at_ages()
    assert one.metric("lagesbild_linking_key_is_missing") == 1


class Producer:
    """Takes records; their acknowledgement, or their taking, fails as it is told to."""

    def __init__(self, *, taken: Exception | None = None, kept: Exception | None = None) -> None:
        self.taken, self.kept = taken, kept
        self.stamps: list[int] = []

    async def send(self, _topic: str, _value: object, **given: Any) -> asyncio.Future[None]:
        if self.taken is not None:
            raise self.taken
        self.stamps.append(given["timestamp_ms"])
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.kept is None:
            done.set_result(None)
        else:
            done.set_exception(self.kept)
        return done


async def test_a_word_has_our_stamp_and_one_that_kafka_refuses_ends_the_process(
    world: World,
) -> None:
    world.instance().folder.make(Purpose.REPORT, NOON)
    (entry,) = world.entries()

    async def said(producer: Producer) -> None:
        announcer = KafkaAnnouncer(cast("Any", producer), world.root.announcing(), topic="keys")
        await announcer.announce(entry, KeyState.USABLE, NOON)

    producer = Producer()
    await said(producer)
    assert producer.stamps == [int(NOON.timestamp() * 1000)]
    with pytest.raises(KafkaTimeoutError):  # it never left the queue: tried again
        await said(Producer(taken=KafkaTimeoutError()))
    with pytest.raises(NotLeaderForPartitionError):  # nor did this
        await said(Producer(kept=NotLeaderForPartitionError()))
    with pytest.raises(AnnouncementRefusedError) as raised:
        await said(Producer(kept=InvalidTimestampError()))
    assert not isinstance(raised.value, KAFKA_AWAY)


async def test_a_clock_that_jumps_there_and_back_loses_nothing_that_waits(world: World) -> None:
    one = world.instance()
    sealed_to: list[bytes] = []
    for jump in (0, 30, -30, 0):
        world.log.end += 1  # nothing is processed meanwhile
        await jumped(world, one, jump, seconds=150)
        heard = [
            entry
            for entry in one.folder.entries
            if world.word.said.get(entry.id) is KeyState.USABLE
        ]
        sealed_to.append(bytes.fromhex(heard[0].id))
    assert len(set(sealed_to)) > 1
    assert all(one.folder.private_of(key) is not None for key in sealed_to)


async def test_a_second_jump_begins_the_drain_anew_though_the_first_is_written_down(
    world: World,
) -> None:
    one = world.instance()
    world.log.end = 3  # they wait
    await one.look()
    (noon,) = (entry for entry in world.entries() if entry.start == NOON)
    await jumped(world, one, 30, seconds=280)
    await jumped(world, one, -30, seconds=600)
    await jumped(world, one, 30, seconds=290)
    assert state_of(one.folder, noon) is State.RETIRED
    await jumped(world, one, 0, seconds=20)
    assert state_of(one.folder, noon) is State.DESTROYED


async def test_a_second_jump_in_the_same_direction_begins_the_drain_anew(world: World) -> None:
    one = world.instance()
    world.log.end = 3
    await one.look()
    (noon,) = (entry for entry in world.entries() if entry.start == NOON)
    await jumped(world, one, 30, seconds=280)
    await jumped(world, one, 30, seconds=290)
    assert state_of(one.folder, noon) is State.RETIRED


async def test_a_drain_that_a_wrong_clock_has_begun_is_forgotten_when_the_clock_is_right(
    world: World,
) -> None:
    world.log.end = 3
    await world.instance().look()
    (noon,) = (entry for entry in world.entries() if entry.start == NOON)
    for ahead in (30, 0, 30):  # each time another process
        world.now += ahead * HOUR
        one = world.instance()
        await jumped(world, one, 0, seconds=280)
        world.now -= ahead * HOUR
    assert state_of(one.folder, noon) is not State.DESTROYED


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, 26 * HOUR, -26 * HOUR])
async def test_two_instances_that_disagree_about_the_hour_make_it_again_each_ten_minutes_and_no_more(
    world: World, ahead: timedelta
) -> None:
    one, wrong = world.instance(), world.instance(ahead)
    world.log.end = 1
    for _ in range(23):
        for each in (one, wrong):
            await each.look()
        world.later(minutes=2)
    made = sum(each.metric("lagesbild_keys_made_again_total") or 0 for each in (one, wrong))
    assert 3 <= made <= 2 * 5


async def jumped(world: World, one: Instance, hours: float, *, seconds: int) -> None:
    """The clock jumps, and the instance lives on for so long in a few rounds."""
    world.now += hours * HOUR
    for _ in range(4):
        await one.look()
        world.later(seconds=seconds / 4)
    await one.look()
