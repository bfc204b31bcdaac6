"""From what was seen of a service now and then to its figures. Values in, values out."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy.bench.figures import rate

WINDOW = 200_000  # records around a size of the event table
SIZES = (0, 1_000_000, 10_000_000)


@dataclass(frozen=True, slots=True)
class Sample:
    """One look.

    Shape: `rss_mb` and `cpu_s` by process. Unit: `at` seconds of one monotonic clock; `passed`
    records whose offsets are committed.
    """

    at: float
    passed: int
    rss_mb: Mapping[str, float]
    cpu_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Course:
    """The whole way through a filled topic.

    Shape: samples in order of time, the last one past every record. The log makes new events at
    an even pace, so rows are records times `events` / `records`.
    """

    samples: Sequence[Sample]
    records: int
    events: int

    @property
    def first(self) -> Sample:
        """The last look that saw nothing; without one, the first."""
        idle = [sample for sample in self.samples if sample.passed == 0]
        return (idle or self.samples)[-1 if idle else 0]

    @property
    def last(self) -> Sample:
        """The first look that saw everything."""
        return next(sample for sample in self.samples if sample.passed >= self.records)

    @property
    def per_second(self) -> float:
        """Records per second; never too high."""
        return rate(self.records, self.last.at - self.first.at)

    @property
    def cpu_us(self) -> dict[str, float]:
        """Microseconds of CPU per record, by process."""
        used = ((name, self.last.cpu_s[name] - self.first.cpu_s[name]) for name in self.last.cpu_s)
        return {name: round(1e6 * one / self.records, 1) for name, one in used}

    def us_per_event_at(self, rows: int) -> float | None:
        """Microseconds of wall time per record while the table has about so many rows.

        None: it never had so many.
        """
        if rows > self.events:
            return None
        width = min(WINDOW, self.records)
        centre = self._records_at(rows)
        low = min(max(0, round(centre - width / 2)), self.records - width)
        return round(1e6 * (self._moment(low + width) - self._moment(low)) / width, 2)

    def rss_mb_at(self, rows: int, name: str) -> float | None:
        """Resident memory of a process when the table had so many rows; None: it never had."""
        if rows > self.events:
            return None
        wanted = self._records_at(rows)
        return next(sample for sample in self.samples if sample.passed >= wanted).rss_mb.get(name)

    def rss_mb_most(self, name: str) -> float:
        """The most memory a process was seen with."""
        return max(sample.rss_mb.get(name, 0.0) for sample in self.samples)

    def _records_at(self, rows: int) -> int:
        return min(self.records, round(rows * self.records / self.events))

    def _moment(self, passed: int) -> float:
        """When so many records were behind it, between looks by straight lines."""
        if passed == 0:
            return self.first.at
        seen = [sample for sample in self.samples if sample.at >= self.first.at]
        at = bisect_left(seen, passed, key=lambda sample: sample.passed)
        after, before = seen[at], seen[max(at - 1, 0)]
        if after.passed == before.passed:
            return after.at
        share = (passed - before.passed) / (after.passed - before.passed)
        return before.at + share * (after.at - before.at)
