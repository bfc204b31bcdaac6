"""A statistic: a periodic figure that an actor delivers per area. Holds no report and no text.

Codes are members of the pack's lists, the period has one written form, the rest are numbers. A
small numerator is sensitive all the same: no value of it goes into a log, an error or a metric.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from shared.periods import Period, period_of

SEPARATOR = "|"  # no code of a pack and no period can hold it

Count = Annotated[int, msgspec.Meta(ge=0)]


class Statistic(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of a figure.

    Shape: its key is (municipality, actor, indicator, area, period), and of one key the highest
    version holds; of equal versions the first in the log. `area` is a code of any level. `live`
    false is a withdrawal and has no numbers. `denominator` is `None` for a plain count.
    Unit: `received_at` aware UTC.
    """

    municipality: str
    actor: str
    indicator: str
    area: str
    period: str
    version: int
    received_at: datetime
    live: bool = True
    numerator: Count | None = None
    denominator: Count | None = None

    def __post_init__(self) -> None:
        """Refuse half a figure wherever it is made or read; no text repeats a value.

        Raises:
            ValueError: the version, the period or the numbers cannot be.
        """
        if self.version < 1:
            raise ValueError("a statistic's version is at least 1")
        if self.received_at.tzinfo is None:
            raise ValueError("a statistic's instant is aware")
        period_of(self.period)
        if self.live is (self.numerator is None):
            raise ValueError("a live statistic has a numerator, a withdrawal has none")
        if self.denominator is not None and (
            self.numerator is None or self.denominator < self.numerator
        ):
            raise ValueError("a denominator is not below its numerator")
        if (self.numerator or 0) < 0:
            raise ValueError("a numerator is not negative")

    @property
    def key(self) -> bytes:
        """The record's key in Kafka: all versions of one figure stay in order."""
        parts = (self.municipality, self.actor, self.indicator, self.area, self.period)
        return SEPARATOR.join(parts).encode()

    @property
    def span(self) -> Period:
        """The days that the figure is of."""
        return period_of(self.period)
