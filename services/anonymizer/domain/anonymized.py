"""What the later steps need of an event beside the event itself; it never leaves the process."""

from datetime import datetime

import msgspec
from typing_extensions import override

from shared.messages.event import Event
from shared.quality import Confidence

NOWHERE = float("nan")


class Anonymized(msgspec.Struct, frozen=True, gc=False):
    """An event, and what linking, bounding and quality must know before the place is dropped.

    Shape: `occurred_at` is `None` in a withdrawal, and so is `confidence`; `e` and `n` are not a number where the report
    has no point. Unit: `occurred_at` aware UTC, as reported, not floored; `e`, `n` metres in
    SWEREF 99 TM (EPSG:3006).
    """

    event: Event
    actor: str
    occurred_at: datetime | None = None
    e: float = NOWHERE
    n: float = NOWHERE
    confidence: Confidence | None = None

    @override
    def __repr__(self) -> str:
        """The id alone: a place is never shown."""
        return f"Anonymized({self.event.event_id})"
