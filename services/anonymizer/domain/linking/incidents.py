"""The incidents of which a report is remembered: whose reports they have, and which take one more."""

import msgspec

from services.anonymizer.domain.linking.mark import KEPT_MS, Mark


class _Incident(msgspec.Struct, gc=False):
    """Shape: `is_open` as long as every report of it is remembered. Unit: `opened_ms` since 1970."""

    marks: list[Mark]
    opened_ms: int
    is_open: bool = False


class Incidents:
    """Those of one municipality. An incident is closed but for who saw all reports of it come.

    `has_actor` knows only of reports that are remembered. So none joins once one of them is not,
    whatever made it forgotten: its age, a clock that was wrong, a key that is gone (0026).
    """

    def __init__(self) -> None:
        self._by_id: dict[bytes, _Incident] = {}
        self._left: set[bytes] = set()

    def has_actor(self, incident: bytes, actor: int) -> bool:
        """Whether a remembered report of the incident is the actor's."""
        found = self._by_id.get(incident)
        return found is not None and any(one.actor == actor for one in found.marks)

    def opened_ms(self, incident: bytes) -> int | None:
        """When the first report of an incident was received; `None`: nothing of it is remembered."""
        found = self._by_id.get(incident)
        return None if found is None else found.opened_ms

    def takes_more(self, incident: bytes, received_ms: int) -> bool:
        """Whether a report that came then may join: all are remembered, the first for 24 hours."""
        found = self._by_id[incident]
        return found.is_open and received_ms - found.opened_ms <= KEPT_MS

    def open(self, incident: bytes) -> None:
        """Every report of the incident is remembered."""
        self._by_id[incident].is_open = True

    def close(self, incident: bytes) -> None:
        """A report of the incident is not remembered, or no more: nothing joins any more."""
        if incident in self._by_id:
            self._by_id[incident].is_open = False

    def enter(self, mark: Mark, incident: bytes, opened_ms: int | None) -> None:
        """A report is of the incident from now on. Unit: `opened_ms` of an earlier first report."""
        first = mark.received_ms if opened_ms is None else min(opened_ms, mark.received_ms)
        found = self._by_id.setdefault(incident, _Incident([], first))
        found.marks.append(mark)
        found.opened_ms = min(found.opened_ms, first)

    def leave(self, mark: Mark, incident: bytes) -> None:
        """A report is of it no more; without any it is forgotten, when `settle` is called."""
        found = self._by_id[incident]
        found.marks[:] = [one for one in found.marks if one is not mark]
        if not found.marks:
            self._left.add(incident)

    def settle(self) -> None:
        """Forget what has no report: whose only one was corrected has it again by now."""
        for incident in self._left:
            if not self._by_id[incident].marks:
                del self._by_id[incident]
        self._left.clear()
