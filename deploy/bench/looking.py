"""Looks at one service on its way through a filled topic: how far it is, and what everyone uses."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from deploy.bench import watch
from deploy.bench.place import Tell
from deploy.bench.processes import cpu_seconds, family_rss_mb, running_below
from deploy.bench.samples import Sample
from shared.language import Text

LOOK_EVERY_S = 0.25
WEIGH_EVERY_S = 2.0  # memory and CPU of all processes: to read them costs ten times a look
TELL_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Looking:
    """What is looked at: a service, how many records it has passed, and whatever runs beside it."""

    service: str
    passed: watch.Count
    known: Mapping[str, int]
    goal: int
    tell: Tell

    @asynccontextmanager
    async def until_through(self) -> AsyncIterator["asyncio.Task[list[Sample]]"]:
        """The looks begin before the service does: it may be at work before it is ready."""
        looking = asyncio.create_task(self._samples())
        try:
            yield looking
        finally:
            looking.cancel()

    async def _samples(self) -> list[Sample]:
        samples: list[Sample] = []
        pids = {**self.known, "bench": os.getpid()}
        moved_at = told_at = weighed_at = time.perf_counter()
        while not samples or samples[-1].passed < self.goal:
            if self.service not in pids:
                pid = running_below(os.getpid(), "run", self.service)
                pids |= {self.service: pid} if pid else {}
            count = await self.passed()
            at = time.perf_counter()
            if not samples or count != samples[-1].passed:
                moved_at = at
            if at - moved_at > watch.PATIENCE_S:
                raise watch.StalledError(self.service, count, self.goal)
            if at - told_at > TELL_EVERY_S:
                told_at = at
                self.tell(Text(f"{count:,} av {self.goal:,}", en=f"{count:,} of {self.goal:,}"))
            if samples and 0 < count < self.goal and at - weighed_at < WEIGH_EVERY_S:
                samples.append(replace(samples[-1], at=at, passed=count))
            else:
                weighed_at = at
                samples.append(_sample(at, count, pids))
            await asyncio.sleep(max(0.0, LOOK_EVERY_S - (time.perf_counter() - at)))
        return samples


def _sample(at: float, passed: int, pids: Mapping[str, int]) -> Sample:
    """The bench's own part is without what it has started."""
    used, held = cpu_seconds(pids), family_rss_mb(pids)
    return Sample(
        at=at,
        passed=passed,
        rss_mb={name: one for name, one in held.items() if name != "bench"},
        cpu_s={**used, "bench": time.process_time()},
    )
