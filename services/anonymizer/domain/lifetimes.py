"""How long each key lives: pure rules over instants (decision 0022)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOURS_AHEAD = 13
"""So many hours beyond this one have a key already: ingest goes on for 12 h without an anonymizer, and
each of these hours then has a key, and a last instant, of its own."""
JUMP_SECONDS = 60.0  # what the wall clock may differ from the monotonic one between two looks


class Purpose(StrEnum):
    """What a key is for."""

    REPORT = "report"
    DEAD_LETTER = "dead-letter"
    LINKING = "linking"


PERIOD = {Purpose.REPORT: HOUR, Purpose.DEAD_LETTER: DAY, Purpose.LINKING: DAY}
LIFE = {
    Purpose.REPORT: HOUR + timedelta(hours=24),
    Purpose.DEAD_LETTER: timedelta(days=14),
    Purpose.LINKING: timedelta(hours=48),
}
"""From the beginning of its period on; then the key is destroyed, whatever it could still open."""


def period_of(purpose: Purpose, at: datetime) -> datetime:
    """The beginning of the UTC hour or day in which the instant lies."""
    utc = at.astimezone(UTC)
    if PERIOD[purpose] == HOUR:
        return utc.replace(minute=0, second=0, microsecond=0)
    return utc.replace(hour=0, minute=0, second=0, microsecond=0)


def goes_at(purpose: Purpose, start: datetime) -> datetime:
    """When the key of the period that begins at `start` must be gone at the latest."""
    return start + LIFE[purpose]


def hours_wanted(now: datetime) -> Sequence[datetime]:
    """The hours for which there must be a key to seal to: this one, then those that are ahead."""
    this = period_of(Purpose.REPORT, now)
    return [this + ahead * HOUR for ahead in range(HOURS_AHEAD + 1)]


def has_had_its_time(start: datetime, now: datetime) -> bool:
    """Whether nobody should seal to the key of this hour any more, given a newer one.

    A key of an hour that is far ahead is none to use either: a clock has jumped. One hour more than
    is made ahead is not far: another instance's clock may have reached its hour before ours.
    """
    ahead = start - period_of(Purpose.REPORT, now)
    return not timedelta() <= ahead <= (HOURS_AHEAD + 1) * HOUR


class Spans:
    """How long ago something began, for each of several keys: at the least, restarts included.

    It counts on from the seconds that are written down for a key, by whichever process. Each counts
    for itself with its monotonic clock, so several at a time count no second twice. Unit: seconds.
    """

    def __init__(self) -> None:
        self._begun: dict[str, tuple[float, float]] = {}

    def of(self, key: str, written: float, monotonic: float) -> float:
        """So many seconds by now; the first question begins the count."""
        before, since = self._begun.setdefault(key, (written, monotonic))
        return max(written, before + monotonic - since)

    def forget(self) -> None:
        """Begin anew with every key, from what is written down."""
        self._begun.clear()


class ClockWatch:
    """Tells whether the wall clock has jumped, by the monotonic one. Unit: seconds."""

    def __init__(self) -> None:
        self._apart: float | None = None

    def has_jumped(self, wall: float, monotonic: float) -> bool:
        """Whether it has since the last look."""
        before, self._apart = self._apart, wall - monotonic
        return before is not None and abs(self._apart - before) > JUMP_SECONDS
