"""Every topic, in the order of the data (DESIGN §3).

The first two have the same number of partitions and the same key, so that all versions of one
event stay in order on one partition number all the way. Nothing is ever compacted: the log is
what counts are rebuilt from.
"""

from dataclasses import dataclass
from datetime import timedelta

DEFAULT_PARTITIONS = 8
FOR_YEARS = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the house wants it; `kept` is its retention."""

    name: str
    kept: timedelta
    sealed: bool

    def named(self, prefix: str) -> str:
        """The name in an installation that shares its broker; tests use a prefix each."""
        return f"{prefix}{self.name}"


REPORTS = Topic("reports.sealed.v1", kept=timedelta(hours=24), sealed=True)
EVENTS = Topic("events.anonymized.v1", kept=FOR_YEARS, sealed=False)
STATISTICS = Topic("statistics.reported.v1", kept=FOR_YEARS, sealed=False)
DEAD_REPORTS = Topic("reports.dead.v1", kept=timedelta(days=14), sealed=True)

IN_ORDER = (REPORTS, EVENTS, STATISTICS, DEAD_REPORTS)
