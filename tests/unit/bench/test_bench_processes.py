"""What the kernel tells of processes."""

import pytest

from deploy.bench.processes import cpu_ticks, rss_mb_in


def stat(parent: int, *ticks: int, command: str = "python") -> str:
    times = " ".join(map(str, ticks))
    return f"7 ({command}) S {parent} 7 7 0 -1 0 0 0 0 0 {times} 20 0 1 0 99\n"


def test_ticks_are_those_of_the_process_and_everything_below_it() -> None:
    stats = {
        10: stat(1, 100, 10, 5, 1),
        11: stat(10, 20, 2, 0, 0),
        12: stat(11, 3, 0, 0, 0),
        13: stat(1, 999, 999, 999, 999),
    }
    assert cpu_ticks(10, stats) == 116 + 22 + 3


def test_a_command_may_hold_blanks_and_brackets() -> None:
    stats = {5: stat(1, 4, 3, 2, 1, command="a) S 99 (b")}
    assert cpu_ticks(5, stats) == 10


def test_a_process_that_has_ended_has_used_nothing_more() -> None:
    assert cpu_ticks(5, {}) == 0


def test_memory_is_told_in_megabytes() -> None:
    assert rss_mb_in("Name:\tpython\nVmRSS:\t   100000 kB\nThreads:\t4\n") == 102.4


def test_a_process_that_has_ended_has_no_memory() -> None:
    with pytest.raises(ValueError, match="ended"):
        rss_mb_in("Name:\tpython\nState:\tZ (zombie)\n")
