"""What has to be done now and then: how late we are, approvals that end, old deliveries."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

import structlog

from services.delivery import metrics
from services.delivery.sender.sending import Clock
from services.delivery.store.leases import Leases
from services.delivery.store.subscriptions import Subscriptions
from shared.postgres import DATABASE_AWAY
from shared.retry import until_done

ROUND_S = 5.0
ROUNDS_TO_EXPIRY = 12  # a minute
ROUNDS_TO_PURGE = 720  # an hour
PAUSE_S = 0.05  # between batches, so that the senders' statements get in between


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long closed deliveries are kept, and how they are forgotten.

    Unit: `hours`; `batch` deliveries in a statement, `batches` of them in a round at the most.
    """

    hours: float
    batch: int = 5_000
    batches: int = 20


class Upkeep:
    """Rounds of five seconds; every instance does them, and once is enough."""

    def __init__(
        self,
        leases: Leases,
        subscriptions: Subscriptions,
        *,
        municipalities: Sequence[str],
        keeping: Keeping,
        clock: Clock,
    ) -> None:
        self._leases = leases
        self._subscriptions = subscriptions
        self._municipalities = list(municipalities)
        self._keeping = keeping
        self._clock = clock
        self._has_old = False

    async def run(self) -> None:
        """Go round for ever; while the database is away, try again."""
        for number in count():
            await until_done(
                partial(self.round, number),
                on=DATABASE_AWAY,
                action="schedule_kept",
            )
            await asyncio.sleep(ROUND_S)

    async def round(self, number: int) -> None:
        """One round; some things are done in some rounds only."""
        metrics.DUE_AGE.set(await self._leases.due_age_s(self._municipalities))
        if number % ROUNDS_TO_EXPIRY == 0:
            ended = await self._subscriptions.end_expired(now=self._clock())
            if ended:
                structlog.get_logger().info("subscriptions_expired", count=ended)
        if self._has_old or number % ROUNDS_TO_PURGE == 0:
            self._has_old = await self._purge()

    async def _purge(self) -> bool:
        """Forget old deliveries; whether there may be more of them than one round takes."""
        for _ in range(self._keeping.batches):
            gone = await self._leases.purge(kept_h=self._keeping.hours, most=self._keeping.batch)
            if gone < self._keeping.batch:
                return False
            await asyncio.sleep(PAUSE_S)
        return True
