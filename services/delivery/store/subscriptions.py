"""Subscriptions: requested, decided, ended; each act with its entry in the audit chain."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.delivery.domain.selection import Selection
from services.delivery.domain.subscription import STEPS, Act, Decision, State, Subscription
from services.delivery.store.audit import AuditChain, Entry, Teller
from services.delivery.store.counts import ANSWER_SECONDS
from shared.postgres import Connection, Pool, queries
from shared.windows import Window


class NotFound(Exception):  # noqa: N818 - a fact about the question
    """There is no such subscription, or it is none of the asker's."""


class WrongState(Exception):  # noqa: N818 - a fact about the subscription
    """The act does not follow from the state that the subscription is in."""


def selection_from(row: Mapping[str, Any]) -> Selection:
    """The selection that a row of `delivery.subscription` holds."""
    return Selection(
        indicators=tuple(row["indicators"]),
        areas=None if row["areas"] is None else tuple(row["areas"]),
        level=row["level"],
        windows=tuple(Window(window) for window in row["windows"]),
    )


class Subscriptions:
    """The register of subscriptions."""

    def __init__(self, pool: Pool, *, audit: AuditChain) -> None:
        self._pool = pool
        self._audit = audit
        self._sql = queries("services.delivery", "subscriptions.sql")

    async def add(self, subscription: Subscription, *, secret: bytes) -> None:
        """Write a request down; it waits for the data owner."""
        selection = subscription.selection
        every_s = int(subscription.every.total_seconds())
        async with self._transaction() as connection:
            await connection.execute(
                self._sql["insert_subscription"],
                subscription.id,
                subscription.municipality,
                subscription.actor,
                subscription.name,
                selection.indicators,
                selection.areas,
                selection.level,
                selection.windows,
                every_s,
                subscription.url,
                secret,
                subscription.requested_at,
            )
            await self._audit.append(
                connection,
                Teller(subscription.municipality, subscription.actor),
                Entry.REQUESTED,
                {
                    "subscription": subscription.id,
                    **asdict(selection),
                    "every_s": every_s,
                    "url": subscription.url,
                },
            )

    async def of(self, teller: Teller) -> list[Subscription]:
        """The actor's own subscriptions, or the municipality's for the data owner; oldest first."""
        async with asyncio.timeout(ANSWER_SECONDS):
            rows = await self._pool.fetch(
                self._sql["list_subscriptions"], teller.municipality, teller.actor
            )
        return [_subscription(row) for row in rows]

    async def find(self, teller: Teller, which: UUID) -> Subscription:
        """One subscription.

        Raises:
            NotFound: there is none that the teller may see.
        """
        async with asyncio.timeout(ANSWER_SECONDS):
            row = await self._pool.fetchrow(
                self._sql["find_subscription"], teller.municipality, teller.actor, which
            )
        if row is None:
            raise NotFound
        return _subscription(row)

    async def decide(
        self, teller: Teller, which: UUID, *, act: Act, decision: Decision, now: datetime
    ) -> State:
        """Approve or refuse; an approval makes the subscription due at once.

        Raises:
            NotFound: there is none in the municipality.
            WrongState: it has been decided already.
        """
        after = STEPS[act].after
        async with self._transaction() as connection:
            await self._require(connection, teller, which, act=act)
            await connection.execute(
                self._sql["decide_subscription"],
                which,
                after,
                now,
                decision.motive,
                decision.until_at,
            )
            if after is State.APPROVED:
                await connection.execute(self._sql["start_schedule"], which)
            detail = {"subscription": which, **asdict(decision)}
            await self._audit.append(connection, teller, act, detail)
        return after

    async def end(self, teller: Teller, which: UUID, *, now: datetime) -> State:
        """End a subscription; what is in flight may arrive, nothing more is tried.

        Raises:
            NotFound: there is none of the teller's.
            WrongState: it has ended, or was refused.
        """
        async with self._transaction() as connection:
            await self._require(connection, teller, which, act=Act.END)
            await self.close(connection, teller, which, act=Act.END, now=now)
        return STEPS[Act.END].after

    async def end_expired(self, *, now: datetime) -> int:
        """End every approval whose last day has passed; how many there were comes back."""
        ended = 0
        while await self._end_one_expired(now=now):
            ended += 1
        return ended

    async def _end_one_expired(self, *, now: datetime) -> bool:
        """A transaction each, for the audit chain is the last that a transaction locks."""
        async with self._transaction() as connection:
            row = await connection.fetchrow(self._sql["expired_subscription"])
            if row is None:
                return False
            teller = Teller(row["municipality"], None)
            await self.close(connection, teller, row["id"], act=Act.END, now=now)
        return True

    async def lock(self, connection: Connection, teller: Teller, which: UUID, *, act: Act) -> bool:
        """Hold the subscription until the caller's transaction ends; whether the act may follow.

        Every transaction that changes more than the schedule takes the subscription first.

        Raises:
            NotFound: there is none that the teller may see.
        """
        row = await connection.fetchrow(
            self._sql["lock_subscription"], teller.municipality, teller.actor, which
        )
        if row is None:
            raise NotFound
        return State(row["state"]) in STEPS[act].before

    async def close(
        self, connection: Connection, teller: Teller, which: UUID, *, act: Act, now: datetime
    ) -> None:
        """End or disable inside the caller's transaction, as its last step."""
        await connection.execute(self._sql["close_subscription"], which, STEPS[act].after, now)
        await connection.execute(self._sql["stop_schedule"], which)
        await connection.execute(self._sql["fold_open"], which)
        await self._audit.append(connection, teller, act, {"subscription": which})

    async def _require(
        self, connection: Connection, teller: Teller, which: UUID, *, act: Act
    ) -> None:
        if not await self.lock(connection, teller, which, act=act):
            raise WrongState

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            yield connection


def _subscription(row: Mapping[str, Any]) -> Subscription:
    return Subscription(
        id=row["id"],
        municipality=row["municipality"],
        actor=row["actor"],
        name=row["name"],
        selection=selection_from(row),
        every=timedelta(seconds=row["every_s"]),
        url=row["url"],
        state=State(row["state"]),
        requested_at=row["requested_at"],
        decided_at=row["decided_at"],
        motive=row["motive"],
        until_at=row["until_at"],
        ended_at=row["ended_at"],
    )
