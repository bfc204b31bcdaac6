"""Rounds with Kafka: one at a time, seen by all, and one that never ends is noticed and ended."""

import asyncio
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError

from services.anonymizer.keys import rounds
from services.anonymizer.keys.index import KeyEntry
from services.anonymizer.keys.life import Clock
from services.anonymizer.keys.rounds import Rounds, RoundStuckError
from shared.announcements import KeyState
from tests.support.key_world import Instance, World
from tests.support.leaping import run_leaping


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("os.fsync", lambda _file: None)  # nobody pulls the plug, and it costs most
    return World(tmp_path)


def test_one_instance_at_a_time_has_a_round(tmp_path: Path) -> None:
    first, second = (Rounds(tmp_path, monotonic=lambda: 0.0) for _ in range(2))
    with first.one() as ours, second.one() as theirs:
        assert (ours, theirs) == (True, False)
    with second.one() as theirs:
        assert theirs


async def test_an_instance_is_well_while_any_instance_finishes_rounds(world: World) -> None:
    one, other = world.instance(), world.instance()
    await one.look()
    await other.look()
    for _ in range(20):
        world.later(seconds=10)
        await one.look()
        with Rounds(one.folder.path, monotonic=lambda: 0.0).one():  # it never gets the lock itself
            await other.look()
    assert one.life.is_well()
    assert other.life.is_well()


async def test_an_instance_is_not_well_when_the_holder_of_the_lock_finishes_none(
    world: World,
) -> None:
    one = world.instance()
    await one.look()
    assert one.life.is_well()
    with Rounds(one.folder.path, monotonic=lambda: 0.0).one():  # frozen
        for _ in range(13):
            world.later(seconds=10)
            await one.look()
    assert not one.life.is_well()
    assert one.metric("lagesbild_key_round_age_seconds") == 130
    await one.look()
    assert one.life.is_well()


async def test_a_round_of_yesterday_is_no_sign_of_health(world: World) -> None:
    await world.instance().look()
    other = world.instance()
    with Rounds(other.folder.path, monotonic=lambda: 0.0).one():
        await other.look()
    assert not other.life.is_well()


async def test_a_round_that_kafka_breaks_off_is_none(world: World) -> None:
    one = world.instance()
    await one.look()
    world.later(seconds=130)
    world.log.away = True
    with pytest.raises(KafkaConnectionError):
        await one.look()
    assert not one.life.is_well()


def test_kafka_must_have_answered_without_a_break(tmp_path: Path) -> None:
    seconds = [0.0]
    ours = Rounds(tmp_path, monotonic=lambda: seconds[0])
    with ours.one():
        for answers in (True, False, True):
            ours.judge(answers=answers)
            seconds[0] += rounds.ANSWERING_SECONDS - 1
        ours.judge(answers=True)
        seconds[0] += 1
        with pytest.raises(RoundStuckError):
            ours.judge(answers=True)


class Silence:
    """Kafka takes a word and never says so."""

    async def announce(self, entry: KeyEntry, state: KeyState, stamp: object) -> None:
        await asyncio.Event().wait()

    async def withdraw(self, entry: KeyEntry, stamp: object) -> None:
        await asyncio.Event().wait()


def crashed_after(
    world: World, monkeypatch: pytest.MonkeyPatch, *, seconds: float, kafka_back_at: float
) -> list[str]:
    """What ends the process within so long, while its announcements are never acknowledged."""
    crashes: list[str] = []
    monkeypatch.setattr(
        "shared.background.crash", lambda _action, error: crashes.append(type(error).__name__)
    )
    world.word = Silence()  # type: ignore[assignment] # it says less

    async def lived() -> None:
        loop = asyncio.get_running_loop()
        one = Instance(world, clock=Clock(now=lambda: world.now, monotonic=loop.time))
        world.log.away = True
        one.life.start()
        await asyncio.sleep(kafka_back_at)
        world.log.away = False
        await asyncio.sleep(seconds - kafka_back_at)
        await one.life.stop()

    run_leaping(lived())
    return crashes


def test_whose_round_never_ends_though_kafka_answers_ends_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = rounds.STUCK_SECONDS + rounds.ANSWERING_SECONDS + 20
    assert crashed_after(world, monkeypatch, seconds=late, kafka_back_at=0) == [
        RoundStuckError.__name__
    ]


@pytest.mark.parametrize("back_at", [1000.0, 2000.0])
def test_while_kafka_answers_nobody_and_a_moment_after_it_waits(
    world: World, monkeypatch: pytest.MonkeyPatch, back_at: float
) -> None:
    soon = back_at + rounds.ANSWERING_SECONDS - 10
    assert crashed_after(world, monkeypatch, seconds=soon, kafka_back_at=back_at) == []
