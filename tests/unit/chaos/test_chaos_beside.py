"""Work beside other work: it ends with it, and does not fail unnoticed."""

import asyncio

import pytest

from deploy.chaos.beside import beside


async def for_ever(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("ended")


async def result() -> int:
    await asyncio.sleep(0)
    return 7


async def failure() -> None:
    await asyncio.sleep(0)
    raise LookupError


async def test_the_result_is_the_works_and_the_others_end_with_it() -> None:
    ended: list[str] = []
    assert await beside(result(), for_ever(ended), for_ever(ended)) == 7
    assert ended == ["ended", "ended"]


async def test_an_error_of_another_ends_the_work() -> None:
    ended: list[str] = []
    with pytest.raises(LookupError):
        await beside(for_ever(ended), failure())
    assert ended == ["ended"]


async def test_an_error_of_the_work_is_its_own() -> None:
    ended: list[str] = []
    with pytest.raises(LookupError):
        await beside(failure(), for_ever(ended))
    assert ended == ["ended"]
