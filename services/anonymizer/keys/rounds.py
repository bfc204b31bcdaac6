"""Rounds with Kafka: one instance has one at a time, and all see whether any come to their end.

Whoever finishes a round leaves a mark in the file of the lock. The others look whether it is another one than
before, by their own monotonic clocks, so that no two clocks are compared (decision 0022).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.anonymizer.keys import files
from shared.errors import LagesbildError

FILE = "round.lock"
MARK_BYTES = 8
STUCK_SECONDS = 600.0
ANSWERING_SECONDS = 120.0


class RoundStuckError(LagesbildError):
    """Our round does not end though Kafka answers others: the process must end, to let go of the lock."""


class Rounds:
    """The rounds of one installation, in its key folder. `monotonic` gives seconds that never go back."""

    def __init__(self, folder: Path, *, monotonic: Callable[[], float]) -> None:
        self._file = folder / FILE
        self._monotonic = monotonic
        self._seen = self._mark()
        self._done_at = float("-inf")
        self._begun_at: float | None = None
        self._answers_since: float | None = None

    @contextmanager
    def one(self) -> Iterator[bool]:
        """Have a round, which is finished if no error leaves it; False: another instance has one."""
        with files.locked(self._file, wait=False) as ours:
            self._begun_at = self._monotonic() if ours else None
            try:
                yield ours
                if ours:
                    self._file.write_bytes(os.urandom(MARK_BYTES))
            finally:
                self._begun_at = self._answers_since = None
        self._look()

    def seconds_since_done(self) -> float:
        """Since when nobody has been seen to finish a round; for ever, before the first."""
        return self._monotonic() - self._done_at

    def is_long(self) -> bool:
        """Whether we have been at one round for so long that something must be wrong."""
        return self._begun_at is not None and self._monotonic() - self._begun_at >= STUCK_SECONDS

    def judge(self, *, answers: bool) -> None:
        """Take note of whether Kafka answers somebody else while we are at a long round.

        Raises:
            RoundStuckError: it has for so long that it is we who are stuck.
        """
        if not answers:
            self._answers_since = None
            return
        now = self._monotonic()
        if self._answers_since is None:
            self._answers_since = now
        if now - self._answers_since >= ANSWERING_SECONDS:
            raise RoundStuckError

    def _look(self) -> None:
        mark = self._mark()
        if mark != self._seen:
            self._seen, self._done_at = mark, self._monotonic()

    def _mark(self) -> bytes:
        return self._file.read_bytes() if self._file.exists() else b""
