"""What must have gone by before a key may be destroyed, whoever dies meanwhile (decision 0022).

Grace: since Kafka knows that a key is retired; then no ingest seals to it. Drain: since a key is known
here, or the clock jumped; then what waited has had its chance. Both are measured with monotonic
clocks and written down in the index round by round, so they end even if no process lives that long.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

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

    def doubt(self) -> None:
        """Begin the drains anew: the clock by which keys are too old has jumped."""
        self._known.forget()

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

    def may_go_by_age(self, entry: KeyEntry) -> bool:
        """Whether a key that is too old by the clock may go; if not, the drain is written down."""
        known, drain = self._seconds_known(entry), self._paces.drain
        if known < drain:
            self._folder.change(entry, seconds_overdue=known)
            return False
        return self._is_sealed_to_no_more(entry, known)

    def _is_sealed_to_no_more(self, entry: KeyEntry, known: float) -> bool:
        """Whether no ingest uses the key, whatever our wall clock says.

        Where Kafka could not be told that it is retired, it goes when it has been known here, by the
        monotonic clock, for as long as its whole life.
        """
        if entry.purpose is not Purpose.REPORT or self.has_had_grace(entry):
            return True
        return known >= (entry.goes_at - entry.made_at).total_seconds()

    def _seconds_known(self, entry: KeyEntry) -> float:
        return self._known.of(entry.id, entry.seconds_overdue, self._monotonic())

    def _seconds_of_grace(self, entry: KeyEntry) -> float:
        if not _is_known_as_retired(entry):
            return 0.0
        return self._retired.of(entry.id, entry.seconds_of_grace, self._monotonic())


def _is_known_as_retired(entry: KeyEntry) -> bool:
    return (entry.state, entry.announced) == (State.RETIRED, Announced.RETIRED)
