"""What delivery answers, beside the oracle's sums: every actor, every level, every window."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp

from deploy.chaos.oracle import Count, Oracle, Shown
from deploy.demo.truth import WINDOWS, ceiling

AGAIN_S = 0.5
ANSWER_S = 60.0


@dataclass(slots=True)
class Sighting:
    """What was compared. Unit: `cells` numbers of both measures that either side has."""

    cells: int = 0
    wrong: int = 0

    def see(self, view: Any, expected: Mapping[Shown, Count], *, codes: Collection[str]) -> None:
        """Take in one answer: what it shows, and what of this there is to be shown."""
        shows = set(_shown(view, codes))
        wanted = {key: count for key, count in expected.items() if key[1:] in shows}
        found = {
            Shown(cell["area"], cell["indicator"], cell["window"]): Count(
                cell["reports"], cell["incidents"]
            )
            for cell in view["cells"]
        }
        nothing = Count(0, 0)
        keys = wanted.keys() | found.keys()
        self.cells += len(keys)
        self.wrong += sum(wanted.get(key, nothing) != found.get(key, nothing) for key in keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """Reads all that every actor may see.

    Shape: `keys` by actor, `levels` how many leading digits of a code each level keeps, `read` how
    often `read_on` was answered, by status; 0 is no answer.
    """

    delivery: str
    keys: Mapping[str, str] = field(repr=False)
    levels: Sequence[int]
    codes: Collection[str]
    read: Counter[int] = field(default_factory=Counter, init=False)

    async def sighting(self, oracle: Oracle, *, patience_s: float) -> Sighting:
        """Compare until all is right, or has been wrong for so long: a look may come too soon."""
        truth = _Truth(oracle)
        until = time.monotonic() + patience_s
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
            while True:
                found = await self._look(session, truth)
                if not found.wrong or time.monotonic() > until:
                    return found
                await asyncio.sleep(AGAIN_S)

    async def read_on(self, *, every_s: float) -> None:
        """Read for ever, as a reader that does not mind who is killed; what it gets is not judged.

        So the answers that are compared at the end come from cells that delivery has followed
        through all of it, not from cells that it has just loaded.
        """
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                for key in self.keys.values():
                    try:
                        async with session.get(
                            f"{self.delivery}/v1/counts", headers=_bearer(key)
                        ) as answer:
                            await answer.read()
                            self.read[answer.status] += 1
                    except (aiohttp.ClientError, TimeoutError):
                        self.read[0] += 1
                await asyncio.sleep(every_s)

    async def _look(self, session: aiohttp.ClientSession, truth: "_Truth") -> Sighting:
        sighting = Sighting()
        for key in self.keys.values():
            for level, digits in enumerate(self.levels, start=1):
                url = f"{self.delivery}/v1/counts"
                parameters = [("level", str(level)), *(("window", name) for name in WINDOWS)]
                async with session.get(url, params=parameters, headers=_bearer(key)) as answer:
                    view = await answer.json()
                expected = truth.at(datetime.fromisoformat(view["as_of"]), digits)
                sighting.see(view, expected, codes=self.codes)
        return sighting


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


class _Truth:
    """The oracle's sums, made once for every minute and level."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._leaves: dict[datetime, dict[Shown, Count]] = {}
        self._sums: dict[tuple[datetime, int], dict[Shown, Count]] = {}

    def at(self, as_of: datetime, digits: int) -> Mapping[Shown, Count]:
        end = ceiling(as_of)
        if (end, digits) not in self._sums:
            if end not in self._leaves:
                self._leaves[end] = self._oracle.shown(as_of)
            self._sums[end, digits] = summed(self._leaves[end], digits)
        return self._sums[end, digits]


def summed(leaves: Mapping[Shown, Count], digits: int) -> dict[Shown, Count]:
    """The sums of the areas whose codes begin with the same digits."""
    sums: dict[Shown, Count] = {}
    for leaf, count in leaves.items():
        key = leaf._replace(area=leaf.area[:digits])
        known = sums.get(key, Count(0, 0))
        sums[key] = Count(known.reports + count.reports, known.incidents + count.incidents)
    return sums


def _shown(view: Any, codes: Collection[str]) -> Iterator[tuple[str, str]]:
    """The indicators and windows that an answer is about."""
    hidden = {one["indicator"]: set(one["windows"]) for one in view["not_offered"]}
    for code in set(codes).difference(view["withheld"]):
        yield from ((code, name) for name in WINDOWS if name not in hidden.get(code, ()))
