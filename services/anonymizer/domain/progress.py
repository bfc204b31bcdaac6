"""How far each partition has been read, to see at once if anything was skipped."""


class SkippedRecordsError(Exception):
    """Records between two batches of a partition never reached us."""

    def __init__(self, partition: int) -> None:
        super().__init__(f"partition {partition}")
        self.partition = partition


class Progress:
    """The next offset of each partition, for as long as the partition stays assigned.

    Committing past a batch that was never handed to us would lose it, so batches must follow each
    other without a gap. Offsets may go back: that is a replay.
    """

    def __init__(self) -> None:
        self._next: dict[int, int] = {}
        self._assignment = 0

    @property
    def assignment(self) -> int:
        """Changes whenever partitions are given or taken."""
        return self._assignment

    @property
    def next_offsets(self) -> dict[int, int]:
        """What comes next in every partition that has been read since it was assigned."""
        return dict(self._next)

    def reassigned(self) -> None:
        """Forget everything: a partition may come back further on, done by another."""
        self._next.clear()
        self._assignment += 1

    def begin(self, partition: int, first_offset: int) -> None:
        """Take note of the first record of a batch.

        Raises:
            SkippedRecordsError: it is not the one that comes next, but a later one.
        """
        if first_offset > self._next.setdefault(partition, first_offset):
            raise SkippedRecordsError(partition)

    def done(self, partition: int, next_offset: int, *, assignment: int) -> None:
        """Take note of a batch that is published, if the assignment is still the one it had."""
        if assignment == self._assignment:
            self._next[partition] = next_offset
