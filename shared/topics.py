"""Every topic, in the order of the data (DESIGN §3).

The first two have the same number of partitions and the same key, so that all versions of one
event stay in order on one partition number all the way. Of what is counted nothing is ever
compacted: the log is what counts are rebuilt from. Only of the anonymizer's keys the newest word is enough.
"""

from dataclasses import dataclass
from datetime import timedelta

DEFAULT_PARTITIONS = 8
FOR_YEARS = timedelta(days=3653)


ANONYMIZER_GROUP = "lagesbild.anonymizer"
"""The group that reads the reports: who asks how far it has come must know its name."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the house wants it.

    Shape: `kept` is its retention; `sealed` topics are cut into segments of ten minutes, for
    retention works on closed ones only. A `compacted` one keeps the newest record of each key for
    ever instead, and has one partition.
    """

    name: str
    kept: timedelta
    sealed: bool
    compacted: bool = False

    def named(self, prefix: str) -> str:
        """The name in an installation that shares its broker; tests use a prefix each."""
        return f"{prefix}{self.name}"

    def partitions(self, agreed: int) -> int:
        """How many partitions it has, where `agreed` many are for what is counted."""
        return 1 if self.compacted else agreed


# Reports can be opened until 24 h after the hour they came in (decision 0022): up to 25 h. The records are kept
# longer, so that who sent the ones that were lost can be told, also after a long outage; normally they
# are deleted within a minute, and in an outage there are no more of them than of 12 hours.
REPORTS = Topic("reports.sealed.v1", kept=timedelta(days=14), sealed=True)
EVENTS = Topic("events.anonymized.v1", kept=FOR_YEARS, sealed=False)
STATISTICS = Topic("statistics.reported.v1", kept=FOR_YEARS, sealed=False)
DEAD_REPORTS = Topic("reports.dead.v1", kept=timedelta(days=14), sealed=True)
KEYS = Topic("anonymizer.keys.v1", kept=FOR_YEARS, sealed=False, compacted=True)

IN_ORDER = (REPORTS, EVENTS, STATISTICS, DEAD_REPORTS, KEYS)
