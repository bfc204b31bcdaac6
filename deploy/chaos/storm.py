"""Strikes: each planned fault at its time, beside each other, one at a time for one instance."""

import asyncio
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress

from deploy.chaos.place import Place
from deploy.chaos.plan import Fault, Kind, first_instances
from deploy.chaos.watch import Watch
from shared.errors import LagesbildError
from shared.language import Text
from shared.topics import DEFAULT_PARTITIONS

RECOVERED_S = 90.0
MOST_RECOVERED_S = 900.0
TAKEN_OVER_S = 15.0
LOOK_EVERY_S = 0.05

SIGNALS = {
    "kill": signal.SIGKILL,
    "pause": signal.SIGSTOP,
    "immediate": signal.SIGQUIT,  # what `pg_ctl stop -m immediate` sends
}

Tell = Callable[[Text], None]


class StuckError(LagesbildError):
    """Nothing moves any more; the text says what was waited for."""


class Storm:
    """The faults of a run."""

    def __init__(self, place: Place, watch: Watch, *, tell: Tell) -> None:
        self._place = place
        self._watch = watch
        self._tell = tell
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.struck: Counter[str] = Counter()

    async def rage(self, faults: Sequence[Fault]) -> None:
        """Let every fault strike at its time; returns when all have, and all who slept are awake.

        Raises:
            NotReady: somebody did not come back.
        """
        began = time.monotonic()
        try:
            async with asyncio.TaskGroup() as striking:
                for fault in faults:
                    await asyncio.sleep(max(0.0, began + fault.at_s - time.monotonic()))
                    striking.create_task(self._strike(fault))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def shared(self) -> None:
        """Wait until the first aggregators share the partitions.

        Raises:
            StuckError: they do not within RECOVERED_S.
        """
        for name in first_instances()["aggregator"]:
            await self._shares(await self._place.running(name))

    async def fail_over(self, name: str) -> float:
        """Kill one for good and wait until the others have taken over; then it comes back.

        The seconds from the kill until they were past what was there when it died.

        Raises:
            StuckError: they have not within RECOVERED_S.
        """
        pid = await self._place.running(name)
        await self._shares(pid)
        began = time.monotonic()
        self._begin(Kind.AGGREGATOR_KILL, name, partitions=self._watch.partitions_of(pid))
        self._place.send(name, pid, signal.SIGKILL)
        await self._place.stop(name)  # so that nobody starts it again
        try:
            async with asyncio.timeout(RECOVERED_S):
                await self.recovered()
        except TimeoutError:
            raise StuckError(Kind.AGGREGATOR_KILL.value) from None
        took = time.monotonic() - began
        await self._place.start(name)
        return took

    async def _shares(self, pid: int) -> None:
        """Wait until the process counts some of the partitions, and others the rest.

        Raises:
            StuckError: it does not within RECOVERED_S.
        """
        try:
            async with asyncio.timeout(RECOVERED_S):
                while not 0 < len(self._watch.partitions_of(pid)) < DEFAULT_PARTITIONS:  # noqa: ASYNC110 - polled
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise StuckError("the first partitions") from None

    async def recovered(self) -> None:
        """Wait until every fault so far is over; under more load than is counted, that takes long.

        Raises:
            StuckError: nothing has been anonymized or counted for RECOVERED_S, or one part is not back
                within MOST_RECOVERED_S, though the others move.
        """
        clock = asyncio.get_running_loop().time
        moved_at, before = clock(), self._come()
        last_at = moved_at + MOST_RECOVERED_S
        while self._watch.recoveries.open:
            if (now := self._come()) != before:
                moved_at, before = clock(), now
            if clock() > min(moved_at + RECOVERED_S, last_at):
                kinds = sorted({one.kind.value for one in self._watch.recoveries.open})
                raise StuckError(", ".join(kinds))
            await asyncio.sleep(LOOK_EVERY_S)

    def _come(self) -> tuple[int, int]:
        """How far the anonymizers and the aggregators have come."""
        sight = self._watch.sight
        return sum(sight.anonymized.values()), sum(sight.counted.values())

    async def _strike(self, fault: Fault) -> None:
        async with self._turns[fault.target]:
            match fault.kind.verb:
                case "join":
                    self._begin(fault.kind, fault.target)
                    await self._place.start(fault.target)
                case "leave":
                    self._begin(fault.kind, fault.target)
                    await self._place.stop(fault.target)
                case verb:
                    pid = await self._place.running(fault.target)
                    self._begin(fault.kind, fault.target, partitions=self._concerned(fault, pid))
                    self._place.send(fault.target, pid, SIGNALS[verb])
                    if verb == "pause":
                        await asyncio.sleep(fault.pause_s)
                        await self._taken_over(pid)
                        self._place.send(fault.target, pid, signal.SIGCONT)

    async def _taken_over(self, pid: int) -> None:
        """Wait until others count what a frozen process did, but not for ever: they may be away."""
        with suppress(TimeoutError):
            async with asyncio.timeout(TAKEN_OVER_S):
                while self._watch.partitions_of(pid):  # noqa: ASYNC110 - it is polled anyway
                    await asyncio.sleep(LOOK_EVERY_S)

    def _concerned(self, fault: Fault, pid: int) -> list[int] | None:
        """The partitions of one aggregator; all of them if it has none yet."""
        own = self._watch.partitions_of(pid) if fault.kind.part == "aggregator" else []
        return own or None

    def _begin(self, kind: Kind, target: str, *, partitions: list[int] | None = None) -> None:
        self.struck[kind.value] += 1
        self._watch.recoveries.begin(
            kind, self._watch.sight, at=time.monotonic(), partitions=partitions
        )
        self._tell(Text(sv=f"{kind.value} {target}", en=f"{kind.value} {target}"))
