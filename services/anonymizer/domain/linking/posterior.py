"""How likely two near reports of different actors are one incident: a table, learned offline.

`lagesbild bench linking --fit` learns it from the seeded generator, where the truth is known
(decision 0026). What it is asked: how far apart the cells and the slots are, whether the families
are the same, and how many other reports are near.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RELATIONS, CROWDS, DISTANCES, DELAYS = 2, 6, 13, 8
FEATURES = RELATIONS * CROWDS * DISTANCES * DELAYS

_CROWDED = np.array([1, 2, 3, 5, 9])
"""From so many others on a report is in the next class of crowds."""

REACH_CELLS = 4
REACH_SLOTS = 6
"""Reports further apart than 400 m or 90 minutes are never looked at."""

DOUBT = 0.5
"""So many false pairs are added to each place of the table."""

DIGITS = 3

Features = NDArray[np.intp]
Chances = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Posteriors:
    """What was learned.

    Shape: `chances` one for each of `FEATURES`; from `same` on two reports are one incident, and
    from `possible` on it is noted that they may be; `seed` is the generator's, -1 if it is not said.
    """

    chances: Chances
    same: float
    possible: float
    seed: int = -1

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "Posteriors":
        """As it is written in the file.

        Raises:
            ValueError: it is of another shape.
        """
        chances = np.array(written["chances"], np.float64).reshape(-1)
        if len(chances) != FEATURES:
            raise ValueError(f"a table of {FEATURES} posteriors, not {len(chances)}")
        return cls(
            chances,
            float(written["same"]),
            float(written["possible"]),
            int(written.get("seed", -1)),
        )


def feature(
    dx: NDArray[np.int64],
    dy: NDArray[np.int64],
    dt: NDArray[np.int64],
    *,
    compatible: NDArray[np.bool_],
    others: NDArray[np.int64],
) -> Features:
    """The place in the table of each pair.

    Unit: `dx`, `dy` in cells, `dt` in slots, of any sign. Shape: `others` is how many more reports
    are near; `compatible` is false for pairs of one family.
    """
    distance = np.minimum(2 * np.sqrt(dx * dx + dy * dy), DISTANCES - 1).astype(np.intp)
    delay = np.minimum(np.abs(dt), DELAYS - 1)
    crowd = np.searchsorted(_CROWDED, others, "right")
    found: Features = ((compatible * CROWDS + crowd) * DISTANCES + distance) * DELAYS + delay
    return found


def learned(features: Features, is_same: NDArray[np.bool_]) -> Chances:
    """The share of true pairs at each place; where few were seen it is drawn to nothing."""
    pairs = np.bincount(features, minlength=FEATURES)
    true = np.bincount(features, weights=is_same, minlength=FEATURES)
    chances: Chances = np.round(true / (pairs + DOUBT), DIGITS).astype(np.float64)
    return chances
