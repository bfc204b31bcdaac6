from itertools import pairwise

from deploy.embedded.restart import Restarts


def test_the_waits_double_up_to_five_seconds() -> None:
    restarts = Restarts()

    assert [restarts.wait_after(1) for _ in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_after_a_life_of_half_a_minute_the_waits_begin_again() -> None:
    restarts = Restarts()
    for _ in range(4):
        restarts.wait_after(29.9)

    assert restarts.wait_after(30) == 0.2
    assert restarts.wait_after(1) == 0.4


def test_the_waits_never_shrink_while_a_child_keeps_ending() -> None:
    restarts = Restarts()
    waits = [restarts.wait_after(0) for _ in range(20)]

    assert all(before <= after for before, after in pairwise(waits))
