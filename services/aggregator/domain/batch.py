"""Records taken for one transaction, poll by poll, while the transaction before is written."""

from collections.abc import Mapping, Sequence

from services.aggregator.domain.plan import Advance, Claim
from shared.records import LogRecord


class Batch:
    """What is ours of the records that came, contiguous; and all of them, should it go otherwise.

    It begins where the batch before is going to end, if that one commits under the same claims.
    """

    def __init__(self, after: "Batch | None" = None) -> None:
        self._ends = dict(after.ends) if after else {}
        self._starts: dict[int, Claim] = {}
        self.records: dict[int, list[LogRecord]] = {}
        self.polls = 0
        self.count = 0
        self.is_whole = True

    @property
    def ends(self) -> Mapping[int, Claim]:
        """Where the partitions stand when this is written."""
        return self._ends

    @property
    def advances(self) -> tuple[Advance, ...]:
        """The partitions' steps, sorted."""
        return tuple(
            Advance(partition, start.epoch, start.next_offset, self._ends[partition].next_offset)
            for partition, start in sorted(self._starts.items())
        )

    def take(
        self, records: Mapping[int, Sequence[LogRecord]], claims: Mapping[int, Claim]
    ) -> list[LogRecord]:
        """Add what one poll gave; what of it can be planned comes back, in log order.

        A gap is not planned across: the batch is not whole then, and somebody has to look.
        """
        self.polls += 1
        mine: list[LogRecord] = []
        for partition, some in records.items():
            self.count += len(some)
            self.records.setdefault(partition, []).extend(some)
            if claim := claims.get(partition):
                mine.extend(self._contiguous(partition, some, claim))
        return mine

    def _contiguous(
        self, partition: int, records: Sequence[LogRecord], claim: Claim
    ) -> Sequence[LogRecord]:
        end = self._ends.get(partition, claim)
        if end.epoch != claim.epoch:
            self.is_whole &= partition not in self._starts
            end = claim
        skipped = max(0, end.next_offset - records[0].offset)
        some = records[skipped:]
        if not some:
            return ()
        if some[0].offset != end.next_offset or not _follow(some):
            self.is_whole = False
            return ()
        self._starts.setdefault(partition, end)
        self._ends[partition] = Claim(end.epoch, some[-1].offset + 1)
        return some


def _follow(records: Sequence[LogRecord]) -> bool:
    """Whether offsets rise by one from the first to the last; within a poll they always rise."""
    return records[-1].offset - records[0].offset == len(records) - 1
