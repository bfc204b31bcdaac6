"""Who asks: from an API key to its municipality, actor and scope.

Ingest and delivery ask the same register. The ring remembers answers for a few seconds, so that
a busy actor costs no query per request and a revoked key stops working within that time.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from shared.api_keys import fingerprint, is_well_formed
from shared.errors import WorldError
from shared.postgres import DATABASE_AWAY, Pool, queries

TTL_SECONDS = 5.0
MOST_REMEMBERED = 10_000
ANSWER_SECONDS = 2.0  # a request waits no longer for the register
ASKED_AGAIN_SECONDS = 1.0  # while the register is away, and only then


class Scope(StrEnum):
    """What a key may be used for."""

    REPORT = "report"
    READ = "read"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. Shape: the data owner's key (`Scope.OWN`) has no actor, every other has one."""

    municipality: str
    actor: str | None
    scope: Scope


@dataclass(frozen=True, slots=True)
class _Remembered:
    principal: Principal | None
    fresh_until: float


class KeyRing:
    """Looks keys up in the register and remembers the latest answers, refusals included.

    While PostgreSQL is away an answer that is remembered holds on whatever its age: nobody can
    revoke a key in that time either, and ingest must go on accepting.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        ttl_seconds: float = TTL_SECONDS,
        most: int = MOST_REMEMBERED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._ttl_seconds = ttl_seconds
        self._most = most
        self._clock = clock
        self._find_key = queries("shared", "key_ring.sql")["find_key"]
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()

    async def identify(self, key: str) -> Principal | None:
        """Who has the key; `None` means nobody, or not any more.

        Raises:
            WorldError: PostgreSQL is away and the key is not remembered.
        """
        if not is_well_formed(key):
            return None
        sought = fingerprint(key)
        remembered = self._remembered.get(sought)
        if remembered is not None and self._clock() < remembered.fresh_until:
            self._remembered.move_to_end(sought)
            return remembered.principal
        try:
            principal = await self._find(sought)
        except DATABASE_AWAY:
            if remembered is None:
                raise WorldError("the register of keys does not answer") from None
            self._remember(sought, remembered.principal, seconds=ASKED_AGAIN_SECONDS)
            return remembered.principal
        self._remember(sought, principal, seconds=self._ttl_seconds)
        return principal

    async def _find(self, sought: bytes) -> Principal | None:
        async with asyncio.timeout(ANSWER_SECONDS):
            row = await self._pool.fetchrow(self._find_key, sought)
        if row is None:
            return None
        return Principal(row["municipality"], row["actor"], Scope(row["scope"]))

    def _remember(self, sought: bytes, principal: Principal | None, *, seconds: float) -> None:
        self._remembered[sought] = _Remembered(principal, self._clock() + seconds)
        self._remembered.move_to_end(sought)
        if len(self._remembered) > self._most:
            self._remembered.popitem(last=False)
