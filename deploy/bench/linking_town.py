"""Reports whose incidents are known: four actors see the same town, each with its own errors.

The errors are those of the research (`privacy.md` §4.2): 40 incidents a day on 36 km², 18 % of them
reported twice and 3 % three times, never twice by one actor; places wrong by σ 40–80 m and 2–25 %
grossly, instants by σ 4–15 min and housing's partly by hours, 7 % of the reports with a family drawn
anew. Within its ranges the figures are set so that the research's coarsest rules find about what they
found there (100 m and 15 min alone: recall 0.48). Real error rates are not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.pack.model import Family

ACTORS = ("fire", "police", "guards", "housing")
FAMILIES = tuple(Family)
DAYS = 1000  # at least 10,000 true pairs

_PER_DAY = 40
_SIDE_M, _EAST_M, _NORTH_M = 6000.0, 674_000.0, 6_580_000.0
_BEGAN_S = 1_767_225_600.0  # 2026-01-01
_CENTRES, _CENTRE_M, _CENTRE_SHARE = 40, 200.0, 0.7
_HOURS = (5, 4, 3, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 6, 6, 7, 7, 7, 6)
_FAMILY_SHARES = (0.12, 0.15, 0.28, 0.17, 0.28)  # no incident is of the family `other`
_TIMES_SHARES = (0.79, 0.18, 0.03)
_WHO = (  # who reports an incident of each family, in the order of ACTORS
    (0.60, 0.22, 0.10, 0.08),
    (0.02, 0.75, 0.20, 0.03),
    (0.06, 0.40, 0.36, 0.18),
    (0.01, 0.72, 0.22, 0.05),
    (0.02, 0.50, 0.36, 0.12),
)
_PLACE_M = np.array([40.0, 75.0, 65.0, 80.0])
_GROSS_M, _GROSS_SHARES = 500.0, np.array([0.02, 0.03, 0.03, 0.25])
_TIME_MIN = np.array([4.0, 11.0, 9.0, 15.0])
_HOURS_OFF_SHARE, _HOURS_OFF_MIN = 0.15, (60.0, 480.0)
_HOUSING = ACTORS.index("housing")
_WRONG_FAMILY_SHARE = 0.07
_DELAY_MIN = np.array([20.0, 10.0, 40.0, 240.0])


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Reports as columns, in the order in which they are received.

    Shape: `actor` is a place in ACTORS, `family` in FAMILIES; `incident` is the truth.
    Unit: `e`, `n` metres in SWEREF 99 TM; `occurred_s` seconds and `received_ms` milliseconds
    since 1970.
    """

    incident: NDArray[np.int64]
    actor: NDArray[np.int64]
    family: NDArray[np.int64]
    e: NDArray[np.float64]
    n: NDArray[np.float64]
    occurred_s: NDArray[np.float64]
    received_ms: NDArray[np.int64]
    actors: Sequence[str] = ACTORS
    families: Sequence[Family] = FAMILIES

    def __len__(self) -> int:
        return len(self.incident)


def told(seed: int, *, days: int = DAYS) -> Told:
    """The reports of so many days; the same for the same seed."""
    chance = np.random.default_rng(seed)
    happened = _happened(chance, days)
    incident, actor = _reporters(chance, happened["family"])
    count = len(incident)
    gross = chance.random(count) < _GROSS_SHARES[actor]
    spread = np.where(gross, _GROSS_M, _PLACE_M[actor])
    place = happened["place"][incident] + chance.normal(0, 1, (count, 2)) * spread[:, None]
    minute = happened["minute"][incident] + chance.normal(0, 1, count) * _TIME_MIN[actor]
    hours_off = (actor == _HOUSING) & (chance.random(count) < _HOURS_OFF_SHARE)
    off = chance.uniform(*_HOURS_OFF_MIN, count) * chance.choice([-1, 1], count)
    minute += np.where(hours_off, off, 0.0)
    wrong = chance.random(count) < _WRONG_FAMILY_SHARE
    anew = chance.integers(0, len(FAMILIES), count)
    delay = chance.exponential(1, count) * _DELAY_MIN[actor]
    received = np.maximum(minute, happened["minute"][incident]) + delay
    order = np.argsort(received, kind="stable")
    return Told(
        incident=incident[order],
        actor=actor[order],
        family=np.where(wrong, anew, happened["family"][incident])[order],
        e=_EAST_M + place[order, 0],
        n=_NORTH_M + place[order, 1],
        occurred_s=_BEGAN_S + 60 * minute[order],
        received_ms=(1000 * (_BEGAN_S + 60 * received[order])).astype(np.int64),
    )


def _happened(chance: np.random.Generator, days: int) -> dict[str, NDArray[Any]]:
    """What happened: place in metres from a corner, minute from the beginning, family."""
    count = int(chance.poisson(_PER_DAY * days))
    centres = chance.uniform(0, _SIDE_M, (_CENTRES, 2))
    near = centres[chance.integers(0, _CENTRES, count)]
    near = near + chance.normal(0, _CENTRE_M, (count, 2))
    anywhere = chance.uniform(0, _SIDE_M, (count, 2))
    in_centre = chance.random(count) < _CENTRE_SHARE
    hour = chance.choice(24, count, p=np.array(_HOURS) / sum(_HOURS))
    day = chance.integers(0, days, count)
    return {
        "place": np.where(in_centre[:, None], near, anywhere),
        "minute": 1440.0 * day + 60.0 * hour + chance.uniform(0, 60, count),
        "family": chance.choice(len(_FAMILY_SHARES), count, p=_FAMILY_SHARES),
    }


def _reporters(
    chance: np.random.Generator, family: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Incident and actor of each report: one to three different actors for each incident.

    The highest of weighted random keys are a weighted draw without replacement (Efraimidis and
    Spirakis 2006).
    """
    times = chance.choice([1, 2, 3], len(family), p=_TIMES_SHARES)
    keys = chance.random((len(family), len(ACTORS))) ** (1 / np.array(_WHO)[family])
    ranked = np.argsort(-keys, axis=1)
    rank = np.arange(len(ACTORS))[None, :]
    incident, place = np.nonzero(rank < times[:, None])
    return incident, ranked[incident, place]
