"""The load is bounded, and an outage is not made up for in a flood."""

import pytest

from deploy.chaos.sending import MOST_BEHIND_S, Pace


def test_it_lets_through_as_many_per_second_as_it_may() -> None:
    pace = Pace(100.0, now=0.0)
    assert [pace.wait(50, now=0.0) for _ in range(3)] == [0.0, 0.5, 1.0]


def test_after_an_outage_it_makes_up_for_a_moment_only() -> None:
    pace = Pace(100.0, now=0.0)
    pace.wait(50, now=0.0)
    waits = [pace.wait(50, now=60.0) for _ in range(5)]
    assert waits[:2] == [0.0, 0.0]
    assert sum(wait == 0.0 for wait in waits) <= MOST_BEHIND_S * 100 / 50 + 1
    assert waits[-1] == pytest.approx(1.0)
