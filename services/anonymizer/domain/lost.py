"""A report that was accepted and can no longer be opened: its key had to go before its turn came."""

from datetime import datetime
from uuid import UUID

import msgspec


class LostReport(msgspec.Struct, frozen=True):
    """Who may be told of which report. Unit: `received_at` aware UTC, in milliseconds.

    The actor stands in the clear in the record; nothing vouches for it any more.
    """

    municipality: str
    actor: str
    event_id: UUID
    received_at: datetime
