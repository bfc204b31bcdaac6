"""What Kafka has been told of each key, and when by our clock it took the last word (decision 0022)."""

from collections.abc import Callable
from datetime import datetime

from services.anonymizer.domain.lifetimes import Purpose
from services.anonymizer.keys.announcer import Announcer
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.index import Announced, KeyEntry, State
from shared.announcements import KeyState


class Words:
    """Says of each key what has not been said yet. `now` gives aware UTC."""

    def __init__(
        self, folder: KeyFolder, announcer: Announcer, *, now: Callable[[], datetime]
    ) -> None:
        self._folder = folder
        self._announcer = announcer
        self._now = now
        self._has_spoken = False
        self.taken_at: datetime | None = None
        """The stamp of the last word that Kafka took; it takes none from an hour ahead of its clock."""

    def repeat(self) -> None:
        """Say everything once more in the next round: a stamp of now is wanted."""
        self._has_spoken = False

    async def say(self) -> None:
        """Say what has not been said; after a start, say what holds once more.

        Raises:
            shared.kafka.KAFKA_AWAY: Kafka does not answer.
        """
        for entry in self._folder.entries:
            if entry.purpose is not Purpose.REPORT:
                continue
            due = _next_word(entry)
            if due is None or (due is entry.announced and self._has_spoken):
                continue
            await self._said(entry, due)
            if due is not entry.announced:
                self._folder.change(entry, announced=due)
        self._has_spoken = True

    async def _said(self, entry: KeyEntry, due: Announced) -> None:
        stamp = self._now()
        match due:
            case Announced.GONE:
                await self._announcer.withdraw(entry, stamp)
            case Announced.RETIRED:
                await self._announcer.announce(entry, KeyState.RETIRED, stamp)
            case _:
                await self._announcer.announce(entry, KeyState.USABLE, stamp)
        self.taken_at = stamp


def _next_word(entry: KeyEntry) -> Announced | None:
    """What should be said of a key next. One that is destroyed is called retired first."""
    match entry.state:
        case State.USABLE:
            return Announced.USABLE
        case State.RETIRED:
            return Announced.RETIRED
        case State.DESTROYED:
            if entry.announced is Announced.GONE:
                return None
            if entry.announced is Announced.RETIRED:
                return Announced.GONE
            return Announced.RETIRED
