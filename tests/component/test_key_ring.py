"""A key is remembered for a short while, and a little longer when the registry is away."""

import pytest

from shared.key_ring import (
    ASK_AGAIN_SECONDS,
    FRESH_SECONDS,
    MOST_UNKNOWN,
    STALE_SECONDS,
    Principal,
    RegistryAwayError,
    RememberingKeyRing,
    Scope,
)

KEY = b"k" * 32
HOLDER = Principal("9998", "fire", Scope.REPORT)


class Registry:
    """A registry whose answers the test sets; `asked` counts."""

    def __init__(self) -> None:
        self.keys: dict[bytes, Principal] = {KEY: HOLDER}
        self.is_away = False
        self.asked = 0

    async def lookup(self, fingerprint: bytes) -> Principal | None:
        self.asked += 1
        if self.is_away:
            raise ConnectionRefusedError
        return self.keys.get(fingerprint)


class Clock:
    """Seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ring(registry: Registry, clock: Clock) -> RememberingKeyRing:
    return RememberingKeyRing(registry, clock=clock)


async def test_a_key_is_asked_for_once_while_it_is_fresh(
    ring: RememberingKeyRing, registry: Registry, clock: Clock
) -> None:
    for _ in range(3):
        assert await ring.holder_of(KEY) == HOLDER
    assert registry.asked == 1
    clock.now += FRESH_SECONDS
    assert await ring.holder_of(KEY) == HOLDER
    assert registry.asked == 2


async def test_a_revoked_key_ends_when_it_is_no_longer_fresh(
    ring: RememberingKeyRing, registry: Registry, clock: Clock
) -> None:
    await ring.holder_of(KEY)
    registry.keys.clear()
    clock.now += FRESH_SECONDS
    assert await ring.holder_of(KEY) is None


async def test_an_unknown_key_is_asked_for_once_and_a_new_one_is_found_soon(
    ring: RememberingKeyRing, registry: Registry, clock: Clock
) -> None:
    new = b"n" * 32
    assert await ring.holder_of(new) is None
    assert await ring.holder_of(new) is None
    assert registry.asked == 1
    registry.keys[new] = HOLDER
    clock.now += FRESH_SECONDS
    assert await ring.holder_of(new) == HOLDER


async def test_unknown_keys_cannot_fill_the_memory(
    ring: RememberingKeyRing, registry: Registry
) -> None:
    for number in range(MOST_UNKNOWN + 1):
        await ring.holder_of(number.to_bytes(32))
    await ring.holder_of((MOST_UNKNOWN).to_bytes(32))
    assert registry.asked == MOST_UNKNOWN + 1
    await ring.holder_of((0).to_bytes(32))  # the oldest has been forgotten
    assert registry.asked == MOST_UNKNOWN + 2


async def test_a_known_key_outlives_a_registry_that_is_away_for_some_minutes(
    ring: RememberingKeyRing, registry: Registry, clock: Clock
) -> None:
    await ring.holder_of(KEY)
    registry.is_away = True
    clock.now += STALE_SECONDS - 1
    assert await ring.holder_of(KEY) == HOLDER
    assert await ring.answers()
    clock.now += 1 + ASK_AGAIN_SECONDS
    with pytest.raises(RegistryAwayError):
        await ring.holder_of(KEY)
    assert not await ring.answers()


async def test_a_registry_that_is_away_is_not_asked_for_every_request(
    ring: RememberingKeyRing, registry: Registry, clock: Clock
) -> None:
    await ring.holder_of(KEY)
    registry.is_away = True
    clock.now += FRESH_SECONDS
    for _ in range(10):
        await ring.holder_of(KEY)
    assert registry.asked == 2
    clock.now += ASK_AGAIN_SECONDS
    await ring.holder_of(KEY)
    assert registry.asked == 3


async def test_a_key_that_was_never_seen_is_neither_accepted_nor_called_wrong(
    ring: RememberingKeyRing, registry: Registry
) -> None:
    registry.is_away = True
    with pytest.raises(RegistryAwayError):
        await ring.holder_of(KEY)
    registry.is_away = False
    assert await ring.holder_of(KEY) == HOLDER


async def test_it_answers_while_the_registry_does(ring: RememberingKeyRing) -> None:
    assert await ring.answers()
