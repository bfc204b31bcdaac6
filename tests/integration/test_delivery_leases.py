"""The lease table on real PostgreSQL: one holder at a time, and every statement may be repeated."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import structlog
from typing_extensions import override

from services.delivery.channels.resolver import NameServer
from services.delivery.channels.webhook import Patience, Webhooks
from services.delivery.domain.municipality import Municipality, by_code
from services.delivery.domain.push import Push
from services.delivery.domain.schedule import (
    Answer,
    Attempt,
    DeliveryState,
    Outcome,
    Verdict,
    judged,
)
from services.delivery.domain.selection import Selection
from services.delivery.domain.subscription import Act, Decision, State, Subscription
from services.delivery.domain.view import Plan, plan
from services.delivery.sender.sending import Sending, Terms
from services.delivery.sender.upkeep import Keeping, Upkeep
from services.delivery.store.audit import AuditChain, Teller
from services.delivery.store.leases import Lease, Leases
from services.delivery.store.mirror import Mirror
from services.delivery.store.subscriptions import Subscriptions
from shared.errors import Fenced
from shared.pack import load_pack
from shared.postgres import Connection, new_pool
from shared.windows import Window
from tests.support.delivery import DEMO, owner_executes, owner_reads, registered
from tests.support.servers import Database

PACK = load_pack(DEMO)
HERE = [PACK.code]
OWNER = Teller(PACK.code, None)


@dataclass(frozen=True, slots=True)
class Stores:
    leases: Leases
    subscriptions: Subscriptions

    async def approved(self) -> UUID:
        now = datetime.now(UTC)
        wanted = Subscription(
            id=uuid4(),
            municipality=PACK.code,
            actor="fire",
            name="x",
            selection=Selection(("arson",), None, 3, (Window.H1,)),
            every=timedelta(seconds=60),
            url="http://127.0.0.1:9/",
            state=State.REQUESTED,
            requested_at=now,
        )
        await self.subscriptions.add(wanted, secret=bytes(32))
        await self.subscriptions.decide(
            OWNER, wanted.id, act=Act.APPROVE, decision=Decision("x"), now=now
        )
        return wanted.id

    async def claim(self, owner: str = "a", *, limit: int = 10, lease_s: float = 60) -> list[Lease]:
        claimed = await self.leases.claim(limit, owner=owner, lease_s=lease_s, municipalities=HERE)
        return list(claimed.leases)


@pytest.fixture
async def stores(database: Database) -> AsyncIterator[Stores]:
    await registered(database)
    async with await new_pool(database.dsn("lagesbild_delivery"), application="test") as pool:
        audit = AuditChain()
        subscriptions = Subscriptions(pool, audit=audit)
        leases = Leases(pool, mirror=Mirror(), audit=audit, subscriptions=subscriptions)
        yield Stores(leases, subscriptions)


def planned(lease: Lease) -> Plan:
    return plan(PACK, lease.selection, actor="fire", as_of=datetime.now(UTC))


def an_attempt(number: int = 1, outcome: Outcome = Outcome.DELIVERED) -> Attempt:
    return Attempt(number, datetime.now(UTC), timedelta(milliseconds=3), Answer(outcome, 204))


def verdict_of(lease: Lease, push: Push, attempt: Attempt) -> Verdict:
    return judged(
        attempt.answer.outcome,
        attempt=attempt.number,
        due=lease.due(push),
        now=datetime.now(UTC),
        delays=[timedelta(seconds=5)],
    )


async def settle(stores: Stores, lease: Lease, push: Push, attempt: Attempt) -> None:
    await stores.leases.settle(
        lease,
        push,
        attempt=attempt,
        verdict=verdict_of(lease, push, attempt),
        now=datetime.now(UTC),
    )


async def test_a_lease_is_one_holders_until_it_runs_out(database: Database, stores: Stores) -> None:
    await stores.approved()
    (first,) = await stores.claim("a")
    assert await stores.claim("b") == []
    await owner_executes(database, "update delivery.schedule set lease_until = now()")
    (second,) = await stores.claim("b")
    assert second.fence == first.fence + 1


async def test_whoever_lost_the_lease_can_neither_store_nor_settle(
    database: Database, stores: Stores
) -> None:
    await stores.approved()
    (slow,) = await stores.claim("a")
    await owner_executes(database, "update delivery.schedule set lease_until = now()")
    (quick,) = await stores.claim("b")
    with pytest.raises(Fenced):
        await stores.leases.open(slow, planned(slow))
    push = await stores.leases.open(quick, planned(quick))
    with pytest.raises(Fenced):
        await settle(stores, slow, push, an_attempt())
    await settle(stores, quick, push, an_attempt())
    assert await owner_reads(database, "select seq, state from delivery.delivery") == [
        (1, "delivered")
    ]


async def test_what_was_stored_is_found_again_by_the_next_holder(
    database: Database, stores: Stores
) -> None:
    await stores.approved()
    (lease,) = await stores.claim("a")
    push = await stores.leases.open(lease, planned(lease))
    await stores.leases.release("a")
    (after,) = await stores.claim("b")
    assert after.open_seq == 1
    assert await stores.leases.read_open(after) == (push, 0)


async def test_storing_again_after_a_lost_answer_stores_nothing(
    database: Database, stores: Stores
) -> None:
    await stores.approved()
    (lease,) = await stores.claim()
    await stores.leases.open(lease, planned(lease))
    with pytest.raises(Fenced):
        await stores.leases.open(lease, planned(lease))
    assert await owner_reads(database, "select count(*) from delivery.delivery") == [(1,)]


async def test_settling_again_after_a_lost_answer_writes_nothing(
    database: Database, stores: Stores
) -> None:
    await stores.approved()
    (lease,) = await stores.claim()
    push = await stores.leases.open(lease, planned(lease))
    await settle(stores, lease, push, an_attempt())
    with pytest.raises(Fenced):
        await settle(stores, lease, push, an_attempt())
    assert await owner_reads(database, "select count(*) from delivery.attempt") == [(1,)]


async def test_a_delivery_that_waits_for_a_retry_stays_open(
    database: Database, stores: Stores
) -> None:
    await stores.approved()
    (lease,) = await stores.claim()
    push = await stores.leases.open(lease, planned(lease))
    await settle(stores, lease, push, an_attempt(outcome=Outcome.FAILED))
    assert await stores.claim() == []
    await owner_executes(database, "update delivery.schedule set next_try_at = now()")
    (again,) = await stores.claim()
    found, earlier = await stores.leases.read_open(again)
    assert (found, earlier) == (push, 1)
    await settle(stores, again, push, an_attempt(2, Outcome.FAILED))
    rows = await owner_reads(database, "select state, attempts from delivery.delivery")
    assert rows == [(DeliveryState.FOLDED, 2)]


async def test_the_claim_says_how_far_away_the_next_due_time_is(stores: Stores) -> None:
    claimed = await stores.leases.claim(1, owner="a", lease_s=60, municipalities=HERE)
    assert (claimed.leases, claimed.wait_s) == ((), None)
    began = time.monotonic()
    await stores.approved()
    (lease,) = await stores.claim()
    push = await stores.leases.open(lease, planned(lease))
    await settle(stores, lease, push, an_attempt())
    claimed = await stores.leases.claim(1, owner="a", lease_s=60, municipalities=HERE)
    assert claimed.wait_s is not None
    assert 59 - (time.monotonic() - began) < claimed.wait_s < 60


async def test_no_more_is_claimed_than_there_are_free_slots(stores: Stores) -> None:
    for _ in range(3):
        await stores.approved()
    assert len(await stores.claim(limit=2)) == 2
    assert len(await stores.claim(limit=2)) == 1


async def test_another_municipality_is_left_to_its_own_instances(stores: Stores) -> None:
    await stores.approved()
    claimed = await stores.leases.claim(9, owner="a", lease_s=60, municipalities=["0002"])
    assert claimed.leases == ()


async def test_the_age_of_the_oldest_due_time_grows_until_someone_takes_it(
    database: Database, stores: Stores
) -> None:
    assert await stores.leases.due_age_s(HERE) == 0
    await stores.approved()
    await owner_executes(
        database, "update delivery.schedule set next_try_at = now() - interval '1 minute'"
    )
    assert 60 <= await stores.leases.due_age_s(HERE) < 70
    await stores.claim()
    assert await stores.leases.due_age_s(HERE) == 0


async def test_upkeep_ends_what_has_passed_and_forgets_what_is_old(
    database: Database, stores: Stores
) -> None:
    await stores.approved()
    (lease,) = await stores.claim()
    push = await stores.leases.open(lease, planned(lease))
    await settle(stores, lease, push, an_attempt())
    await owner_executes(
        database, "update delivery.delivery set closed_at = now() - interval '3 hours'"
    )
    await owner_executes(database, "update delivery.subscription set until_at = now()")
    upkeep = an_upkeep(stores, Keeping(2))
    await upkeep.round(1)
    assert await owner_reads(database, "select state from delivery.subscription") == [("approved",)]
    await upkeep.round(0)
    assert await owner_reads(database, "select state from delivery.subscription") == [("ended",)]
    assert await owner_reads(database, "select seq from delivery.delivery") == []
    assert await owner_reads(database, "select seq from delivery.attempt") == []
    assert await stores.claim() == []


async def old_deliveries(database: Database, which: UUID, *, number: int) -> None:
    await owner_executes(
        database,
        "insert into delivery.delivery "
        "(subscription, seq, webhook_id, due_at, as_of, body, state, closed_at) "
        "select $1, n, 'msg_' || n, now(), now(), '', 'delivered', now() - interval '3 hours' "
        "from generate_series(1, $2::int) as n",
        [(which, number)],
    )


async def left(database: Database) -> int:
    rows = await owner_reads(database, "select count(*)::int from delivery.delivery")
    number: int = rows[0][0]
    return number


def an_upkeep(stores: Stores, keeping: Keeping) -> Upkeep:
    return Upkeep(
        stores.leases,
        stores.subscriptions,
        municipalities=HERE,
        keeping=keeping,
        clock=lambda: datetime.now(UTC),
    )


async def test_upkeep_forgets_everything_that_is_old_in_one_pass(
    database: Database, stores: Stores
) -> None:
    await old_deliveries(database, await stores.approved(), number=12_000)
    await an_upkeep(stores, Keeping(2)).round(0)
    assert await left(database) == 0


async def test_what_is_too_much_for_one_pass_is_forgotten_in_the_next_rounds(
    database: Database, stores: Stores
) -> None:
    await old_deliveries(database, await stores.approved(), number=7)
    upkeep = an_upkeep(stores, Keeping(2, batch=2, batches=2))
    await upkeep.round(1)
    assert await left(database) == 7
    await upkeep.round(0)
    assert await left(database) == 3
    await upkeep.round(1)
    assert await left(database) == 0


async def waits_for_a_lock(database: Database) -> None:
    """Return when a session of delivery waits for a row that somebody else holds."""
    async with asyncio.timeout(60):
        while not await owner_reads(
            database,
            "select pid from pg_stat_activity where wait_event_type = 'Lock' "
            "and usename = 'lagesbild_delivery' and datname = current_database()",
        ):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def holding(database: Database, statement: str, *values: Any) -> AsyncIterator[Connection]:
    """Another session that has run the statement and not ended its transaction."""
    other = await asyncpg.connect(database.owner_dsn)
    try:
        async with other.transaction():
            await other.execute(statement, *values)
            yield other
    finally:
        await other.close()


async def test_whoever_finds_an_endpoint_gone_takes_the_subscription_before_the_schedule(
    database: Database, stores: Stores
) -> None:
    which = await stores.approved()
    (lease,) = await stores.claim()
    push = await stores.leases.open(lease, planned(lease))
    async with holding(
        database, "select from delivery.subscription where id = $1 for update", which
    ) as other:
        gone = asyncio.create_task(settle(stores, lease, push, an_attempt(outcome=Outcome.GONE)))
        await waits_for_a_lock(database)
        await other.execute("select from delivery.schedule for update nowait")
    await gone
    rows = await owner_reads(database, "select state from delivery.subscription")
    assert rows == [("disabled",)]


async def test_ending_does_not_hold_up_a_delivery_that_is_being_stored(
    database: Database, stores: Stores
) -> None:
    which = await stores.approved()
    async with holding(
        database, "select from delivery.schedule where subscription = $1 for update", which
    ) as other:
        end = asyncio.create_task(stores.subscriptions.end(OWNER, which, now=datetime.now(UTC)))
        await waits_for_a_lock(database)
        await other.execute(
            "insert into delivery.delivery (subscription, seq, webhook_id, due_at, as_of, body) "
            "values ($1, 1, 'msg_1', now(), now(), '')",
            which,
        )
    assert await end is State.ENDED
    assert await owner_reads(database, "select state from delivery.delivery") == [("folded",)]


async def test_an_endpoint_that_is_gone_changes_nothing_of_what_has_ended(
    database: Database, stores: Stores
) -> None:
    which = await stores.approved()
    (lease,) = await stores.claim()
    push = await stores.leases.open(lease, planned(lease))
    await stores.subscriptions.end(OWNER, which, now=datetime.now(UTC))
    await settle(stores, lease, push, an_attempt(outcome=Outcome.GONE))
    rows = await owner_reads(database, "select state from delivery.subscription")
    assert rows == [("ended",)]
    assert await owner_reads(database, "select outcome from delivery.attempt") == [("gone",)]


class UnforeseenError(Exception):
    """What no part of the sender knows."""


class Unforeseen(Webhooks):
    """A channel with a fault of its own."""

    @override
    async def send(self, *_: Any, **__: Any) -> Answer:
        raise UnforeseenError("CANARY")


def a_sending(
    stores: Stores, webhooks: Webhooks, *, municipalities: Mapping[str, Municipality]
) -> Sending:
    return Sending(
        stores.leases,
        webhooks,
        municipalities,
        terms=Terms(delays=[], prepare_s=5),
        clock=lambda: datetime.now(UTC),
    )


async def test_an_error_that_nobody_foresaw_is_an_attempt_that_failed(
    database: Database, stores: Stores
) -> None:
    await stores.approved()
    (lease,) = await stores.claim()
    webhooks = Unforeseen(NameServer().addresses, patience=Patience(1, 1))
    with structlog.testing.capture_logs() as logs:
        await a_sending(stores, webhooks, municipalities=by_code([PACK])).send(lease)
    assert "CANARY" not in str(logs)
    assert "UnforeseenError" in str(logs)
    assert await owner_reads(database, "select outcome from delivery.attempt") == [("failed",)]
    assert await owner_reads(database, "select lease_owner from delivery.schedule") == [(None,)]


async def test_a_view_that_cannot_be_composed_is_left_until_its_lease_runs_out(
    database: Database, stores: Stores
) -> None:
    await stores.approved()
    (lease,) = await stores.claim()
    webhooks = Webhooks(NameServer().addresses, patience=Patience(1, 1))
    await a_sending(stores, webhooks, municipalities={}).send(lease)
    assert await owner_reads(database, "select seq from delivery.delivery") == []
    assert await owner_reads(database, "select lease_owner from delivery.schedule") == [("a",)]


async def test_a_code_that_has_left_the_catalogue_is_withheld_in_the_push(stores: Stores) -> None:
    await stores.approved()
    (lease,) = await stores.claim()
    lost = replace(lease, selection=replace(lease.selection, indicators=("arson", "lost")))
    push = await stores.leases.open(lost, planned(lost))
    assert b'"withheld":["lost"]' in push.body


async def test_a_lease_that_has_grown_too_old_is_left_to_run_out(
    database: Database, stores: Stores
) -> None:
    await stores.approved()
    (lease,) = await stores.claim()
    webhooks = Webhooks(NameServer().addresses, patience=Patience(1, 1))
    sending = Sending(
        stores.leases,
        webhooks,
        by_code([PACK]),
        terms=Terms(delays=[], prepare_s=0),
        clock=lambda: datetime.now(UTC),
    )
    await sending.send(lease)
    assert await owner_reads(database, "select seq from delivery.delivery") == []
    assert await owner_reads(database, "select lease_owner from delivery.schedule") == [("a",)]
