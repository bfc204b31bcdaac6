"""The two rules of the research that linking is held against, on the same reports.

One could be had without any token, after the anonymizer: same small area of 600 m, within 60 min.
The other may keep what nobody may keep: exact places and instants, and a logistic model of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deploy.bench.linking_score import Labels
from deploy.bench.linking_town import Told

AREA_M, AREA_MIN = 600.0, 60.0
LIKELY = 0.5

_REACH_M, _REACH_MIN = 600.0, 120.0
_STEPS = 25

Floats = NDArray[np.float64]
Model = Callable[["Near"], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """Pairs of near reports of two actors and one family. Shape: `later` was received later.

    Unit: metres and minutes; `crowd` is how many others are near the later one.
    """

    later: NDArray[np.int64]
    earlier: NDArray[np.int64]
    metres: Floats
    minutes: Floats
    crowd: Floats


def near(told: Told) -> Near:
    """All pairs within reach."""
    order = np.argsort(told.occurred_s)
    seconds = told.occurred_s[order]
    later, earlier = [], []
    for apart in range(1, len(order)):
        close = np.flatnonzero(seconds[apart:] - seconds[:-apart] <= 60 * _REACH_MIN)
        if not len(close):
            break
        one, other = order[close], order[close + apart]
        fit = (
            (told.actor[one] != told.actor[other])
            & (told.family[one] == told.family[other])
            & (_metres(told, one, other) <= _REACH_M * np.sqrt(2))
        )
        later.append(np.maximum(one, other)[fit])
        earlier.append(np.minimum(one, other)[fit])
    i, j = np.concatenate(later), np.concatenate(earlier)
    return Near(
        later=i,
        earlier=j,
        metres=_metres(told, i, j),
        minutes=np.abs(told.occurred_s[i] - told.occurred_s[j]) / 60,
        crowd=(np.bincount(i, minlength=len(told))[i] - 1).astype(np.float64),
    )


def by_small_area(told: Told, pairs: Near) -> Labels:
    """The nearest in time of the same square and hour."""
    i, j = pairs.later, pairs.earlier
    same = pairs.minutes <= AREA_MIN
    for column in (told.e, told.n):
        same &= np.floor(column[i] / AREA_M) == np.floor(column[j] / AREA_M)
    return joined(told, pairs, np.where(same, 1 - pairs.minutes / 1000, 0.0), least=LIKELY)


def by_exact_place(told: Told, pairs: Near, model: Model) -> Labels:
    """The likeliest by the model."""
    return joined(told, pairs, model(pairs), least=LIKELY)


def logistic(told: Told, pairs: Near) -> Model:
    """A logistic model of distance, delay and crowd, by Newton's method."""
    is_same = (told.incident[pairs.later] == told.incident[pairs.earlier]).astype(np.float64)
    x = _columns(pairs)
    weights = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-x @ weights))
        spread = (chance * (1 - chance))[:, None]
        slope = x.T @ (is_same - chance) - 1e-3 * weights
        weights = weights + np.linalg.solve(x.T @ (x * spread) + 1e-3 * np.eye(len(weights)), slope)
    return lambda some: 1 / (1 + np.exp(-_columns(some) @ weights))


def joined(told: Told, pairs: Near, chance: Floats, *, least: float) -> Labels:
    """Each report with its likeliest earlier one; an incident has one report of each actor."""
    chosen = np.flatnonzero(chance >= least)
    order = chosen[np.lexsort((-chance[chosen], pairs.later[chosen]))]
    labels = np.arange(len(told))
    actors: Mapping[int, set[int]] = {row: {int(one)} for row, one in enumerate(told.actor)}
    placed: set[int] = set()
    for later, earlier in zip(
        pairs.later[order].tolist(), pairs.earlier[order].tolist(), strict=True
    ):
        actor, label = int(told.actor[later]), int(labels[earlier])
        if later not in placed and actor not in actors[label]:
            actors[label].add(actor)
            labels[later] = label
            placed.add(later)
    return labels


def _columns(pairs: Near) -> Floats:
    metres, minutes = pairs.metres / 100, pairs.minutes / 15
    crowd = np.log1p(pairs.crowd)
    return np.stack(
        [np.ones_like(metres), metres, metres**2, minutes, minutes**2, crowd, metres * crowd],
        axis=1,
    )


def _metres(told: Told, one: NDArray[np.int64], other: NDArray[np.int64]) -> Floats:
    return np.hypot(told.e[one] - told.e[other], told.n[one] - told.n[other])
