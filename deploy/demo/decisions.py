"""What the log says of linking: which version of which event belongs to which incident.

Which reports describe the same incident nobody can know beforehand, so this one thing the oracle takes
from the log. It is held to its own rules, whatever was killed between deciding and publishing: a
version of an event has one incident, and an incident is told of two events at least, for the one
that founded it is told once more (decision 0026).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from aiokafka import TopicPartition

from shared.kafka import offsets_of, reading
from shared.messages.codec import decoder
from shared.topics import EVENTS

POLL_MS = 1000
START_SECONDS = 30
OURS = 8  # the UUID version of event ids that ingest makes
LEAST_MEMBERS = 2
CLIENT = "lagesbild-decisions"


class Decided(msgspec.Struct, frozen=True, gc=False):
    """What is read of an event."""

    event_id: UUID
    version: int
    incident_id: UUID | None = None


@dataclass(slots=True)
class Decisions:
    """The incident of each version that has one.

    Shape: `again` are the versions that were given another incident later; there must be none.
    `members` are the events of each incident.
    """

    incidents: dict[tuple[UUID, int], UUID] = field(default_factory=dict)
    again: set[tuple[UUID, int]] = field(default_factory=set)
    members: dict[UUID, set[UUID]] = field(default_factory=dict)

    @property
    def halved(self) -> int:
        """How many incidents are told of one event alone; there must be none."""
        return sum(len(some) < LEAST_MEMBERS for some in self.members.values())

    def add(self, events: Iterable[Decided]) -> None:
        """Take note of events, in the order of the log; not of those that the harness injects."""
        for one in events:
            if one.incident_id is not None and one.event_id.version == OURS:
                self.members.setdefault(one.incident_id, set()).add(one.event_id)
                version = one.event_id, one.version
                if self.incidents.setdefault(version, one.incident_id) != one.incident_id:
                    self.again.add(version)

    def of(self, event: UUID, version: int) -> UUID | None:
        """The incident of a version."""
        return self.incidents.get((event, version))


async def decisions_in(kafka: str, *, prefix: str, partitions: int) -> Decisions:
    """Read the whole log of events, from its first record to where it ends now."""
    topic = EVENTS.named(prefix)
    read = decoder(Decided).decode
    decisions = Decisions()
    async with reading(kafka, client_id=CLIENT, within_seconds=START_SECONDS) as reader:
        left = await offsets_of(reader, topic, partitions)
        reader.assign([TopicPartition(topic, at) for at in left])
        for at, offsets in left.items():
            reader.seek(TopicPartition(topic, at), offsets.start)
        while any(left.values()):
            for where, records in (await reader.getmany(timeout_ms=POLL_MS)).items():
                decisions.add(read(one.value) for one in records)
                end = left[where.partition].stop
                left[where.partition] = range(min(records[-1].offset + 1, end), end)
    return decisions
