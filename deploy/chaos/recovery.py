"""When a fault is over: counting has moved past everything that was accepted when it struck."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import inf

from deploy.chaos.plan import Kind

COUNTING_ONLY = frozenset({"aggregator", "postgres"})
"""A fault of these leaves what comes before the event log alone."""

READING = "delivery"
"""A fault of this leaves all counting alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How far everything has come, by partition, as last seen from outside.

    Shape: `reports` and `events` are the ends of the logs, asked for after `looked_at`,
    `anonymized` and `counted` the next offsets of the two groups, `owners` who counts a partition,
    `reader` the process that answers readers.
    """

    looked_at: float = -inf
    reports: Mapping[int, int] = field(default_factory=dict)
    anonymized: Mapping[int, int] = field(default_factory=dict)
    events: Mapping[int, int] = field(default_factory=dict)
    counted: Mapping[int, int] = field(default_factory=dict)
    owners: Mapping[int, str] = field(default_factory=dict)
    reader: int | None = None

    @property
    def is_drained(self) -> bool:
        """Whether everything in the logs is counted."""
        return _reached(self.anonymized, self.reports) and _reached(self.counted, self.events)


@dataclass(slots=True, eq=False)
class Recovery:
    """One fault on its way to be over.

    What must be passed is looked up after it struck: at the last look before, who is struck may
    have counted further than the log was then known to reach, and would have recovered at once.

    Shape: `partitions` are those that it concerns (None: all), `reader` the one before. `reports`
    is what the anonymizers must pass first (empty: nothing), `events` what counting must pass then;
    None is not known yet.
    """

    kind: Kind
    began: float
    partitions: Collection[int] | None
    reader: int | None
    alone: bool
    reports: Mapping[int, int] | None = None
    events: Mapping[int, int] | None = None

    def see(self, sight: Sight) -> bool:
        """Whether it is over."""
        if self.kind.part == READING:
            return sight.reader not in (None, self.reader)
        if sight.looked_at <= self.began:
            return False
        if self.reports is None:
            self.reports = {} if self.kind.part in COUNTING_ONLY else sight.reports
        if self.events is None:
            if not _passed(sight.anonymized, self.reports):
                return False
            self.events = {
                number: end
                for number, end in sight.events.items()
                if self.partitions is None or number in self.partitions
            }
        return _passed(sight.counted, self.events)


class Recoveries:
    """Times every fault. Unit: seconds of one clock, which the caller reads.

    A fault is alone if no other began or was still going on before it was over; only such times
    say what one kind costs by itself.
    """

    def __init__(self) -> None:
        self.open: list[Recovery] = []
        self._longest: dict[Kind, float] = defaultdict(float)
        self._longest_alone: dict[Kind, float] = defaultdict(float)

    def begin(
        self, kind: Kind, sight: Sight, *, at: float, partitions: Collection[int] | None = None
    ) -> None:
        """A fault strikes; `partitions` are those that it concerns (None: all)."""
        for other in self.open:
            other.alone = False
        alone = not self.open
        self.open.append(Recovery(kind, at, partitions, sight.reader, alone))

    def see(self, sight: Sight, *, at: float) -> None:
        """Look whether something is over."""
        for recovery in [one for one in self.open if one.see(sight)]:
            self.open.remove(recovery)
            self._note(self._longest, recovery, at)
            if recovery.alone:
                self._note(self._longest_alone, recovery, at)

    def longest(self) -> dict[str, float]:
        """The longest time of each kind, whatever else went on."""
        return _rounded(self._longest)

    def longest_alone(self) -> dict[str, float]:
        """The longest time of each kind among those that were alone."""
        return _rounded(self._longest_alone)

    @staticmethod
    def _note(longest: dict[Kind, float], recovery: Recovery, at: float) -> None:
        longest[recovery.kind] = max(longest[recovery.kind], at - recovery.began)


def _passed(now: Mapping[int, int], goal: Mapping[int, int]) -> bool:
    return all(now.get(partition, 0) > end for partition, end in goal.items())


def _reached(now: Mapping[int, int], goal: Mapping[int, int]) -> bool:
    return all(now.get(partition, 0) >= end for partition, end in goal.items())


def _rounded(longest: Mapping[Kind, float]) -> dict[str, float]:
    return {kind.value: round(seconds, 2) for kind, seconds in sorted(longest.items())}
