"""What is remembered of reports for 24 hours after their receipt: marks, incidents, the bound."""

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import TypeVar

import msgspec
import numpy as np

from services.anonymizer.domain.linking.cells import SLOTS_A_DAY, Cells, is_linkable
from services.anonymizer.domain.linking.nearby import Columns, columns

KEPT_MS = 24 * 3600 * 1000

Key = TypeVar("Key")


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


class Marks:
    """All marks of one municipality; they change one after the other, the columns per batch."""

    def __init__(self) -> None:
        self.columns = Columns()
        self._marks: list[Mark | None] = []
        self._free: list[int] = []
        self._by_event: dict[bytes, Mark] = {}
        self._of_incident: dict[bytes, list[Mark]] = {}
        self._opened: dict[bytes, int] = {}
        self._now_ms = 0
        self._counted: dict[tuple[int, int, int], list[Mark]] = {}
        self._ends: list[tuple[int, bytes, int]] = []
        self._freed: set[int] = set()

    def __len__(self) -> int:
        return len(self._by_event)

    def of_event(self, event_id: bytes) -> Mark | None:
        """What is remembered of an event."""
        return self._by_event.get(event_id)

    def at(self, handle: int) -> Mark | None:
        """The mark with a handle; `None`: freed meanwhile."""
        return self._marks[handle]

    def has_actor(self, incident: bytes, actor: int) -> bool:
        """Whether a remembered report of the incident is the actor's."""
        return any(one.actor == actor for one in self._of_incident.get(incident, ()))

    def opened_ms(self, incident: bytes) -> int | None:
        """When the first report of an incident was received; `None`: nothing of it is remembered."""
        return self._opened.get(incident)

    def takes_more(self, incident: bytes, received_ms: int) -> bool:
        """Whether an incident may still be joined: in the 24 hours after its first report.

        Both by receipt and by the clock: so long all its reports are remembered, and `has_actor`
        knows of each.
        """
        opened = self._opened[incident]
        return received_ms - opened <= KEPT_MS and self._now_ms - opened < KEPT_MS

    def is_taken(self, spot: tuple[int, int, int], slot: int, received_ms: int) -> bool:
        """Whether the bound has its counted event in the cell: within 24 hours, in both times."""
        return any(
            abs(one.slot - slot) < SLOTS_A_DAY and is_remembered(one, received_ms)
            for one in self._counted.get(spot, ())
        )

    def add(self, mark: Mark, *, opened_ms: int | None = None) -> None:
        """Remember a mark; it is found by its neighbours once `settle` has its cell.

        Unit: `opened_ms` is when the first report of its incident was received, if it has one.
        """
        if self._free:
            mark.handle = self._free.pop()
            self._marks[mark.handle] = mark
        else:
            mark.handle = len(self._marks)
            self._marks.append(mark)
        self._by_event[mark.event_id] = mark
        if mark.counted:
            self._counted.setdefault(mark.spot, []).append(mark)
        if mark.incident is not None:
            self._enter(mark, mark.incident, opened_ms)
        heappush(self._ends, (mark.received_ms, mark.event_id, mark.version))

    def join(self, mark: Mark, incident: bytes, *, opened_ms: int | None = None) -> None:
        """A mark without an incident belongs to one from now on."""
        mark.incident = incident
        self._enter(mark, incident, opened_ms)

    def free(self, mark: Mark) -> None:
        """Forget a mark; its incident keeps the others."""
        self._marks[mark.handle] = None
        self._freed.add(mark.handle)  # not used anew before the columns have forgotten it
        del self._by_event[mark.event_id]
        if mark.counted:
            _remove(self._counted, mark.spot, mark)
        if mark.incident is not None:
            _remove(self._of_incident, mark.incident, mark)
            if mark.incident not in self._of_incident:
                del self._opened[mark.incident]

    def settle(self, marks: Iterable[Mark], cells: Cells) -> None:
        """End a batch: new marks are found by their neighbours, freed ones no more.

        Shape: a cell for each mark, in the same order.
        """
        handles = np.fromiter((one.handle for one in marks), np.int64)
        fresh = is_linkable(cells)
        if self._freed:
            fresh &= ~np.isin(handles, np.fromiter(self._freed, np.int64))
        self._clear_freed()
        self.columns.add(columns(cells[fresh], handles[fresh]))

    def expire(self, now_ms: int) -> None:
        """Forget what was received 24 hours ago, cells and all. Unit: milliseconds since 1970."""
        self._now_ms = now_ms
        while self._ends and now_ms - self._ends[0][0] >= KEPT_MS:
            _, event_id, version = heappop(self._ends)
            mark = self._by_event.get(event_id)
            if mark is not None and mark.version == version:
                self.free(mark)
        self._clear_freed()

    def _clear_freed(self) -> None:
        if not self._freed:
            return
        gone = np.fromiter(self._freed, np.int64)
        self.columns.keep(~np.isin(self.columns.handle, gone))
        self._free.extend(sorted(self._freed))
        self._freed.clear()

    def _enter(self, mark: Mark, incident: bytes, opened_ms: int | None) -> None:
        self._of_incident.setdefault(incident, []).append(mark)
        first = mark.received_ms if opened_ms is None else min(opened_ms, mark.received_ms)
        self._opened[incident] = min(first, self._opened.get(incident, first))


def is_remembered(mark: Mark, received_ms: int) -> bool:
    """Whether a report that came then is within the mark's 24 hours."""
    return abs(received_ms - mark.received_ms) <= KEPT_MS


def _remove(lists: dict[Key, list[Mark]], key: Key, mark: Mark) -> None:
    some = lists[key]
    some[:] = [one for one in some if one is not mark]
    if not some:
        del lists[key]
