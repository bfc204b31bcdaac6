"""What a linker is told of reports, and what it answers."""

import msgspec

from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.linking.cells import Cells
from services.anonymizer.domain.linking.mark import Mark
from shared.messages.event import Event

Founder = tuple[bytes, int]
"""Id and version of the event whose incident it became by a later report."""


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """A version of an event, and when ingest accepted it.

    Shape: `event_id` is the event's, as bytes. Unit: `received_ms` since 1970.
    """

    event_id: bytes
    received_ms: int
    anonymized: Anonymized


class Known(msgspec.Struct, frozen=True, gc=False):
    """An earlier version as it was decided.

    Shape: `incident` also if a later report brought it, and `opened_ms` when its first report was
    received; `placed` if it had a token.
    """

    event: Event
    incident: bytes | None
    placed: bool = False
    opened_ms: int | None = None


class Heard(msgspec.Struct, frozen=True, gc=False):
    """A decision made elsewhere. Shape: `mark` None: nothing of it is remembered."""

    event_id: bytes
    version: int
    mark: Mark | None
    incident: bytes | None
    founder: Founder | None
    opened_ms: int | None = None


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What was decided of one version of an event; it never changes.

    Shape: `event` as it is published, with its incident if it joined one; `founder` gets the same
    one by this decision; `possible` says that it may describe the same incident as another;
    `placed` if it has a token. Unit: `opened_ms` is when its incident's first report was received.
    """

    event: Event
    founder: Founder | None = None
    possible: bool = False
    placed: bool = False
    opened_ms: int | None = None


class Decided(msgspec.Struct, frozen=True):
    """The decisions of a batch in its order, and what is remembered of it.

    Shape: `cells` has a row for each of `marks`; `freed` are versions that are remembered no more.
    """

    decisions: list[Decision]
    marks: list[Mark]
    cells: Cells
    freed: list[Founder]
