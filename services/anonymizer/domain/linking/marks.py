"""What is remembered of the reports of one municipality for 24 hours: marks, incidents, the bound."""

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import TypeVar

import numpy as np

from services.anonymizer.domain.linking.cells import SLOTS_A_DAY, Cells, is_linkable
from services.anonymizer.domain.linking.incidents import Incidents
from services.anonymizer.domain.linking.mark import KEPT_MS, Mark, is_remembered
from services.anonymizer.domain.linking.nearby import Columns, columns

Key = TypeVar("Key")


class Marks:
    """All marks of one municipality; they change one after the other, the columns per batch."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.incidents = Incidents()
        self._marks: list[Mark | None] = []
        self._free: list[int] = []
        self._by_event: dict[bytes, Mark] = {}
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
            self.incidents.enter(mark, mark.incident, opened_ms)
        heappush(self._ends, (mark.received_ms, mark.event_id, mark.version))

    def join(self, mark: Mark, incident: bytes, *, opened_ms: int | None = None) -> None:
        """A mark without an incident belongs to one from now on."""
        mark.incident = incident
        self.incidents.enter(mark, incident, opened_ms)

    def free(self, mark: Mark) -> None:
        """Forget a mark; its incident keeps the others."""
        self._marks[mark.handle] = None
        self._freed.add(mark.handle)  # not used anew before the columns have forgotten it
        del self._by_event[mark.event_id]
        if mark.counted:
            _remove(self._counted, mark.spot, mark)
        if mark.incident is not None:
            self.incidents.leave(mark, mark.incident)

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
        """Forget what was received 24 hours ago, cells and all. Unit: milliseconds since 1970.

        Its incident takes no more, whatever the clock says later: nobody knows any more whose it was.
        """
        while self._ends and now_ms - self._ends[0][0] >= KEPT_MS:
            _, event_id, version = heappop(self._ends)
            mark = self._by_event.get(event_id)
            if mark is not None and mark.version == version:
                if mark.incident is not None:
                    self.incidents.close(mark.incident)
                self.free(mark)
        self._clear_freed()

    def _clear_freed(self) -> None:
        self.incidents.settle()
        if not self._freed:
            return
        gone = np.fromiter(self._freed, np.int64)
        self.columns.keep(~np.isin(self.columns.handle, gone))
        self._free.extend(sorted(self._freed))
        self._freed.clear()


def _remove(lists: dict[Key, list[Mark]], key: Key, mark: Mark) -> None:
    some = lists[key]
    some[:] = [one for one in some if one is not mark]
    if not some:
        del lists[key]
