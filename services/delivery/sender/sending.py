"""What one due subscription goes through: composed and stored, sent, written down."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.delivery import metrics
from services.delivery.channels.webhook import Webhooks
from services.delivery.domain.municipality import Municipality
from services.delivery.domain.push import Push
from services.delivery.domain.schedule import (
    Answer,
    Attempt,
    DeliveryState,
    Outcome,
    Verdict,
    judged,
)
from services.delivery.domain.view import plan
from services.delivery.store.leases import Lease, Leases
from shared.errors import Fenced
from shared.postgres import DATABASE_AWAY
from shared.retry import until_done

CHANNEL = "webhook"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a send. Unit: `prepare_s` seconds until a lease is too old to send under."""

    delays: Sequence[timedelta]
    prepare_s: float


class Sending:
    """Sends one lease's view; whatever the world does, the lease table knows how far it came."""

    def __init__(
        self,
        leases: Leases,
        webhooks: Webhooks,
        municipalities: Mapping[str, Municipality],
        *,
        terms: Terms,
        clock: Clock,
    ) -> None:
        self._leases = leases
        self._webhooks = webhooks
        self._municipalities = municipalities
        self._terms = terms
        self._clock = clock

    async def send(self, lease: Lease) -> None:
        """One attempt for the subscription, from its due time to the settled row.

        A lease that grows too old before the bytes are stored is left to run out: the one that
        takes over must not find us still sending. So is one whose view cannot be composed or
        settled for a reason that nobody foresaw: it must not end what is sent to the others.
        """
        try:
            await self._send(lease)
        except (Fenced, TimeoutError) as error:
            structlog.get_logger().warning("lease_lost", **_named(lease, error))
        except Exception as error:  # noqa: BLE001 - the outermost frame of one send
            structlog.get_logger().error("delivery_abandoned", **_named(lease, error))

    async def _send(self, lease: Lease) -> None:
        async with asyncio.timeout(self._terms.prepare_s):
            push, earlier = await until_done(
                lambda: self._push(lease), on=DATABASE_AWAY, action="delivery_opened"
            )
        attempt = await self._attempt(lease, push, number=earlier + 1)
        verdict = await self._settle(lease, push, attempt)
        _count(verdict)
        _log(lease, attempt, verdict)

    async def _settle(self, lease: Lease, push: Push, attempt: Attempt) -> Verdict:
        """Judge the attempt and write it down, however long the database is away."""
        now = self._clock()
        verdict = judged(
            attempt.answer.outcome,
            attempt=attempt.number,
            due=lease.due(push),
            now=now,
            delays=self._terms.delays,
            retry_after=attempt.answer.retry_after,
        )
        await until_done(
            lambda: self._leases.settle(lease, push, attempt=attempt, verdict=verdict, now=now),
            on=DATABASE_AWAY,
            action="delivery_settled",
        )
        return verdict

    async def _push(self, lease: Lease) -> tuple[Push, int]:
        """The delivery that is open, or else a new one, and its earlier attempts."""
        if lease.open_seq is not None:
            return await self._leases.read_open(lease)
        pack = self._municipalities[lease.audience.municipality].pack
        planned = plan(pack, lease.selection, actor=lease.audience.actor, as_of=self._clock())
        return await self._leases.open(lease, planned), 0

    async def _attempt(self, lease: Lease, push: Push, *, number: int) -> Attempt:
        now = self._clock()
        if number == 1:
            metrics.LATENESS.observe(max(0.0, (now - push.due_at).total_seconds()))
        started = time.perf_counter()
        try:
            answer = await self._webhooks.send(
                push,
                url=lease.url,
                secret=lease.secret,
                listed=self._municipalities[lease.audience.municipality].listed,
                now=now,
            )
        except Exception as error:  # noqa: BLE001 - stored bytes are settled, however it went
            structlog.get_logger().error("attempt_abandoned", **_named(lease, error))
            answer = Answer(Outcome.FAILED)
        duration_s = time.perf_counter() - started
        metrics.ATTEMPT_DURATION.labels(CHANNEL).observe(duration_s)
        metrics.ATTEMPTS.labels(CHANNEL, answer.outcome).inc()
        return Attempt(number, now, timedelta(seconds=duration_s), answer)


def _named(lease: Lease, error: Exception) -> dict[str, str]:
    """What went wrong and where, and never in the error's own words."""
    return {"subscription": str(lease.subscription), "error_type": type(error).__name__}


def _count(verdict: Verdict) -> None:
    if verdict.state is not DeliveryState.OPEN:
        metrics.DELIVERIES.labels(CHANNEL, verdict.state).inc()
    metrics.COALESCED.inc(verdict.coalesced)


def _log(lease: Lease, attempt: Attempt, verdict: Verdict) -> None:
    """A delivered view is a matter for the metrics; one that fails needs a look."""
    if verdict.state is DeliveryState.DELIVERED:
        return
    structlog.get_logger().warning(
        "attempt_failed",
        subscription=str(lease.subscription),
        attempt=attempt.number,
        outcome=attempt.answer.outcome,
        status=attempt.answer.status,
        state=verdict.state,
        duration_seconds=round(attempt.duration.total_seconds(), 3),
    )
