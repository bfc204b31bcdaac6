"""Back-off: doubling to a limit, for the errors it was told of and no others."""

from itertools import islice

import pytest

from shared.retry import Backoff, until_done


def test_delays_double_up_to_the_most() -> None:
    delays = list(islice(Backoff(first=0.1, most=1.0, jitter=0).delays(), 6))
    assert delays == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_jitter_only_shortens() -> None:
    for delay, longest in zip(Backoff(jitter=0.2).delays(), (0.1, 0.2, 0.4), strict=False):
        assert 0.8 * longest <= delay <= longest


async def test_work_is_repeated_until_it_succeeds() -> None:
    tries = iter([OSError(), OSError(), None])

    async def work() -> str:
        if error := next(tries):
            raise error
        return "done"

    quick = Backoff(first=0.0001)
    assert await until_done(work, on=(OSError,), action="tried", backoff=quick) == "done"


async def test_an_error_of_another_kind_passes_at_once() -> None:
    async def work() -> None:
        raise ValueError("the program is bad")

    with pytest.raises(ValueError, match="program"):
        await until_done(work, on=(OSError,), action="tried")
