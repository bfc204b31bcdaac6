"""Instants of many events at once, floored by the rule of shared/windows.py."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from shared.windows import Tier, floored

Seconds = NDArray[np.int64]
"""Unit: seconds since 1970, UTC."""

_WIDTH_S: Mapping[Tier, int] = MappingProxyType({Tier.MINUTE: 60, Tier.HOUR: 3600})


class Floors:
    """Floors instants between two dates; a Stockholm day is looked up, the rest is division."""

    def __init__(self, *, first: datetime, last: datetime) -> None:
        span = (last - first).days + 3
        noons = (first + timedelta(days=day - 1) for day in range(span))
        days = sorted({int(floored(noon, Tier.DAY).timestamp()) for noon in noons})
        self._days: Seconds = np.array(days, dtype=np.int64)

    def to(self, tier: Tier, seconds: Seconds) -> Seconds:
        """The start of the minute, hour or Stockholm day of each."""
        if tier is Tier.DAY:
            return self._days[np.searchsorted(self._days, seconds, side="right") - 1]
        return seconds - seconds % _WIDTH_S[tier]


def written(seconds: Seconds) -> NDArray[np.uint8]:
    """Instants as messages write them, `2026-11-24T04:09:00Z`; one row of ASCII each."""
    distinct, at = np.unique(seconds, return_inverse=True)
    texts = [f"{datetime.fromtimestamp(one, UTC):%Y-%m-%dT%H:%M:%SZ}" for one in distinct.tolist()]
    return ascii_rows(texts)[at]


def ascii_rows(texts: list[str]) -> NDArray[np.uint8]:
    """Texts of one length as rows of bytes."""
    joined = np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8)
    return joined.reshape(len(texts), -1)
