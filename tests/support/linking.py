"""What tests of linking share: keys in memory, and records of reports whose truth is known."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import msgspec

from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.linking.linker import Sighting
from services.anonymizer.linking import Arrival
from shared.identity import partition_of
from shared.records import LogRecord
from shared.topics import DEFAULT_PARTITIONS, REPORTS


@dataclass
class MemoryKeys:
    """Random keys of days, gone when they are destroyed."""

    made: dict[date, bytes] = field(default_factory=dict)
    destroyed: set[date] = field(default_factory=set)

    def key_of(self, day: date) -> bytes | None:
        if day in self.destroyed:
            return None
        return self.made.setdefault(day, secrets.token_bytes(32))

    def destroy(self, day: date) -> None:
        self.made.pop(day, None)
        self.destroyed.add(day)


def arrival(one: Anonymized, *, received_ms: int, offset: int = 0) -> Arrival:
    """The report as the handler has it."""
    event_id = one.event.event_id
    part = partition_of(event_id, DEFAULT_PARTITIONS)
    return LogRecord(part, offset, received_ms, event_id.bytes, b"sealed", REPORTS.name), one


def arrivals(seen: Sequence[Sighting], *, ids: Sequence[UUID]) -> list[Arrival]:
    """The sightings under ids that spread over the partitions, as real ones do."""
    found = []
    for number, (sighting, event_id) in enumerate(zip(seen, ids, strict=True)):
        one = sighting.anonymized
        event = msgspec.structs.replace(one.event, event_id=event_id)
        moved = msgspec.structs.replace(one, event=event)
        found.append(arrival(moved, received_ms=sighting.received_ms, offset=number))
    return found
