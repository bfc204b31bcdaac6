"""The lease table: which sender acts for which subscription, and what each attempt came to."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.delivery.domain.push import Push, push_of
from services.delivery.domain.schedule import Attempt, DeliveryState, Due, Verdict
from services.delivery.domain.selection import Selection
from services.delivery.domain.subscription import Act
from services.delivery.domain.view import Audience, Plan
from services.delivery.store.audit import AuditChain, Entry, Teller
from services.delivery.store.mirror import Mirror
from services.delivery.store.subscriptions import Subscriptions, selection_from
from shared.errors import Fenced
from shared.postgres import Connection, Pool, queries


@dataclass(frozen=True, slots=True)
class Lease:
    """One subscription that is this sender's until the lease runs out.

    Shape: `open_seq` is a delivery that was stored and not closed; `last_seq` the latest of all.
    """

    subscription: UUID
    fence: int
    due_at: datetime
    last_seq: int
    open_seq: int | None
    audience: Audience
    selection: Selection
    every: timedelta
    url: str
    secret: bytes = field(repr=False)

    def due(self, push: Push) -> Due:
        """The push on the subscription's grid."""
        return Due(push.due_at, push.as_of, self.every)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a look at the schedule gave. Unit: `wait_s` to the next due time; None is never."""

    leases: tuple[Lease, ...]
    wait_s: float | None


class Leases:
    """Claims, opens deliveries and settles them, each in one transaction."""

    def __init__(
        self,
        pool: Pool,
        *,
        mirror: Mirror,
        audit: AuditChain,
        subscriptions: Subscriptions,
    ) -> None:
        self._pool = pool
        self._mirror = mirror
        self._audit = audit
        self._subscriptions = subscriptions
        self._sql = queries("services.delivery", "leases.sql")

    async def claim(
        self, limit: int, *, owner: str, lease_s: float, municipalities: Sequence[str]
    ) -> Claimed:
        """Take what is due, oldest first."""
        rows = await self._pool.fetch(self._sql["claim"], limit, owner, lease_s, municipalities)
        return Claimed(
            leases=tuple(_lease(row) for row in rows if row["id"] is not None),
            wait_s=rows[0]["wait_s"],
        )

    async def read_open(self, lease: Lease) -> tuple[Push, int]:
        """The delivery that an earlier attempt left open, and how many attempts it had."""
        row = await self._pool.fetchrow(
            self._sql["read_delivery"], lease.subscription, lease.open_seq
        )
        if row is None:
            raise AssertionError("an open delivery has a row")
        push = Push(
            subscription=lease.subscription,
            seq=row["seq"],
            webhook_id=row["webhook_id"],
            due_at=row["due_at"],
            as_of=row["as_of"],
            body=row["body"],
        )
        return push, row["attempts"]

    async def open(self, lease: Lease, plan: Plan) -> Push:
        """Compose the view and store its bytes: the next delivery of the subscription.

        Raises:
            Fenced: the lease has gone to another sender.
        """

        async def compose_and_store(connection: Connection) -> Push:
            push = push_of(
                await self._mirror.view(connection, plan, lease.audience),
                subscription=lease.subscription,
                seq=lease.last_seq + 1,
                due_at=lease.due_at,
            )
            await self._store(connection, lease, push)
            return push

        return await self._mirror.transaction(
            self._pool, compose_and_store, municipality=lease.audience.municipality
        )

    async def _store(self, connection: Connection, lease: Lease, push: Push) -> None:
        stored = await connection.fetchval(
            self._sql["open_delivery"],
            push.subscription,
            lease.fence,
            push.seq,
            push.webhook_id,
            push.due_at,
            push.as_of,
            push.body,
        )
        if stored is None:
            raise Fenced("the lease has gone to another sender")
        await self._audit.append(
            connection,
            Teller(lease.audience.municipality, lease.audience.actor),
            Entry.DELIVERY_OPENED,
            {
                "subscription": push.subscription,
                "seq": push.seq,
                "as_of": push.as_of,
                "sha256": hashlib.sha256(push.body).hexdigest(),
            },
        )

    async def settle(
        self, lease: Lease, push: Push, *, attempt: Attempt, verdict: Verdict, now: datetime
    ) -> None:
        """Write the attempt down, do what the verdict says, and give the lease back.

        Raises:
            Fenced: the lease has gone to another sender, who settles it.
        """
        is_gone = verdict.state is DeliveryState.GONE
        teller = Teller(lease.audience.municipality, None)
        async with self._pool.acquire() as connection, connection.transaction():
            can_end = is_gone and await self._subscriptions.lock(
                connection, teller, lease.subscription, act=Act.DISABLE
            )
            settled = await connection.fetchval(
                self._sql["settle"],
                lease.subscription,
                lease.fence,
                push.seq,
                verdict.due_at,
                verdict.try_at,
                verdict.state,
                attempt.number,
                attempt.started_at,
                round(attempt.duration.total_seconds() * 1000),
                attempt.answer.outcome,
                attempt.answer.status,
                attempt.answer.answer_bytes,
            )
            if settled is None:
                raise Fenced("the lease has gone to another sender")
            if can_end:
                await self._subscriptions.close(
                    connection, teller, lease.subscription, act=Act.DISABLE, now=now
                )

    async def release(self, owner: str) -> None:
        """Give back everything that the owner holds, so that others need not wait."""
        await self._pool.execute(self._sql["release"], owner)

    async def due_age_s(self, municipalities: Sequence[str]) -> float:
        """Seconds since the oldest moment at which a sender should have acted and none has."""
        age: float | None = await self._pool.fetchval(self._sql["due_age"], municipalities)
        return age or 0.0

    async def purge(self, *, kept_h: float, most: int) -> int:
        """Forget deliveries that were closed longer ago than that; how many comes back."""
        gone: int = await self._pool.fetchval(self._sql["purge"], kept_h, most)
        return gone


def _lease(row: Mapping[str, Any]) -> Lease:
    return Lease(
        subscription=row["id"],
        fence=row["fence"],
        due_at=row["next_due_at"],
        last_seq=row["last_seq"],
        open_seq=row["open_seq"],
        audience=Audience(row["municipality"], row["actor"]),
        selection=selection_from(row),
        every=timedelta(seconds=row["every_s"]),
        url=row["url"],
        secret=row["secret"],
    )
