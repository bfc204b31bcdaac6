"""A place: the result of locating."""

from math import nan

import msgspec

from shared.messages.event import Placement
from shared.quality import Confidence


class Place(msgspec.Struct, frozen=True, gc=False, eq=False):
    """A leaf area's code, how it was found, and how sure that is.

    Unit: `e`, `n` metres in SWEREF 99 TM, not a number where no point is known.
    """

    area: str
    placement: Placement
    confidence: Confidence
    e: float = nan
    n: float = nan
