"""The lag is the age of the oldest record that is not written, moving or not."""

from services.aggregator.domain.lag import Lag
from shared.records import LogRecord


def accepted(*seconds: float) -> list[LogRecord]:
    return [LogRecord(0, at, int(one * 1000), b"", b"") for at, one in enumerate(seconds)]


def test_nothing_waits_so_nothing_lags() -> None:
    lag = Lag()
    assert (lag.seconds(100), lag.oldest_uncommitted()) == (0, None)
    lag.looked({0: 5}, {0: 5}, 100)
    assert lag.seconds(200) == 0


def test_what_is_in_hand_ages_until_it_is_written() -> None:
    lag = Lag()
    lag.took(accepted(50, 40))
    lag.took(accepted(60))
    assert (lag.seconds(100), lag.oldest_uncommitted()) == (60, 40)
    lag.wrote(1)
    assert lag.seconds(100) == 40
    lag.wrote(1)
    assert lag.seconds(100) == 0


def test_a_batch_of_which_nothing_is_ours_does_not_lag() -> None:
    lag = Lag()
    lag.took([])
    assert lag.seconds(100) == 0
    lag.wrote(1)


def test_what_waits_in_the_log_unread_ages_since_it_was_seen() -> None:
    lag = Lag()
    lag.looked({0: 9, 1: 5}, {0: 4, 1: 5}, 100)
    lag.looked({0: 9, 1: 5}, {0: 4, 1: 5}, 130)
    assert lag.seconds(140) == 40


def test_a_partition_that_moves_on_starts_anew_and_one_that_is_through_does_not_wait() -> None:
    lag = Lag()
    lag.looked({0: 9}, {0: 4}, 100)
    lag.moved([0, 1], 120)
    assert lag.seconds(130) == 10
    lag.looked({0: 9}, {0: 9}, 131)
    assert lag.seconds(200) == 0


def test_a_partition_that_is_not_ours_is_somebody_elses_lag() -> None:
    lag = Lag()
    lag.looked({0: 9}, {}, 100)
    assert lag.seconds(200) == 0


def test_a_clock_ahead_of_ours_makes_no_lag_below_zero() -> None:
    lag = Lag()
    lag.took(accepted(500))
    assert lag.seconds(100) == 0
