"""From when on each tier is kept: what lies before no window can reach (decision 0019)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from shared.windows import Tier, floored

LEAST_DAYS: Mapping[Tier, int] = MappingProxyType({Tier.MINUTE: 2, Tier.HOUR: 32, Tier.DAY: 367})
"""The fewest days with which every window is still whole; a test holds it against the rule."""


def kept_from(now: datetime, days: Mapping[Tier, int]) -> dict[Tier, datetime]:
    """The start of the first bucket of each tier that is kept, in UTC."""
    return {tier: floored(now - timedelta(days=kept), tier) for tier, kept in days.items()}
