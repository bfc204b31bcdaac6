"""Entries of the audit chain, in the transaction of what they tell of."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from shared.postgres import Connection, queries


class Entry(StrEnum):
    """What is told, besides the acts of `domain.subscription.Act`."""

    COUNTS_READ = "counts_read"
    STATISTICS_READ = "statistics_read"
    SERIES_READ = "series_read"
    REQUESTED = "subscription_requested"
    DELIVERY_OPENED = "delivery_opened"


@dataclass(frozen=True, slots=True)
class Teller:
    """Of whom an entry tells. Shape: `actor` None is the data owner or the service itself."""

    municipality: str
    actor: str | None


class AuditChain:
    """Appends; the chain itself is made in the database, where nobody can leave a link out."""

    def __init__(self) -> None:
        self._append = queries("services.delivery", "counts.sql")["append_audit"]

    async def append(
        self, connection: Connection, teller: Teller, kind: str, detail: Mapping[str, Any]
    ) -> None:
        """Link an entry; the last statement of a transaction, for it locks the chain's head."""
        text = msgspec.json.encode(detail).decode()
        await connection.fetchval(self._append, teller.municipality, kind, teller.actor, text)
