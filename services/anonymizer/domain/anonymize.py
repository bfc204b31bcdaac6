"""From opened reports to events: the stage's table of contents.

Each report is opened outside, in memory, and then

1. read      only its essentials: no free text                    essentials
2. checked   against its municipality's catalogue                 municipality
3. located   in the areas of its day: points together, by         locating
             their borders; written places by the registers
4. coarsened instant and area, as its class in the pack wants it  municipality
5. kept      as an event, which has no field for anything else    shared.messages.event
6. looked at once more: a code like an identifier never leaves    tripwire

A report that can never succeed leaves the steps with its reason and takes its place in the
result, so that what comes out stands in the order of what came in.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from typing_extensions import override

from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.domain.essentials import Essentials, EssentialsReader
from services.anonymizer.domain.locating.place import Place
from services.anonymizer.domain.municipality import Coarse, Municipality
from services.anonymizer.domain.steps import Step, Timed, untimed
from services.anonymizer.domain.tripwire import Tripwire, codes_of
from shared.errors import DeadReason, RejectedMessage
from shared.messages.event import Event
from shared.messages.report import Location
from shared.windows import floored


class Opened(msgspec.Struct, frozen=True, gc=False):
    """A report in the clear, in memory; its repr shows only the id."""

    event_id: UUID
    plain: bytes

    @override
    def __repr__(self) -> str:
        """The id alone: a report is never shown."""
        return f"Opened({self.event_id})"


class Withdrawal(msgspec.Struct, frozen=True, gc=False):
    """A checked report that takes its event back."""

    event_id: UUID
    version: int
    municipality: Municipality
    actor: str


class Occurrence(msgspec.Struct, frozen=True, gc=False):
    """A checked report of something that happened. Unit: `occurred_at` aware, not yet floored."""

    event_id: UUID
    version: int
    municipality: Municipality
    actor: str
    indicator: str
    coarse: Coarse
    occurred_at: datetime
    confirmed: bool
    location: Location | None


Checked = Withdrawal | Occurrence


class Anonymizer:
    """Turns opened reports into events. Same input, same output."""

    def __init__(self, municipalities: Iterable[Municipality]) -> None:
        self._municipalities = {one.code: one for one in municipalities}
        self._reader = EssentialsReader()
        self._tripwire = Tripwire()

    def anonymize(
        self, reports: Sequence[Opened | DeadReason], timed: Timed = untimed
    ) -> list[Anonymized | DeadReason]:
        """One event, or the reason why there can be none, for each report.

        Shape: a reason that is already known, because the report could not be opened, comes out
        again in its place.
        """
        with timed(Step.READ):
            checked = [self._checked(report) for report in reports]
        with timed(Step.LOCATE):
            places = _located(checked)
        with timed(Step.KEEP):
            kept = [_kept(one, place) for one, place in zip(checked, places, strict=True)]
        with timed(Step.TRIPWIRE):
            return self._looked_at(kept)

    def _looked_at(self, kept: list[Anonymized | DeadReason]) -> list[Anonymized | DeadReason]:
        """The events, unless one trips the wire: a whole event leaves or none."""
        is_clean = self._tripwire.is_clean
        events = [one.event for one in kept if isinstance(one, Anonymized)]
        if all(map(is_clean, {(one.municipality, one.indicator, one.area) for one in events})):
            return kept
        return [
            DeadReason.TRIPWIRE
            if isinstance(one, Anonymized) and not is_clean(codes_of(one.event))
            else one
            for one in kept
        ]

    def _checked(self, report: Opened | DeadReason) -> Checked | DeadReason:
        if not isinstance(report, Opened):
            return report
        try:
            return self._accepted(report.event_id, self._reader.read(report.plain))
        except RejectedMessage as rejection:
            return rejection.reason

    def _accepted(self, event_id: UUID, facts: Essentials) -> Checked:
        municipality = self._municipalities.get(facts.municipality)
        if municipality is None:
            raise RejectedMessage(DeadReason.UNKNOWN_MUNICIPALITY)
        if facts.withdrawn:
            return Withdrawal(event_id, facts.version, municipality, facts.actor)
        indicator, occurred_at = facts.indicator, facts.occurred_at
        if indicator is None or occurred_at is None or occurred_at.tzinfo is None:
            raise RejectedMessage(DeadReason.NOT_A_REPORT)
        coarse = municipality.coarse.get(indicator)
        if coarse is None:
            known = indicator in municipality.statistics
            raise RejectedMessage(
                DeadReason.NOT_AN_EVENT if known else DeadReason.UNKNOWN_INDICATOR
            )
        return Occurrence(
            event_id,
            facts.version,
            municipality,
            facts.actor,
            indicator,
            coarse,
            occurred_at,
            facts.confirmed,
            facts.location,
        )


def _located(checked: Sequence[Checked | DeadReason]) -> list[Place | None]:
    """The place of each occurrence; a withdrawal or a rejected report has none."""
    places: list[Place | None] = [None] * len(checked)
    by_municipality: dict[str, list[tuple[int, Occurrence]]] = {}
    for number, one in enumerate(checked):
        if isinstance(one, Occurrence):
            by_municipality.setdefault(one.municipality.code, []).append((number, one))
    for some in by_municipality.values():
        found = some[0][1].municipality.divisions.locate(
            [occurrence.location for _, occurrence in some],
            [occurrence.occurred_at for _, occurrence in some],
        )
        for (number, _), place in zip(some, found, strict=True):
            places[number] = place
    return places


def _kept(one: Checked | DeadReason, place: Place | None) -> Anonymized | DeadReason:
    """The event: codes of the pack, a floored instant, the id and the version, nothing else."""
    if isinstance(one, Occurrence) and place is not None:
        return _kept_live(one, place)
    if isinstance(one, DeadReason):
        return one
    withdrawn = Event(one.event_id, one.version, one.municipality.code, live=False)
    return Anonymized(withdrawn, one.actor)


def _kept_live(one: Occurrence, place: Place) -> Anonymized | DeadReason:
    coarse = one.coarse
    try:
        occurred_at = floored(one.occurred_at, coarse.grain)
    except OverflowError:  # beyond the calendar's first or last day once it is in UTC
        return DeadReason.NOT_A_REPORT
    event = Event(
        one.event_id,
        one.version,
        one.municipality.code,
        indicator=one.indicator,
        area=one.municipality.area_of(place, coarse),
        occurred_at=occurred_at,
        confirmed=one.confirmed,
        placement=place.placement,
    )
    return Anonymized(event, one.actor, one.occurred_at, place.e, place.n, place.confidence)
