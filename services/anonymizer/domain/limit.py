"""When to stop instead of burying: a long run of bad reports means that we are wrong, not they."""

from collections.abc import Iterable


class DeadLetterLimitReachedError(Exception):
    """So many reports in a row failed that the program, its key or its pack must be wrong."""


class DeadLetterLimit:
    """Counts reports that fail in a row; one that succeeds begins the count anew.

    The count lives in memory: a restarted process may bury up to the limit again.
    """

    def __init__(self, most_in_a_row: int) -> None:
        self._most_in_a_row = most_in_a_row
        self._in_a_row = 0

    def count(self, failed: Iterable[bool]) -> None:
        """Take note of the next reports, in their order.

        Raises:
            DeadLetterLimitReachedError: as many in a row have failed as the limit says.
        """
        for one in failed:
            self._in_a_row = self._in_a_row + 1 if one else 0
            if self._in_a_row >= self._most_in_a_row:
                raise DeadLetterLimitReachedError
