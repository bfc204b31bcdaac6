"""Each key from one state to the next, with clocks and a log that the test decides."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError

from services.anonymizer.domain.lifetimes import Purpose
from services.anonymizer.keys.index import State
from services.anonymizer.keys.rounds import Rounds
from shared.announcements import KeyState
from tests.support.key_world import AHEAD, HOUR, NOON, PACES, World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("os.fsync", lambda _file: None)  # nobody pulls the plug, and it costs most
    return World(tmp_path)


async def test_keys_are_announced_at_once_each_hour_that_reports_may_wait_has_its_own(
    world: World,
) -> None:
    one = world.instance()
    await one.look()
    assert world.states() == dict.fromkeys([NOON, *AHEAD], State.USABLE)
    assert set(world.word.said.values()) == {KeyState.USABLE}
    assert len(world.word.said) == 14  # ingest stops 12 h after the last report that was processed
    assert one.life.is_well()
    await one.live(minutes=59)
    assert len(world.states()) == 14


async def test_in_the_next_hour_it_is_retired_and_after_the_grace_destroyed(world: World) -> None:
    one = world.instance()
    world.log.end = world.log.done = 7
    await one.live(minutes=60)
    assert world.states()[NOON] is State.RETIRED
    assert world.noons_word() is KeyState.RETIRED
    await one.live(seconds=60)
    assert world.states()[NOON] is State.RETIRED
    await one.live(seconds=30)
    states = world.states()
    assert states.pop(NOON) is State.DESTROYED
    assert set(states.values()) == {State.USABLE}
    assert world.log.deleted == 7
    await one.live(seconds=20)
    assert world.noons_word() is None


async def test_it_is_not_destroyed_before_all_that_was_sealed_to_it_is_processed(
    world: World,
) -> None:
    one = world.instance()
    world.log.end, world.log.done = 9, 8
    await one.live(hours=3)
    assert world.states()[NOON] is State.RETIRED
    world.log.end = 100  # what comes later is sealed to others
    world.log.done = 9
    await one.look()
    assert world.states()[NOON] is State.DESTROYED


async def test_what_comes_within_the_grace_is_waited_for(world: World) -> None:
    one = world.instance()
    world.log.end = world.log.done = 5
    await one.live(minutes=60)
    world.later(seconds=70)
    world.log.end = 6  # by an ingest that had not heard yet
    await one.live(seconds=60)
    assert world.states()[NOON] is State.RETIRED
    world.log.done = 6
    await one.look()
    assert world.states()[NOON] is State.DESTROYED


async def test_the_grace_begins_when_kafka_knows_and_goes_on_after_a_restart(world: World) -> None:
    one = world.instance()
    await one.live(minutes=59)
    world.later(minutes=1)
    world.word.away = True
    for _ in range(20):
        one.life.look_at_ages()
        with pytest.raises(KafkaConnectionError):
            await one.life.look_at_log()
        world.later(seconds=10)
    world.word.away = False
    await one.live(seconds=40)
    world.later(hours=1)  # nobody runs, so nobody knows what ingest hears
    other = world.instance()
    await other.live(seconds=30)
    assert world.states()[NOON] is State.RETIRED
    await other.live(seconds=10)
    assert world.states()[NOON] is State.DESTROYED


async def test_twenty_short_lives_destroy_what_one_long_life_would(world: World) -> None:
    world.log.end = 5
    await world.instance().look()
    world.later(hours=30)
    for life in range(20):
        assert world.states()[NOON] is not State.DESTROYED, life
        await world.instance().live(seconds=15)
    assert world.states()[NOON] is State.DESTROYED


async def test_twenty_short_lives_do_not_make_a_grace_or_a_drain_shorter(world: World) -> None:
    world.log.end = 5
    await world.instance().look()
    world.later(hours=30)
    for _ in range(19):
        await world.instance().live(seconds=15)
    assert world.states()[NOON] is State.RETIRED


@pytest.mark.parametrize("hours", [26, -26])
async def test_no_key_goes_that_is_not_known_to_be_retired_whatever_the_others_clock_says(
    world: World, hours: int
) -> None:
    one, wrong = world.instance(), world.instance(hours * HOUR)
    world.log.end = 1  # what waits keeps every key, but for its age
    last_usable: dict[str, float] = {}
    gone: set[str] = set()
    for _ in range(45):
        world.later(seconds=10)
        for each in (wrong, one):
            each.life.look_at_ages()
            for entry in each.folder.entries:
                if entry.state is State.DESTROYED and entry.id not in gone:
                    gone.add(entry.id)
                    assert world.seconds - last_usable[entry.id] >= PACES.grace
            await each.life.look_at_log()
            last_usable |= {
                key: world.seconds
                for key, said in world.word.said.items()
                if said is KeyState.USABLE
            }
    assert gone


async def test_two_instances_at_a_time_count_no_second_twice(world: World) -> None:
    one, other = world.instance(), world.instance()
    world.log.end = world.log.done = 7
    await one.live(minutes=60)
    for _ in range(6):
        world.later(seconds=10)
        await one.look()
        await other.look()
    assert world.states()[NOON] is State.RETIRED


async def test_without_kafka_a_usable_key_goes_when_it_was_here_for_its_whole_life(
    world: World,
) -> None:
    one = world.instance()
    await one.look()
    world.now += 26 * HOUR  # the clock is wrong: the key has been here for no time
    world.seconds += (25 * HOUR - timedelta(seconds=1)).total_seconds()
    one.life.look_at_ages()
    world.later(seconds=400)
    one.life.look_at_ages()
    assert world.states()[NOON] is State.USABLE
    world.later(hours=25)
    one.life.look_at_ages()
    assert world.states()[NOON] is State.DESTROYED


async def test_the_last_key_to_seal_to_is_never_retired(world: World) -> None:
    one = world.instance()
    await one.look()
    world.word.away = True
    for _ in range(400):
        world.later(seconds=10)
        one.life.look_at_ages()
        with suppress(KafkaConnectionError):
            await one.life.look_at_log()
    assert world.states()[NOON] is State.USABLE
    world.word.away = False
    await one.look()
    assert world.states()[NOON] is State.RETIRED


async def test_24_hours_after_its_hour_it_goes_whatever_waits_and_whatever_is_away(
    world: World,
) -> None:
    one = world.instance()
    world.log.end = 5
    await one.live(minutes=65)
    world.log.away = True
    while world.now < NOON + 25 * HOUR - timedelta(minutes=10):
        world.later(minutes=10)
        one.life.look_at_ages()
    assert world.states()[NOON] is State.RETIRED
    world.later(minutes=10)
    one.life.look_at_ages()
    assert world.states()[NOON] is State.DESTROYED


async def test_after_a_start_what_is_too_old_gets_a_few_minutes_to_be_processed(
    world: World,
) -> None:
    world.log.end = 5
    await world.instance().look()
    world.later(hours=30)
    late = world.instance()
    await late.live(seconds=299)
    assert world.states()[NOON] is State.RETIRED
    world.log.done = 5
    await late.look()
    assert world.states()[NOON] is State.DESTROYED


async def test_after_a_start_what_is_too_old_goes_after_these_minutes(world: World) -> None:
    world.log.end = 5
    await world.instance().look()
    world.later(hours=30)
    late = world.instance()
    await late.live(seconds=310)
    assert world.states()[NOON] is State.DESTROYED


@pytest.mark.parametrize("hours", [30, -30, 300])
async def test_a_clock_that_jumps_destroys_nothing_that_waits(world: World, hours: int) -> None:
    one = world.instance()
    await one.live(minutes=20)
    world.log.end = 3
    world.now += timedelta(hours=hours)
    await one.live(seconds=290)
    assert world.states()[NOON] is State.RETIRED
    assert KeyState.USABLE in world.word.said.values()
    world.log.end = world.log.done = 3
    await one.look()
    assert world.states()[NOON] is State.DESTROYED


async def test_a_clock_that_jumps_there_and_back_leaves_a_key_to_seal_to(world: World) -> None:
    one = world.instance()
    world.log.end = 3
    await one.live(minutes=5)
    for jump in (timedelta(hours=30), timedelta(hours=-30)):
        world.now += jump
        await one.live(seconds=60)
    folder = one.folder
    usable = [entry for entry in folder.entries if entry.state is State.USABLE]
    assert [entry.start for entry in usable] == [NOON]
    assert not [entry for entry in folder.entries if entry.state is State.DESTROYED]


async def test_processed_reports_are_deleted_each_minute(world: World) -> None:
    one = world.instance()
    await one.live(minutes=10)
    assert 10 <= world.log.deletions <= 11


async def test_two_instances_do_each_thing_once(world: World) -> None:
    one, other = world.instance(), world.instance()
    for _ in range(6 * 62):
        world.later(seconds=10)
        await one.look()
        await other.look()
    states = world.states()
    assert states.pop(NOON) is State.DESTROYED
    assert set(states.values()) == {State.USABLE}
    # 14 usable, all of them said again by the other, one more an hour later, retired and withdrawn
    assert world.word.count == 14 + 14 + 1 + 2


async def test_while_one_instance_has_a_round_the_other_waits(world: World) -> None:
    one, other = world.instance(), world.instance()
    with Rounds(one.folder.path, monotonic=lambda: 0.0).one():
        await other.look()
        assert world.word.said == {}
    await other.look()
    assert len(world.word.said) == 14


async def test_after_a_start_what_holds_is_said_again(world: World) -> None:
    await world.instance().look()
    world.word.said.clear()  # the topic was lost
    await world.instance().look()
    assert list(world.word.said.values()) == [KeyState.USABLE] * 14


@pytest.mark.parametrize(
    ("purpose", "life"),
    [(Purpose.DEAD_LETTER, timedelta(days=14)), (Purpose.LINKING, timedelta(hours=48))],
)
async def test_the_keys_of_a_day_go_by_age(world: World, purpose: Purpose, life: timedelta) -> None:
    one = world.instance()
    start = NOON.replace(hour=0)
    entry = one.folder.make(purpose, start)
    await one.live(seconds=310)
    rest = start + life - world.now - timedelta(seconds=1)
    world.later(seconds=rest.total_seconds())
    one.life.look_at_ages()
    assert one.folder.private_of(bytes.fromhex(entry.id))
    world.later(seconds=1)
    one.life.look_at_ages()
    assert one.folder.private_of(bytes.fromhex(entry.id)) is None


async def test_a_round_before_the_new_hours_key_is_made_retires_nothing(world: World) -> None:
    one = world.instance()
    await one.look()
    world.now += 20 * HOUR
    await one.life.look_at_log()
    assert world.states()[NOON] is State.USABLE


async def test_a_key_that_went_by_age_is_called_retired_before_it_is_withdrawn(
    world: World,
) -> None:
    one = world.instance()
    await one.look()
    world.later(hours=26)
    one.life.look_at_ages()
    assert world.states()[NOON] is State.DESTROYED
    await one.life.look_at_log()
    assert world.noons_word() in (KeyState.RETIRED, None)
    await one.life.look_at_log()
    assert world.noons_word() is None


async def test_a_key_that_was_unknown_gets_its_minutes_however_long_the_process_has_run(
    world: World,
) -> None:
    one = world.instance()
    await one.live(minutes=10)
    entry = one.folder.make(Purpose.DEAD_LETTER, NOON - timedelta(days=20))
    await one.live(seconds=290)
    assert one.folder.private_of(bytes.fromhex(entry.id))
    await one.live(seconds=20)
    assert one.folder.private_of(bytes.fromhex(entry.id)) is None
