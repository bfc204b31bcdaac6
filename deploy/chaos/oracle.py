"""The truth: what must have been counted, known from what was sent and acknowledged alone."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from deploy.chaos.content import Content, Said
from deploy.chaos.incidents import Linked
from deploy.chaos.load import Telling
from deploy.demo.decisions import Decisions
from deploy.demo.truth import WINDOWS, Cell, Coarse, Width, ceiling, floor, window_start

NOBODY = UUID(int=0)


class Count(NamedTuple):
    """Both measures of a cell."""

    reports: int
    incidents: int


Live = tuple[Said, UUID, UUID | None]
"""What is counted of an event: where and when, its id, its incident."""


class Shown(NamedTuple):
    """A number as delivery answers it."""

    area: str
    indicator: str
    window: str


class Oracle:
    """The winning version of everything that was acknowledged, and the cells that follow from it.

    Shape: `coarse` has every indicator.
    """

    def __init__(self, content: Content, coarse: Mapping[str, Coarse]) -> None:
        self._content = content
        self._coarse = coarse
        self._newest = array("H")
        self._linked: dict[UUID, Linked] = {}
        self._decisions = Decisions()
        self._event_of: Callable[[int], UUID] = lambda number: UUID(int=number)
        self.reports = 0
        self.linked = 0

    def accept(self, tellings: Iterable[Telling]) -> None:
        """Ingest has acknowledged these rows."""
        for number, version in tellings:
            self.reports += 1
            if number >= len(self._newest):
                self._newest.extend([0] * (2 * number + 1 - len(self._newest)))
            self._newest[number] = max(version, self._newest[number])

    def accept_linked(self, linked: Linked) -> None:
        """Kafka has acknowledged this event."""
        self.linked += 1
        known = self._linked.get(linked.event)
        if known is None or linked.version > known.version or linked.is_known_better(known):
            self._linked[linked.event] = linked

    def learn(self, decisions: Decisions, event_of: Callable[[int], UUID]) -> None:
        """Of which incidents the reports were found to be; `event_of` gives a report's event id."""
        self._decisions, self._event_of = decisions, event_of

    def cells(self) -> dict[Cell, Count]:
        """Every cell of every tier that is not empty."""
        return _in_tiers(*self._counted())

    def shown(self, as_of: datetime) -> dict[Shown, Count]:
        """What every window has at a moment, by the finest area that each indicator is counted in."""
        end = _minute(ceiling(as_of))
        starts = {
            grain: {name: _minute(window_start(name, as_of, grain)) for name in WINDOWS}
            for grain in Width
        }
        reports, incidents = self._counted()
        shown: dict[Shown, Count] = {}
        for said, count in reports.items():
            for name, start in starts[self._coarse[said.indicator].width].items():
                if start <= said.minute < end:
                    key = Shown(said.area, said.indicator, name)
                    known = shown.get(key, Count(0, 0))
                    shown[key] = Count(
                        known.reports + count, known.incidents + incidents.get(said, 0)
                    )
        return shown

    def _counted(self) -> tuple[Counter[Said], Counter[Said]]:
        """How many reports, and how many incidents, are where and when."""
        reports, incidents = Counter[Said](), Counter[Said]()
        first: dict[UUID, tuple[int, UUID, Said]] = {}
        for said, event, incident in chain(self._live_reports(), self._live_linked()):
            reports[said] += 1
            if incident is None:
                incidents[said] += 1
            else:  # it is with its earliest live event, of equal ones the smallest id
                mine = (said.minute, event, said)
                first[incident] = min(mine, first.get(incident, mine), key=_by_instant)
        incidents.update(said for _, _, said in first.values())
        return reports, incidents

    def _live_reports(self) -> Iterator[Live]:
        is_any_linked = bool(self._decisions.incidents)  # else nobody needs the ids
        for number, version in enumerate(self._newest):
            if version and (said := self._content.said(number, version)):
                event = self._event_of(number) if is_any_linked else NOBODY
                yield self._coarsened(said), event, self._decisions.of(event, version)

    def _live_linked(self) -> Iterator[Live]:
        for one in self._linked.values():
            if one.said:
                yield self._coarsened(one.said), one.event, one.incident

    def _coarsened(self, said: Said) -> Said:
        return said.coarsened(self._coarse[said.indicator])


@cache
def _bucket(minute: int, width: Width) -> datetime:
    return floor(datetime.fromtimestamp(minute * 60, UTC), width)


def _minute(instant: datetime) -> int:
    return int(instant.timestamp()) // 60


def _by_instant(one: tuple[int, UUID, Said]) -> tuple[int, UUID]:
    return one[:2]


def _in_tiers(reports: Mapping[Said, int], incidents: Mapping[Said, int]) -> dict[Cell, Count]:
    cells: dict[Cell, Count] = {}
    for said in reports:  # an incident is where one of its reports is
        for width in Width:
            cell = Cell(width.value, said.indicator, _bucket(said.minute, width), said.area)
            known = cells.get(cell, Count(0, 0))
            cells[cell] = Count(
                known.reports + reports[said], known.incidents + incidents.get(said, 0)
            )
    return cells
