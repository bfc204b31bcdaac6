"""A linker of two families, and reports at metres and minutes from one corner and instant."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.linking.decisions import Decided, Known, Sighting
from services.anonymizer.domain.linking.linker import Linker
from services.anonymizer.domain.linking.posterior import FEATURES, Posteriors
from services.anonymizer.domain.linking.rules import FAMILIES, LinkingRules, Trait
from services.anonymizer.domain.linking.tokens import incident_id
from shared.messages.event import Event, Placement
from shared.pack.digests import digest_of
from shared.pack.model import Family

EAST, NORTH = 674_000.0, 6_580_000.0
BEGAN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BEGAN_MS = int(BEGAN.timestamp() * 1000)
HOUR_MS = 3_600_000
FIRE, DAMAGE, THEFT = (FAMILIES[one] for one in (Family.FIRE, Family.DAMAGE, Family.THEFT))
TRAITS = {
    "bin_fire": Trait(FIRE, digest_of("bin_fire"), bounded=False),
    "window": Trait(DAMAGE, digest_of("window"), bounded=False),
    "car": Trait(THEFT, digest_of("car"), bounded=False),
    "threats": Trait(FAMILIES[Family.VIOLENCE], digest_of("threats"), bounded=True),
    "fight": Trait(FAMILIES[Family.VIOLENCE], digest_of("fight"), bounded=True),
    "at_home": Trait(0, digest_of("at_home"), bounded=True),
}


def a_linker(*, same: float = 0.8, chance: float = 0.9) -> Linker:
    """Everything near is equally likely the same; fire and damage are compatible."""
    table = Posteriors(np.full(FEATURES, chance), same=same, possible=0.3)
    rules = LinkingRules("9998", TRAITS, {FIRE: (DAMAGE,), DAMAGE: (FIRE,)})
    return Linker(rules, table, lambda id_, version, _ms: incident_id(id_, version, bytes(32)))


def seen(
    number: int,
    actor: str = "fire",
    *,
    code: str = "bin_fire",
    east: float = 50,
    north: float = 50,
    minute: float = 0,
    received_ms: int = 0,
    version: int = 1,
    live: bool = True,
    area: str = "101",
) -> Sighting:
    """A report `east`, `north` metres from the corner, `minute` after noon."""
    event_id, received = UUID(int=number), BEGAN_MS + received_ms
    if not live:
        event = Event(event_id, version, "9998", live=False)
        return Sighting(event_id.bytes, received, Anonymized(event, actor))
    at = BEGAN + timedelta(minutes=minute)
    event = Event(
        event_id,
        version,
        "9998",
        indicator=code,
        area=area,
        occurred_at=at.replace(second=0, microsecond=0),
        placement=Placement.COORDINATES,
    )
    one = Anonymized(event, actor, at, EAST + east, NORTH + north)
    return Sighting(event_id.bytes, received, one)


class Town:
    """A linker with the memory of what it published, as the store has it."""

    def __init__(self, **given: Any) -> None:
        self.linker = a_linker(**given)
        self.known: dict[bytes, Known] = {}

    def tell(self, *batch: Sighting, now_ms: int | None = None) -> Decided:
        at = batch[-1].received_ms if now_ms is None else BEGAN_MS + now_ms
        decided = self.linker.decide(batch, self.known, now_ms=at)
        for sighting, decision in zip(batch, decided.decisions, strict=True):
            incident = decision.event.incident_id
            before = self.known.get(sighting.event_id)
            if before is None or before.event.version < decision.event.version:
                held = incident.bytes if incident else None
                self.known[sighting.event_id] = Known(
                    decision.event, held, decision.placed, decision.opened_ms
                )
            if decision.founder is not None and incident is not None:
                founder = self.known[decision.founder[0]]
                self.known[decision.founder[0]] = Known(
                    founder.event, incident.bytes, founder.placed, decision.opened_ms
                )
        return decided

    def incident(self, number: int) -> bytes | None:
        """What a reader of the log holds of an event."""
        return self.known[UUID(int=number).bytes].incident

    def are_one(self, *numbers: int) -> bool:
        found = {self.incident(number) for number in numbers}
        return len(found) == 1 and None not in found
