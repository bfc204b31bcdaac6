"""A fault is waited for as long as anything moves, and no longer."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from deploy.chaos.plan import Fault, Kind
from deploy.chaos.recovery import Sight
from deploy.chaos.storm import MOST_RECOVERED_S, RECOVERED_S, Storm, StuckError
from tests.support.leaping import run_leaping


class Watched:
    """A watch whose sight a test sets, with one fault that is open."""

    def __init__(self) -> None:
        self.sight = Sight()
        self.recoveries = SimpleNamespace(open=[Fault(0.0, Kind.KAFKA_KILL, "kafka")])

    async def moves(self, *stages: str, seconds: float = 4 * RECOVERED_S) -> None:
        """The stages go on for so long."""
        for offset in range(int(seconds / RECOVERED_S * 4)):
            self.sight = replace(
                self.sight, **cast("Any", {stage: {0: offset} for stage in stages})
            )
            await asyncio.sleep(RECOVERED_S / 4)


def recovered(watch: Watched) -> "asyncio.Task[None]":
    storm = Storm(cast("Any", None), cast("Any", watch), tell=lambda _text: None)
    return asyncio.create_task(storm.recovered())


def test_nothing_moves_and_it_gives_up() -> None:
    async def through() -> None:
        with pytest.raises(StuckError, match="kafka_kill"):
            await recovered(Watched())

    run_leaping(through())


@pytest.mark.parametrize("stage", ["anonymized", "counted"])
def test_what_moves_gives_time(stage: str) -> None:
    async def through() -> None:
        watch = Watched()
        waiting = recovered(watch)
        await watch.moves(stage)
        assert not waiting.done()
        watch.recoveries.open.clear()
        await waiting

    run_leaping(through())


def test_one_part_that_never_comes_back_is_noticed_though_the_others_move() -> None:
    async def through() -> None:
        watch = Watched()
        waiting = recovered(watch)
        await watch.moves("counted", seconds=MOST_RECOVERED_S + RECOVERED_S)
        with pytest.raises(StuckError):
            await waiting

    run_leaping(through())


def test_load_that_comes_in_is_no_progress() -> None:
    async def through() -> None:
        watch = Watched()
        waiting = recovered(watch)
        await watch.moves("reports", "events")
        with pytest.raises(StuckError):
            await waiting

    run_leaping(through())
