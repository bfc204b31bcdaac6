"""Decides, one report after the other in the order of their receipt, of what incident each is.

Everything a decision rests on is in the marks, in what is known of the event's earlier versions,
and in the batch itself. Where a batch ends matters only where reports throng (0026, 0027).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.linking.cells import Cells, cells_of
from services.anonymizer.domain.linking.marks import Mark, Marks
from services.anonymizer.domain.linking.near import Near
from services.anonymizer.domain.linking.posterior import Posteriors
from services.anonymizer.domain.linking.rules import UNLINKED, LinkingRules, Trait
from shared.messages.event import Event
from shared.pack.digests import digest_of

Founder = tuple[bytes, int]
"""Id and version of the event whose incident it became by a later report."""

Identify = Callable[[bytes, int, int], bytes]
"""The id of a new incident: of its founder's id and version, and of when the joiner was received."""


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


class Linker:
    """The incidents of one municipality."""

    def __init__(self, rules: LinkingRules, posteriors: Posteriors, identify: Identify) -> None:
        self.marks = Marks()
        self._rules = rules
        self._posteriors = posteriors
        self._identify = identify
        self._bounded = {one.code for one in rules.traits.values() if one.bounded}

    def decide(
        self,
        batch: Sequence[Sighting],
        known: Mapping[bytes, Known],
        *,
        now_ms: int,
        markable: NDArray[np.bool_] | None = None,
    ) -> Decided:
        """Decide a batch.

        Shape: in the order of receipt and id, no version twice and none that was decided before;
        `known` has the highest version of those of its events that have one; `markable` is false
        where no token can be made. Unit: `now_ms` milliseconds since 1970.
        """
        self.marks.expire(now_ms)
        traits = [self._rules.traits.get(one.anonymized.event.indicator or "") for one in batch]
        cells, placed = self._cells(batch, traits)
        if markable is not None:
            placed &= markable
        deciding = _Deciding(self, batch, {**known}, traits, cells=cells, placed=placed)
        return deciding.decided()

    def learn(self, heard: Iterable[Heard], cells: Cells, *, now_ms: int) -> None:
        """Take in what was decided elsewhere, in its order. Shape: a cell for each of the marks."""
        marks: list[Mark] = []
        for one in heard:
            older = self.marks.of_event(one.event_id)
            if older is not None and older.version < one.version:
                self.marks.free(older)
            if one.mark is not None:
                self.marks.add(one.mark, opened_ms=one.opened_ms)
                marks.append(one.mark)
            if one.founder is not None and one.incident is not None:
                self._joined(one.founder, one.incident, one.opened_ms)
        self.marks.settle(marks, cells)
        self.marks.expire(now_ms)

    def forget(self, now_ms: int) -> None:
        """Forget what was received 24 hours ago, also if no report comes."""
        self.marks.expire(now_ms)

    def _joined(self, founder: Founder, incident: bytes, opened_ms: int | None) -> None:
        mark = self.marks.of_event(founder[0])
        if mark is not None and mark.version == founder[1] and mark.incident is None:
            self.marks.join(mark, incident, opened_ms=opened_ms)

    def is_bounded(self, indicator: int) -> bool:
        """Whether the contribution bound holds for an indicator, given as its digest."""
        return indicator in self._bounded

    def trait_of(self, event: Event) -> Trait | None:
        """What of the event's indicator matters; `None` for a withdrawal."""
        return self._rules.traits.get(event.indicator or "")

    def near(self, cells: Cells, rows: NDArray[np.intp]) -> Near:
        """What is near each of some rows of a batch."""
        return Near(cells, rows, self.marks, self._rules.compatible, self._posteriors)

    def new_incident(self, mark: Mark, received_ms: int) -> bytes:
        """The id of the incident that a mark founds."""
        return self._identify(mark.event_id, mark.version, received_ms)

    def _cells(
        self, batch: Sequence[Sighting], traits: Sequence[Trait | None]
    ) -> tuple[Cells, NDArray[np.bool_]]:
        """The cell of each, and which of them have one: live, with a place."""
        some = [one.anonymized for one in batch]
        nowhen = float("nan")
        seconds = [one.occurred_at.timestamp() if one.occurred_at else nowhen for one in some]
        cells, placed = cells_of([one.e for one in some], [one.n for one in some], seconds)
        cells["family"] = [one.family if one else UNLINKED for one in traits]
        cells["indicator"] = [one.code if one else 0 for one in traits]
        digests = {actor: digest_of(actor) for actor in {one.actor for one in some}}
        cells["actor"] = [digests[one.actor] for one in some]
        matters = [bool(one and (one.family or one.bounded)) for one in traits]
        return cells, placed & np.array(matters, np.bool_)


class _Deciding:
    """One batch while it is decided."""

    def __init__(
        self,
        linker: Linker,
        batch: Sequence[Sighting],
        known: dict[bytes, Known],
        traits: Sequence[Trait | None],
        *,
        cells: Cells,
        placed: NDArray[np.bool_],
    ) -> None:
        self._linker = linker
        self._batch = batch
        self._known = known
        self._traits = traits
        self._cells = cells
        self._placed = placed.tolist()
        linkable = np.flatnonzero(placed & (cells["family"] != UNLINKED))
        self._near = linker.near(cells, linkable)
        self._marks: list[Mark | None] = [None] * len(batch)
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
        marks = self._linker.marks
        alive = [
            (row, one)
            for row, one in enumerate(self._marks)
            if one is not None and marks.of_event(one.event_id) is one
        ]
        remembered = [one for _, one in alive]
        cells = self._cells[[row for row, _ in alive]]
        marks.settle(remembered, cells)
        return Decided(decisions, remembered, cells, self._freed)

    def _decision(
        self, row: int, sighting: Sighting, spot: tuple[int, int, int], slot: int, actor: int
    ) -> Decision:
        event, event_id = sighting.anonymized.event, sighting.event_id
        before = self._known.get(event_id)
        if before is not None and before.event.version > event.version:
            return Decision(event)  # too late to matter: a higher version holds
        mark = self._linker.marks.of_event(event_id)
        if before is not None and mark is not None:
            opened = self._linker.marks.opened_ms(mark.incident) if mark.incident else None
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
            trait = self._traits[row]
            new.counted = bool(trait and trait.bounded) and not decision.event.surplus
            new.incident = incident.bytes if incident else None
            self._linker.marks.add(new, opened_ms=decision.opened_ms)
            self._marks[row] = new
        return decision

    def _linked(
        self, row: int, event: Event, new: Mark, before: Known | None, old: Mark | None
    ) -> Decision:
        """The decision of a live version that is the highest."""
        placed, marks = self._placed[row], self._linker.marks
        if before is not None and self._keeps(row, event, new, before, old):
            kept = before.event.surplus
            surplus = kept if before.event.indicator == event.indicator else self._surplus(row, new)
            published = _published(event, before.incident, surplus=surplus)
            return Decision(published, placed=placed, opened_ms=before.opened_ms)
        surplus = self._surplus(row, new)
        found, possible = self._near.best(row, new, self._marks)
        if found is None:
            published = _published(event, None, surplus=surplus)
            return Decision(published, possible=possible, placed=placed)
        incident, founder = found.incident, None
        if incident is None:
            incident = self._linker.new_incident(found, new.received_ms)
            founder = (found.event_id, found.version)
            marks.join(found, incident)
        opened = min(marks.opened_ms(incident) or new.received_ms, new.received_ms)
        published = _published(event, incident, surplus=surplus)
        return Decision(published, founder, placed=placed, opened_ms=opened)

    def _keeps(self, row: int, event: Event, new: Mark, before: Known, old: Mark | None) -> bool:
        """Whether a correction stays in its incident: place, time and family are as they were.

        A place that is new is decided anew, though the area, which comes with it or was given as
        such, and the time in the event are the same.
        """
        ours, theirs = self._traits[row], self._linker.trait_of(before.event)
        if ours is None or theirs is None or ours.family != theirs.family:
            return False
        if before.incident and self._linker.marks.has_actor(before.incident, new.actor):
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
        trait = self._traits[row]
        if trait is None or not trait.bounded or not self._placed[row]:
            return False
        return self._linker.marks.is_taken(new.spot, new.slot, new.received_ms)

    def _free(self, mark: Mark) -> None:
        self._freed.append((mark.event_id, mark.version))
        self._linker.marks.free(mark)


def _published(event: Event, incident: bytes | None, *, surplus: bool) -> Event:
    if incident is None and not surplus:
        return event
    return msgspec.structs.replace(
        event, incident_id=UUID(bytes=incident) if incident else None, surplus=surplus
    )
