"""Who asks: from an API key to its municipality, actor and scope.

Ingest and delivery ask the same registry and remember its answers for a short while. A registry that is away must not stop reporting at once: a key that was valid a moment ago stays
valid for some minutes. A key that is not known then is neither accepted nor called wrong.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import asyncpg

from shared.api_keys import fingerprint, is_well_formed
from shared.errors import WorldError
from shared.postgres import DATABASE_AWAY, Pool, queries

FRESH_SECONDS = 10.0  # a revoked key works this long at the most while the registry answers
STALE_SECONDS = 300.0  # and this long while it does not
ASK_AGAIN_SECONDS = 2.0  # after the registry did not answer, known keys are not asked for so long
LOOKUP_SECONDS = 1.0  # with Kafka's 3.5 s a request is still answered within 5 s
MOST_UNKNOWN = 1000
MOST_LOOKUPS = 200  # under way at once; many more than a registry that answers leaves waiting


class Scope(StrEnum):
    """What a key is for; one for history reports events that are longer ago than others may."""

    REPORT = "report"
    HISTORY = "history"
    READ = "read"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. Shape: the data owner's key (`Scope.OWN`) has no actor, every other has one."""

    municipality: str
    actor: str | None
    scope: Scope


class RegistryAwayError(WorldError):
    """The registry does not answer and the key is not remembered."""


class KeyRing(Protocol):
    """Tells whose key it is."""

    async def identify(self, key: str) -> Principal | None:
        """The holder, or `None` if the key is not valid.

        Raises:
            RegistryAwayError: it cannot be told now.
        """

    async def answers(self) -> bool:
        """Whether keys can be told; for readiness."""


class Registry(Protocol):
    """Where keys are kept."""

    async def lookup(self, sought: bytes) -> Principal | None:
        """The holder as of now.

        Raises:
            shared.postgres.DATABASE_AWAY: the database does not answer in time.
        """


class PostgresRegistry:
    """Table `registry.api_key`.

    A lookup that takes too long is left to itself: to cancel a statement asyncpg must ask the
    server, and a server that is frozen would hold the request for as long as it likes.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = queries("shared", "key_ring.sql")
        self._lookups: set[asyncio.Task[asyncpg.Record | None]] = set()

    async def lookup(self, sought: bytes) -> Principal | None:
        """The holder as of now.

        Raises:
            shared.postgres.DATABASE_AWAY: the database does not answer in time.
        """
        if len(self._lookups) >= MOST_LOOKUPS:
            raise TimeoutError
        lookup = asyncio.create_task(self._fetched(sought))
        self._lookups.add(lookup)
        lookup.add_done_callback(self._forget)
        done, _ = await asyncio.wait({lookup}, timeout=LOOKUP_SECONDS)
        if not done:
            raise TimeoutError
        row = lookup.result()
        if row is None:
            return None
        return Principal(row["municipality"], row["actor"], Scope(row["scope"]))

    async def _fetched(self, sought: bytes) -> asyncpg.Record | None:
        return await self._pool.fetchrow(self._sql["find_key"], sought, timeout=LOOKUP_SECONDS)

    def _forget(self, lookup: "asyncio.Task[asyncpg.Record | None]") -> None:
        self._lookups.discard(lookup)
        if not lookup.cancelled():
            lookup.exception()  # whoever waited has read it; nobody else needs to


@dataclass(frozen=True, slots=True)
class _Remembered:
    holder: Principal
    since: float


class RememberingKeyRing:
    """A key ring over a registry. `clock` gives seconds that never go back."""

    def __init__(self, registry: Registry, *, clock: Callable[[], float]) -> None:
        self._registry = registry
        self._clock = clock
        self._known: dict[bytes, _Remembered] = {}
        self._unknown: OrderedDict[bytes, float] = OrderedDict()
        self._away_since: float | None = None

    async def identify(self, key: str) -> Principal | None:
        """Who has the key; `None` means nobody, or not any more.

        Raises:
            RegistryAwayError: the registry does not answer and nothing is remembered.
        """
        return await self.holder_of(fingerprint(key)) if is_well_formed(key) else None

    async def holder_of(self, sought: bytes) -> Principal | None:
        """The holder; a remembered one while it is fresh, or while the registry is away.

        Raises:
            RegistryAwayError: the registry does not answer and nothing is remembered.
        """
        known = self._known.get(sought)
        if known is not None and self._may_use(known):
            return known.holder
        if self._clock() - self._unknown.get(sought, -FRESH_SECONDS) < FRESH_SECONDS:
            return None
        try:
            holder = await self._registry.lookup(sought)
        except DATABASE_AWAY:
            self._away_since = self._clock()
            if known is not None and self._age(known) < STALE_SECONDS:
                return known.holder
            raise RegistryAwayError from None
        self._away_since = None
        self._remember(sought, holder)
        return holder

    async def answers(self) -> bool:
        """Whether a key could be told now: the registry answers, or keys are remembered."""
        try:
            await self._registry.lookup(b"\x00" * 32)
        except DATABASE_AWAY:
            return any(self._age(known) < STALE_SECONDS for known in self._known.values())
        return True

    def _may_use(self, known: _Remembered) -> bool:
        if self._age(known) < FRESH_SECONDS:
            return True
        is_away = (
            self._away_since is not None and self._clock() - self._away_since < ASK_AGAIN_SECONDS
        )
        return is_away and self._age(known) < STALE_SECONDS

    def _age(self, known: _Remembered) -> float:
        return self._clock() - known.since

    def _remember(self, sought: bytes, holder: Principal | None) -> None:
        if holder is not None:
            self._known[sought] = _Remembered(holder, self._clock())
            return
        self._known.pop(sought, None)
        self._unknown[sought] = self._clock()
        self._unknown.move_to_end(sought)
        if len(self._unknown) > MOST_UNKNOWN:
            self._unknown.popitem(last=False)
