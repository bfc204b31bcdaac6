"""Decides a batch, one report after the other in the order of their receipt.

Everything a decision rests on is in the marks, in what is known of the event's earlier versions,
and in the batch itself. Where a batch ends matters only where reports throng (0026, 0027).
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.anonymizer.domain.linking.cells import Cells
from services.anonymizer.domain.linking.decisions import (
    Decided,
    Decision,
    Founder,
    Known,
    Sighting,
)
from services.anonymizer.domain.linking.mark import Mark
from services.anonymizer.domain.linking.marks import Marks
from services.anonymizer.domain.linking.near import Near
from services.anonymizer.domain.linking.rules import Trait
from shared.messages.event import Event

Identify = Callable[[bytes, int, int], bytes]
"""The id of a new incident: of its founder's id and version, and of when the joiner was received."""


class Deciding:
    """One batch while it is decided."""

    def __init__(  # noqa: PLR0913 - what a decision rests on
        self,
        batch: Sequence[Sighting],
        known: Mapping[bytes, Known],
        *,
        traits: Mapping[str, Trait],
        marks: Marks,
        near: Near,
        identify: Identify,
        cells: Cells,
        placed: NDArray[np.bool_],
    ) -> None:
        """Begin; `cells` and `placed` have a row for each of the batch."""
        self._batch = batch
        self._known = {**known}
        self._traits = traits
        self._marks = marks
        self._near = near
        self._identify = identify
        self._cells = cells
        self._placed = placed.tolist()
        self._made: list[Mark | None] = [None] * len(batch)
        self._freed: list[Founder] = []

    def decided(self) -> Decided:
        """Decide all, in order."""
        columns = (self._cells[name].tolist() for name in ("indicator", "x", "y", "slot", "actor"))
        decisions = [
            self._decision(row, sighting, (indicator, x, y), slot, actor)
            for row, (sighting, indicator, x, y, slot, actor) in enumerate(
                zip(self._batch, *columns, strict=True)
            )
        ]
        alive = [
            (row, one)
            for row, one in enumerate(self._made)
            if one is not None and self._marks.of_event(one.event_id) is one
        ]
        remembered = [one for _, one in alive]
        cells = self._cells[[row for row, _ in alive]]
        self._marks.settle(remembered, cells)
        return Decided(decisions, remembered, cells, self._freed)

    def _decision(
        self, row: int, sighting: Sighting, spot: tuple[int, int, int], slot: int, actor: int
    ) -> Decision:
        event, event_id = sighting.anonymized.event, sighting.event_id
        before = self._known.get(event_id)
        if before is not None and before.event.version > event.version:
            return Decision(event)  # too late to matter: a higher version holds
        mark = self._marks.of_event(event_id)
        if before is not None and mark is not None:
            opened = self._marks.incidents.opened_ms(mark.incident) if mark.incident else None
            before = Known(before.event, mark.incident, placed=True, opened_ms=opened)
            self._free(mark)
        if not event.live:
            self._known[event_id] = Known(event, None)
            return Decision(event)
        new = Mark(event_id, event.version, sighting.received_ms, actor, spot, slot, counted=False)
        decision = self._linked(row, event, new, before, mark)
        incident = decision.event.incident_id
        self._known[event_id] = Known(
            decision.event,
            incident.bytes if incident else None,
            decision.placed,
            decision.opened_ms,
        )
        if decision.placed:
            trait = self._trait(event)
            new.counted = bool(trait and trait.bounded) and not decision.event.surplus
            new.incident = incident.bytes if incident else None
            self._marks.add(new, opened_ms=decision.opened_ms)
            self._made[row] = new
        return decision

    def _linked(
        self, row: int, event: Event, new: Mark, before: Known | None, old: Mark | None
    ) -> Decision:
        """The decision of a live version that is the highest."""
        placed, incidents = self._placed[row], self._marks.incidents
        if before is not None and self._keeps(row, event, new, before, old):
            kept = before.event.surplus
            surplus = kept if before.event.indicator == event.indicator else self._surplus(row, new)
            published = _published(event, before.incident, surplus=surplus)
            return Decision(published, placed=placed, opened_ms=before.opened_ms)
        surplus = self._surplus(row, new)
        found, possible = self._near.best(row, new, self._made)
        if found is None:
            published = _published(event, None, surplus=surplus)
            return Decision(published, possible=possible, placed=placed)
        incident, founder = found.incident, None
        if incident is None:
            incident = self._identify(found.event_id, found.version, new.received_ms)
            founder = (found.event_id, found.version)
            self._marks.join(found, incident)
            incidents.open(incident)
        opened = min(incidents.opened_ms(incident) or new.received_ms, new.received_ms)
        published = _published(event, incident, surplus=surplus)
        return Decision(published, founder, placed=placed, opened_ms=opened)

    def _keeps(self, row: int, event: Event, new: Mark, before: Known, old: Mark | None) -> bool:
        """Whether a correction stays in its incident: place, time and family are as they were.

        A place that is new is decided anew, though the area, which comes with it or was given as
        such, and the time in the event are the same.
        """
        ours, theirs = self._trait(event), self._trait(before.event)
        if ours is None or theirs is None or ours.family != theirs.family:
            return False
        if before.incident and self._marks.incidents.has_actor(before.incident, new.actor):
            return False
        placed = self._placed[row]
        if old is not None and old.version == before.event.version:
            same_cell = old.spot[1:] == new.spot[1:] and old.slot == new.slot
            return placed and same_cell
        if placed and not before.placed:
            return False
        return before.event.area == event.area and before.event.occurred_at == event.occurred_at

    def _surplus(self, row: int, new: Mark) -> bool:
        """Whether the contribution bound has its event in this cell already (0027)."""
        trait = self._trait(self._batch[row].anonymized.event)
        if trait is None or not trait.bounded or not self._placed[row]:
            return False
        return self._marks.is_taken(new.spot, new.slot, new.received_ms)

    def _trait(self, event: Event) -> Trait | None:
        return self._traits.get(event.indicator or "")

    def _free(self, mark: Mark) -> None:
        self._freed.append((mark.event_id, mark.version))
        self._marks.free(mark)


def _published(event: Event, incident: bytes | None, *, surplus: bool) -> Event:
    if incident is None and not surplus:
        return event
    return msgspec.structs.replace(
        event, incident_id=UUID(bytes=incident) if incident else None, surplus=surplus
    )
