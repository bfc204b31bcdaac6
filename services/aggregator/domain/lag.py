"""How far behind the log we are, in seconds, whether or not anything moves."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.records import LogRecord


@dataclass(slots=True)
class Lag:
    """The age of the oldest record that is not written yet.

    Of records in hand it is known from themselves. Of those that still wait in the log nobody has
    looked at, it is at least the time since we first saw the partition end beyond our offset.
    Unit: `now` and everything kept here in seconds since 1970.
    """

    _in_hand: deque[float | None] = field(default_factory=deque)
    _behind_since: dict[int, float] = field(default_factory=dict)

    def took(self, records: Sequence[LogRecord]) -> None:
        """A poll has been read, of each partition these first; polls are written as they came."""
        oldest = min((record.timestamp for record in records), default=None)
        self._in_hand.append(None if oldest is None else oldest / 1000)

    def wrote(self, polls: int) -> None:
        """So many polls are written, those that were taken first."""
        for _ in range(polls):
            self._in_hand.popleft()

    def looked(self, ends: Mapping[int, int], next_offsets: Mapping[int, int], now: float) -> None:
        """The log ends there, and we stand here; a partition that nobody owns is not known."""
        behind = {
            partition for partition, end in ends.items() if next_offsets.get(partition, end) < end
        }
        self._behind_since = {
            partition: self._behind_since.get(partition, now) for partition in behind
        }

    def moved(self, partitions: Iterable[int], now: float) -> None:
        """These partitions moved on; what waits there has waited since now, for all we know."""
        for partition in partitions:
            if partition in self._behind_since:
                self._behind_since[partition] = now

    def oldest_uncommitted(self) -> float | None:
        """When ingest accepted the oldest record in hand; None: nothing is in hand."""
        return min((one for one in self._in_hand if one is not None), default=None)

    def seconds(self, now: float) -> float:
        """How old the oldest record is that has not been written; 0: everything is."""
        waiting = [*self._behind_since.values(), *(one for one in self._in_hand if one is not None)]
        return max(0.0, now - min(waiting)) if waiting else 0.0
