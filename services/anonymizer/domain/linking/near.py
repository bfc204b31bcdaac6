"""Of what is near a report, the one that most likely describes the same incident."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from services.anonymizer.domain.linking.cells import Cells
from services.anonymizer.domain.linking.mark import Mark, is_remembered
from services.anonymizer.domain.linking.marks import Marks
from services.anonymizer.domain.linking.nearby import pairs
from services.anonymizer.domain.linking.posterior import Posteriors


class Near:
    """What is near the reports of one batch, and how likely each is the same incident."""

    def __init__(
        self,
        cells: Cells,
        rows: NDArray[np.intp],
        marks: Marks,
        compatible: Mapping[int, Sequence[int]],
        posteriors: Posteriors,
    ) -> None:
        """Look up everything at once; `rows` are those of the cells that can be linked."""
        self._marks = marks
        self._same = posteriors.same
        found = pairs(cells[rows], marks.columns, compatible)
        chance = posteriors.chances[found.feature]
        likely = np.flatnonzero(chance >= posteriors.possible)
        row = rows[found.row[likely]]
        handle = found.handle[likely]
        of_batch = handle < 0
        handle[of_batch] = -1 - rows[-1 - handle[of_batch]]
        self._candidates: dict[int, list[tuple[float, int]]] = {}
        for at, one, likelihood in zip(
            row.tolist(), handle.tolist(), chance[likely].tolist(), strict=True
        ):
            self._candidates.setdefault(at, []).append((likelihood, one))

    def best(
        self, row: int, new: Mark, of_batch: Sequence[Mark | None]
    ) -> tuple[Mark | None, bool]:
        """The mark whose incident the report is of, and whether there may be one if there is none.

        An incident has at most one report of each actor, and takes none 24 hours after its first. Of
        equally likely ones the first received is taken, and then the lower id: the order in which
        they are remembered decides nothing.
        """
        candidates = self._candidates.get(row)
        if candidates is None:
            return None, False
        valid = [
            (-likelihood, mark.received_ms, mark.event_id, mark)
            for likelihood, handle in candidates
            if (mark := self._marks.at(handle) if handle >= 0 else of_batch[-1 - handle])
            and self._is_open(mark, new)
        ]
        if not valid:
            return None, False
        chosen = min(valid, key=lambda one: one[:3])
        return (chosen[3], False) if -chosen[0] >= self._same else (None, True)

    def _is_open(self, mark: Mark, new: Mark) -> bool:
        if self._marks.of_event(mark.event_id) is not mark:
            return False  # freed earlier in this batch
        if mark.event_id == new.event_id or not is_remembered(mark, new.received_ms):
            return False
        incident, incidents = mark.incident, self._marks.incidents
        if incident is None:
            return True
        is_taking = incidents.takes_more(incident, new.received_ms)
        return is_taking and not incidents.has_actor(incident, new.actor)
