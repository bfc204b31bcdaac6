"""What must have gone by before a key may be destroyed, whoever dies meanwhile (decision 0022).

Grace: since Kafka knows that a key is retired; then no ingest seals to it. Drain: since a key is known
here, or the clock jumped; then what waited has had its chance. For the keys of a day, Kafka must bear
our clock out, too. Grace and drain are measured with monotonic
clocks and written down in the index round by round, so they end even if no process lives that long.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from services.anonymizer.domain.lifetimes import Purpose, Spans
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.index import Announced, KeyEntry, State

DRAIN_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Paces:
    """How often, and how long. Unit: seconds; a `drain` shorter than `grace` would make it useless."""

    rounds: float
    grace: float
    delete: float
    drain: float = DRAIN_SECONDS


class Waits:
    """The waits of all keys. `monotonic` gives seconds that never go back."""

    def __init__(self, folder: KeyFolder, *, paces: Paces, monotonic: Callable[[], float]) -> None:
        self._folder = folder
        self._paces = paces
        self._monotonic = monotonic
        self._known = Spans()
        self._retired = Spans()

    def doubt(self, entries: Iterable[KeyEntry]) -> None:
        """Begin the drains anew, also what is written down: the clock by which keys are too old has jumped."""
        self._known.forget()
        for entry in entries:
            self.is_in_time(entry)

    def is_in_time(self, entry: KeyEntry) -> None:
        """The key is not too old: what is written down of its drain was of another clock."""
        if entry.seconds_overdue:
            self._folder.change(entry, seconds_overdue=0.0)

    def begin(self, entries: Iterable[KeyEntry]) -> None:
        """Begin what begins with these keys, or write down how far their graces are."""
        for entry in entries:
            self._seconds_known(entry)
            had = min(self._seconds_of_grace(entry), self._paces.grace)
            if had > entry.seconds_of_grace:
                self._folder.change(entry, seconds_of_grace=had)

    def has_had_grace(self, entry: KeyEntry) -> bool:
        """Whether nobody can seal to the key any more, for it was retired long enough ago."""
        return _is_known_as_retired(entry) and self._seconds_of_grace(entry) >= self._paces.grace

    def may_go_by_age(self, entry: KeyEntry, *, taken_at: datetime | None) -> bool:
        """Whether a key that is too old by the clock may go; if not, the drain is written down.

        `taken_at` is the stamp of the last word that Kafka took. Where neither Kafka nor a grace bears the
        clock out, the key goes when it has been known here, by the monotonic clock, for its whole life.
        """
        known, drain = self._seconds_known(entry), self._paces.drain
        if known < drain:
            self._folder.change(entry, seconds_overdue=known)
            return False
        if known >= (entry.goes_at - entry.made_at).total_seconds():
            return True
        if entry.purpose is Purpose.REPORT:  # no ingest uses it, whatever our clock says
            return self.has_had_grace(entry)
        return not self.lacks_word(entry, taken_at=taken_at)

    def lacks_word(self, entry: KeyEntry, *, taken_at: datetime | None) -> bool:
        """Whether Kafka has taken no word yet that was stamped when the key of a day was too old.

        It takes none from more than an hour ahead of its own clock, so ours alone destroys no such key.
        """
        if entry.purpose is Purpose.REPORT:
            return False
        return taken_at is None or taken_at < entry.goes_at

    def _seconds_known(self, entry: KeyEntry) -> float:
        return self._known.of(entry.id, entry.seconds_overdue, self._monotonic())

    def _seconds_of_grace(self, entry: KeyEntry) -> float:
        if not _is_known_as_retired(entry):
            return 0.0
        return self._retired.of(entry.id, entry.seconds_of_grace, self._monotonic())


def _is_known_as_retired(entry: KeyEntry) -> bool:
    return (entry.state, entry.announced) == (State.RETIRED, Announced.RETIRED)
