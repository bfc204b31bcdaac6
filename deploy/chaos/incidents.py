"""Events with incidents, written straight onto the event log, beside what the anonymizer links.

An incident has one to four events, which lie on partitions of different aggregators by their ids.
Later versions move an event in time and place, take it back, or find that it belongs elsewhere.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from deploy.chaos.content import Said, Scenery, minutes_ago

MOST_EVENTS = 4
NEW_SHARE = 0.6  # of all versions; the others are about an event that was told before
RESEND_SHARE = 0.3  # of those
WITHDRAWN_SHARE = 0.3  # of the later versions
RELINKED_SHARE = 0.1
LINKED_LATER_SHARE = 0.3  # are told alone first, and once more when they are linked
AHEAD = 3  # a later version may come before the ones between
PLACEMENT = "nyko"


@dataclass(frozen=True, slots=True)
class Linked:
    """One version of an event. Shape: `said` None is a withdrawal, which has no incident."""

    event: UUID
    version: int
    incident: UUID | None
    said: Said | None

    def is_known_better(self, known: "Linked") -> bool:
        """Whether it is the same version, which was not linked yet."""
        return (
            self.version == known.version and known.incident is None and self.incident is not None
        )


class Incidents:
    """An endless seeded stream of versions; one version of an event says one thing, but its incident."""

    def __init__(self, scenery: Scenery) -> None:
        self._chance = Random(f"incidents {scenery.seed}")
        self._began_minute = int(scenery.began.timestamp()) // 60
        self._areas = sorted({spot.area for spot in scenery.spots})
        self._coarse = scenery.coarse
        self._codes = sorted(scenery.coarse)
        self._told: list[Linked] = []
        self._known: dict[tuple[UUID, int], Linked] = {}
        self._later: list[Linked] = []
        self._members = self._new_members()

    def next(self) -> Linked:
        """The next version to write."""
        chance = self._chance
        if self._later and chance.random() < LINKED_LATER_SHARE:
            return self._later.pop(chance.randrange(len(self._later)))
        if not self._told or chance.random() < NEW_SHARE:
            event, incident = next(self._members)
            return self._tell(event, 1, incident)
        earlier = chance.choice(self._told)
        if chance.random() < RESEND_SHARE:
            return earlier
        return self._tell(
            earlier.event, earlier.version + chance.randint(1, AHEAD), earlier.incident
        )

    def _tell(self, event: UUID, version: int, incident: UUID | None) -> Linked:
        if known := self._known.get((event, version)):
            return known
        chance = self._chance
        if version > 1 and chance.random() < WITHDRAWN_SHARE:
            linked = Linked(event, version, None, None)
        else:
            if self._told and chance.random() < RELINKED_SHARE:
                incident = chance.choice(self._told).incident
            linked = Linked(event, version, incident, self._said())
        if linked.incident is not None and chance.random() < LINKED_LATER_SHARE:
            self._later.append(linked)
            linked = replace(linked, incident=None)
        self._told.append(linked)
        self._known[event, version] = linked
        return linked

    def _said(self) -> Said:
        """As coarse as an event is when it leaves the anonymizer.

        Half of them lie within one hour, so that an incident's earliest event often changes.
        """
        chance = self._chance
        code = chance.choice(self._codes)
        ago = chance.choice((chance.randrange(60), minutes_ago(chance.getrandbits(40))))
        said = Said(code, self._began_minute - ago, chance.choice(self._areas))
        return said.coarsened(self._coarse[code])

    def _new_members(self) -> Iterator[tuple[UUID, UUID | None]]:
        chance = self._chance
        while True:
            events = chance.randint(1, MOST_EVENTS)
            alone = events == 1 and chance.random() < 0.5
            incident = None if alone else self._new_id()
            for _ in range(events):
                yield self._new_id(), incident

    def _new_id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)


def record(linked: Linked, municipality: str) -> bytes:
    """The event as JSON, as the log has it."""
    written: dict[str, object] = {
        "event_id": str(linked.event),
        "version": linked.version,
        "municipality": municipality,
    }
    if linked.said is None:
        written["live"] = False
    else:
        written |= {
            "indicator": linked.said.indicator,
            "area": linked.said.area,
            "occurred_at": datetime.fromtimestamp(linked.said.minute * 60, UTC).isoformat(),
            "placement": PLACEMENT,
        }
        if linked.incident is not None:
            written["incident_id"] = str(linked.incident)
    return json.dumps(written).encode()
