"""What a production log looks like: how much is new, where it happens, when, and how late.

The log of one municipality of 100 areas and 30 indicators, in a flood: 2,000 records per second. The figures are assumptions, written down once; what they mean for the
aggregator (how many cells a batch touches) is measured and printed with every run.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from shared.pack.model import GRAINS as CLASS_GRAINS
from shared.pack.model import Sensitivity
from shared.windows import Tier

RESENDS = 0.10
CORRECTIONS = 0.05
WITHDRAWALS = 0.02
NEW = 1 - RESENDS - CORRECTIONS - WITHDRAWALS

PER_SECOND = 2000
MUNICIPALITIES = ("9000",)
AREAS = tuple(f"{number}" for number in range(100, 200))
INDICATORS = tuple(f"bench_indicator_{number:02}" for number in range(30))

CLASSES = tuple(
    Sensitivity(f"S{digit}") for digit in "012130120131012013012130120131"
)  # by rank of the indicator, so that every class has frequent and rare ones
GRAINS = tuple(CLASS_GRAINS[one] for one in CLASSES)

MUNICIPALITY_SKEW = 1.0
AREA_SKEW = 0.8
INDICATOR_SKEW = 1.0

NYKO_SHARE = 0.15  # placed by a code that the actor gave; the rest by coordinates

PROMPT, HOURS, DAYS = 0.80, 0.15, 0.05
"""Shares by lateness: within PROMPT_LIMIT, within HOURS_LIMIT, between one day and DAYS_LIMIT."""
PROMPT_LIMIT = timedelta(minutes=2)
HOURS_LIMIT = timedelta(hours=6)
DAYS_LIMIT = timedelta(days=7)

RECENT = 0.80  # of what is sent again or changed: an event of the last seconds
RECENT_EVENTS = 20_000  # their mean age, in events


@dataclass(frozen=True, slots=True)
class Skew:
    """Ranks drawn with weights 1 / rank^skew (Zipf)."""

    edges: NDArray[np.float64]

    @classmethod
    def of(cls, ranks: int, skew: float) -> "Skew":
        """So many ranks."""
        weights = 1 / np.arange(1, ranks + 1) ** skew
        return cls(np.cumsum(weights) / weights.sum())

    def drawn(self, chance: np.random.Generator, count: int) -> NDArray[np.uint8]:
        """Ranks from 0."""
        ranks = np.searchsorted(self.edges, chance.random(count), side="right")
        return np.minimum(ranks, len(self.edges) - 1).astype(np.uint8)


def lateness_s(chance: np.random.Generator, count: int) -> NDArray[np.int64]:
    """How long before it reached the log an event happened. Unit: seconds."""
    share = chance.random(count)
    spread = chance.random(count)
    prompt = PROMPT_LIMIT.total_seconds()
    hours = prompt * (HOURS_LIMIT / PROMPT_LIMIT) ** spread  # as many per factor of lateness
    day = timedelta(days=1).total_seconds()
    days = day + (DAYS_LIMIT.total_seconds() - day) * spread
    late = np.where(share < PROMPT, prompt * spread, np.where(share < PROMPT + HOURS, hours, days))
    return late.astype(np.int64)


def grain_shares() -> dict[str, float]:
    """The share of events by the grain of their indicator's class."""
    weights = np.diff(Skew.of(len(INDICATORS), INDICATOR_SKEW).edges, prepend=0.0)
    return {
        tier.value: round(float(weights[[grain is tier for grain in GRAINS]].sum()), 3)
        for tier in Tier
    }
