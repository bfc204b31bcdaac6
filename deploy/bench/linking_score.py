"""How well reports were put together: pairs of reports against pairs of the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy.bench.linking_town import Told

Labels = NDArray[np.int64]
"""Reports with the same label were taken for one incident."""


@dataclass(frozen=True, slots=True)
class Score:
    """Unit: counts of pairs of reports, of reports and of incidents.

    Shape: `split` is how many incidents too many are counted for those found in several parts,
    `swallowed` how many are not, because they were taken for another.
    """

    found: int
    true: int
    right: int
    counted: int
    incidents: int
    split: int
    swallowed: int

    @property
    def precision(self) -> float:
        """The share of the pairs found that are true; of none found, 1."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the true pairs that are found."""
        return self.right / self.true if self.true else 1.0

    def as_json(self) -> dict[str, Any]:
        """Shares with four decimals; `over_count` is of incidents, net of swallowed ones."""
        both = self.precision + self.recall
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(2 * self.precision * self.recall / both if both else 0.0, 4),
            "over_count": round(self.counted / self.incidents - 1, 4),
            "split": round(self.split / self.incidents, 4),
            "swallowed": round(self.swallowed / self.incidents, 4),
        }


def score(told: Told, labels: Labels) -> Score:
    """The score of all reports."""
    found, true = pairs_of(labels), pairs_of(told.incident)
    both = len(np.unique(np.stack([labels, told.incident], axis=1), axis=0))
    counted, incidents = len(np.unique(labels)), len(np.unique(told.incident))
    return Score(
        found=len(found),
        true=len(true),
        right=len(np.intersect1d(found, true)),
        counted=counted,
        incidents=incidents,
        split=both - incidents,
        swallowed=both - counted,
    )


def by_pair(told: Told, labels: Labels) -> Mapping[str, Mapping[str, float | int]]:
    """Precision and recall of the reports of each two actors."""
    found, true = pairs_of(labels), pairs_of(told.incident)
    right = np.intersect1d(found, true)
    table = {}
    for one, other in combinations_with_replacement(range(len(told.actors)), 2):
        counts = [
            int((_kinds(told, some) == (one, other)).all(1).sum()) for some in (found, true, right)
        ]
        if counts[0] or counts[1]:
            table[f"{told.actors[one]}+{told.actors[other]}"] = {
                "precision": round(counts[2] / counts[0], 4) if counts[0] else 1.0,
                "recall": round(counts[2] / counts[1], 4) if counts[1] else 1.0,
                "true_pairs": counts[1],
            }
    return table


def pairs_of(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every two reports with one label, as one number: the lower row in the high half."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    found = []
    for apart in range(1, len(labels)):
        same = np.flatnonzero(ordered[apart:] == ordered[:-apart])
        if not len(same):
            break
        found.append((order[same] << 32) + order[same + apart])
    return np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)


def _kinds(told: Told, some: NDArray[np.int64]) -> NDArray[np.int64]:
    both = np.stack([told.actor[some >> 32], told.actor[some & 0xFFFFFFFF]], axis=1)
    return np.sort(both, axis=1)
