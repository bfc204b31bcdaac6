"""The loop that claims what is due and starts a send for each."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from services.delivery.sender.sending import Sending
from services.delivery.store.leases import Lease, Leases
from shared import background
from shared.postgres import DATABASE_AWAY
from shared.retry import Backoff, until_done

TICK_MISSED_S = 5.0
A_MOMENT_S = 0.001  # past the due time, so that the claim finds it
RELEASE_S = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How the loop runs. Unit: seconds; `slots` sends in flight at the most."""

    slots: int
    poll_s: float
    lease_s: float


class Sender:
    """One instance: as many sends at a time as it has slots, each in a task of its own."""

    def __init__(
        self,
        leases: Leases,
        sending: Sending,
        *,
        pace: Pace,
        owner: str,
        municipalities: Sequence[str],
    ) -> None:
        self._leases = leases
        self._sending = sending
        self._pace = pace
        self._owner = owner
        self._municipalities = list(municipalities)
        self._in_flight: set[asyncio.Task[None]] = set()
        self._ticked_at: float | None = None

    def is_ticking(self) -> bool:
        """Whether the loop has looked at the schedule in the last seconds."""
        return self._ticked_at is not None and time.monotonic() - self._ticked_at < TICK_MISSED_S

    async def run(self) -> None:
        """Look at the schedule for ever; while the database is away, try again."""
        while True:
            await until_done(
                self._round,
                on=DATABASE_AWAY,
                action="schedule_claimed",
                backoff=Backoff(first=0.1, most=1.0),
            )

    async def stop(self) -> None:
        """Break off what is in flight and give its leases back; another sends the same bytes."""
        for task in self._in_flight:
            task.cancel()
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=RELEASE_S)
        try:
            async with asyncio.timeout(RELEASE_S):
                await self._leases.release(self._owner)
        except DATABASE_AWAY:
            pass  # the leases run out by themselves

    async def _round(self) -> None:
        free = self._pace.slots - len(self._in_flight)
        if free == 0:
            await asyncio.wait(self._in_flight, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            self._ticked_at = time.monotonic()
            return
        claimed = await self._leases.claim(
            free,
            owner=self._owner,
            lease_s=self._pace.lease_s,
            municipalities=self._municipalities,
        )
        self._ticked_at = time.monotonic()
        for lease in claimed.leases:
            self._start(lease)
        if len(claimed.leases) < free:
            wait_s = self._pace.poll_s if claimed.wait_s is None else claimed.wait_s
            await asyncio.sleep(min(self._pace.poll_s, wait_s + A_MOMENT_S))

    def _start(self, lease: Lease) -> None:
        task = background.start(self._sending.send(lease), action="delivery_sent")
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
