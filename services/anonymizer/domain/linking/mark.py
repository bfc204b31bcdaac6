"""One report as it is remembered, and for how long."""

import msgspec

KEPT_MS = 24 * 3600 * 1000


class Mark(msgspec.Struct, gc=False):
    """One version of a report, as long as its token lives.

    Shape: `spot` is (indicator, x, y) of its cell; `counted` is false where the contribution bound
    skips it or does not hold for it; `handle` is its place among all marks.
    Unit: `received_ms` since 1970.
    """

    event_id: bytes
    version: int
    received_ms: int
    actor: int
    spot: tuple[int, int, int]
    slot: int
    counted: bool
    incident: bytes | None = None
    handle: int = -1


def is_remembered(mark: Mark, received_ms: int) -> bool:
    """Whether a report that came then is within the mark's 24 hours."""
    return abs(received_ms - mark.received_ms) <= KEPT_MS
