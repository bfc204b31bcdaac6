"""The incidents of one municipality: what is decided here, and what is heard of others."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from services.anonymizer.domain.linking.cells import Cells, cells_of
from services.anonymizer.domain.linking.deciding import Deciding, Identify
from services.anonymizer.domain.linking.decisions import Decided, Founder, Heard, Known, Sighting
from services.anonymizer.domain.linking.mark import KEPT_MS, Mark
from services.anonymizer.domain.linking.marks import Marks
from services.anonymizer.domain.linking.near import Near
from services.anonymizer.domain.linking.posterior import Posteriors
from services.anonymizer.domain.linking.rules import UNLINKED, LinkingRules, Trait
from shared.pack.digests import digest_of


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
        linkable = np.flatnonzero(placed & (cells["family"] != UNLINKED))
        return Deciding(
            batch,
            known,
            traits=self._rules.traits,
            marks=self.marks,
            near=self.near(cells, linkable),
            identify=self._identify,
            cells=cells,
            placed=placed,
        ).decided()

    def learn(
        self, heard: Sequence[Heard], cells: Cells, *, now_ms: int, is_all: bool = False
    ) -> None:
        """Take in what was decided elsewhere, in its order.

        Shape: a cell for each of the marks; `is_all` if it is the whole memory, and nothing was
        remembered before.
        """
        marks: list[Mark] = []
        told: set[bytes] = set()
        for one in heard:
            older = self.marks.of_event(one.event_id)
            if older is not None and older.version < one.version:
                self.marks.free(older)
            if one.mark is not None:
                self.marks.add(one.mark, opened_ms=one.opened_ms)
                marks.append(one.mark)
            if one.founder is not None and one.incident is not None:
                self._joined(one.founder, one.incident, one.opened_ms)
            if one.incident is not None and (is_all or one.founder is not None):
                told.add(one.incident)
        self._open(told - self._lacking(heard), now_ms)
        self.marks.settle(marks, cells)
        self.marks.expire(now_ms)

    def forget(self, now_ms: int) -> None:
        """Forget what was received 24 hours ago, also if no report comes."""
        self.marks.expire(now_ms)

    def is_bounded(self, indicator: int) -> bool:
        """Whether the contribution bound holds for an indicator, given as its digest."""
        return indicator in self._bounded

    def near(self, cells: Cells, rows: NDArray[np.intp]) -> Near:
        """What is near each of some rows of a batch."""
        return Near(cells, rows, self.marks, self._rules.compatible, self._posteriors)

    def _joined(self, founder: Founder, incident: bytes, opened_ms: int | None) -> None:
        mark = self.marks.of_event(founder[0])
        if mark is not None and mark.version == founder[1] and mark.incident is None:
            self.marks.join(mark, incident, opened_ms=opened_ms)

    def _open(self, told: Iterable[bytes], now_ms: int) -> None:
        """Let incidents take more of which all reports were told, if the first is not too old."""
        incidents = self.marks.incidents
        for incident in told:
            opened = incidents.opened_ms(incident)
            if opened is not None and now_ms - opened < KEPT_MS:
                incidents.open(incident)

    def _lacking(self, heard: Sequence[Heard]) -> set[bytes]:
        """The incidents with a report that is not remembered; they take no more.

        Of an event that was decided several times the highest version counts: it may have left.
        """
        newest: dict[bytes, int] = {}
        for one in heard:
            newest[one.event_id] = max(one.version, newest.get(one.event_id, 0))
        lacking: set[bytes] = set()
        for one in heard:
            if one.incident is None:
                continue
            is_gone = one.mark is None and one.version == newest[one.event_id]
            if one.founder is not None:
                event_id, version = one.founder
                is_gone |= newest.get(event_id, 0) <= version and not self.marks.of_event(event_id)
            if is_gone:
                lacking.add(one.incident)
                self.marks.incidents.close(one.incident)
        return lacking

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
