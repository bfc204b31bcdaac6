"""Keys on real PostgreSQL: known at once, revoked soon, and remembered while nobody can be asked."""

from collections.abc import AsyncIterator

import pytest

from deploy.schema.register import register
from shared.api_keys import ApiKeys, new_key
from shared.errors import WorldError
from shared.key_ring import (
    FRESH_SECONDS,
    STALE_SECONDS,
    PostgresRegistry,
    Principal,
    RememberingKeyRing,
    Scope,
)
from shared.pack import load_pack
from shared.postgres import Pool, new_pool
from tests.support.delivery import DEMO, owner_executes, registered
from tests.support.servers import Database

REVOKE = "update registry.api_key set revoked_at = now()"


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def a_ring(pool: Pool, clock: Clock) -> RememberingKeyRing:
    return RememberingKeyRing(PostgresRegistry(pool), clock=clock)


@pytest.fixture
async def keys(database: Database) -> ApiKeys:
    return await registered(database)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with await new_pool(database.dsn("lagesbild_delivery"), application="test") as opened:
        yield opened


async def test_a_key_tells_who_asks_and_for_what(keys: ApiKeys, pool: Pool) -> None:
    ring = a_ring(pool, Clock())
    fire = keys.actors["fire"]
    assert await ring.identify(fire["read"]) == Principal("9998", "fire", Scope.READ)
    assert await ring.identify(fire["report"]) == Principal("9998", "fire", Scope.REPORT)
    assert await ring.identify(keys.owner) == Principal("9998", None, Scope.OWN)


async def test_a_key_for_history_is_told_from_one_for_reports(
    database: Database, keys: ApiKeys, pool: Pool
) -> None:
    history = new_key()
    actors = {**keys.actors, "fire": {**keys.actors["fire"], "history": history}}
    await register(database.owner_dsn, load_pack(DEMO), keys=ApiKeys(actors, keys.owner))
    ring = a_ring(pool, Clock())
    assert await ring.identify(history) == Principal("9998", "fire", Scope.HISTORY)
    report = keys.actors["fire"]["report"]
    assert await ring.identify(report) == Principal("9998", "fire", Scope.REPORT)
    await register(database.owner_dsn, load_pack(DEMO), keys=keys)  # taken out: revoked
    assert await a_ring(pool, Clock()).identify(history) is None


@pytest.mark.parametrize("key", ["", "x", "lb_" + "0" * 36])
async def test_what_is_no_key_is_nobodys(keys: ApiKeys, pool: Pool, key: str) -> None:
    assert await a_ring(pool, Clock()).identify(key) is None
    assert await a_ring(pool, Clock()).identify(new_key()) is None


async def test_a_revoked_key_is_refused_when_the_answer_is_no_longer_fresh(
    database: Database, keys: ApiKeys, pool: Pool
) -> None:
    clock = Clock()
    ring = a_ring(pool, clock)
    assert await ring.identify(keys.owner) is not None
    await owner_executes(database, REVOKE)
    clock.seconds = FRESH_SECONDS - 0.1
    assert await ring.identify(keys.owner) is not None
    clock.seconds = FRESH_SECONDS
    assert await ring.identify(keys.owner) is None


async def test_a_refusal_is_remembered_for_a_short_while_too(
    database: Database, keys: ApiKeys, pool: Pool
) -> None:
    clock = Clock()
    ring = a_ring(pool, clock)
    await owner_executes(database, REVOKE)
    assert await ring.identify(keys.owner) is None
    await owner_executes(database, "update registry.api_key set revoked_at = null")
    assert await ring.identify(keys.owner) is None
    clock.seconds = FRESH_SECONDS
    assert await ring.identify(keys.owner) is not None


async def test_while_the_database_is_away_known_keys_go_on_and_others_are_not_judged(
    keys: ApiKeys, pool: Pool
) -> None:
    clock = Clock()
    ring = a_ring(pool, clock)
    known = await ring.identify(keys.owner)
    await pool.close()
    clock.seconds = STALE_SECONDS - 1
    assert await ring.identify(keys.owner) == known
    with pytest.raises(WorldError):
        await ring.identify(keys.actors["fire"]["read"])
    clock.seconds = 2 * STALE_SECONDS
    with pytest.raises(WorldError):
        await ring.identify(keys.owner)
