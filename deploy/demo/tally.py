"""What has happened so far in this run: written by those who do it, read by the screen."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

KEPT_SECONDS = 60


class Phase(StrEnum):
    """What the demo is doing."""

    STARTING = "starting"
    HISTORY = "history"
    PLAYING = "playing"
    DRAINING = "draining"
    CHECKING = "checking"
    STOPPING = "stopping"


@dataclass(slots=True)
class Sent:
    """Rows of one actor that were answered, resends among them."""

    accepted: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Health:
    """One process. Shape: `last_pid` is None before it was seen alive."""

    last_pid: int | None = None
    is_alive: bool = False
    restarts: int = 0


@dataclass(slots=True)
class Tally:
    """The numbers of one run; every list starts empty.

    Shape: `reasons` counts refused rows by ingest's code of their first error, `messages` has
    its words for each code; `misjudged` are rows that ingest accepted although they were wrong,
    or refused although they were right; `unexpected` counts answers that no sender may get, by
    status; `tries_again` are requests that had to be sent again. `waiting_for` are events whose
    newest version is not counted yet, known when draining. `first_push_at` is of the monotonic clock.
    """

    phase: Phase = Phase.STARTING
    sent: dict[str, Sent] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    messages: dict[str, str] = field(default_factory=dict)
    misjudged: int = 0
    unexpected: Counter[int] = field(default_factory=Counter)
    tries_again: int = 0
    events_counted: int = 0
    waiting_for: int = 0
    first_push_at: float | None = None
    health: dict[str, Health] = field(default_factory=dict)
    accepted_each_second: deque[int] = field(default_factory=lambda: deque(maxlen=KEPT_SECONDS))

    def expect(self, actors: Iterable[str]) -> None:
        """Show these actors from the start, in this order."""
        self.sent = {actor: Sent() for actor in actors}

    @property
    def accepted(self) -> int:
        """Rows that ingest accepted, of all actors."""
        return sum(one.accepted for one in self.sent.values())

    @property
    def rejected(self) -> int:
        """Rows that ingest refused, of all actors."""
        return sum(one.rejected for one in self.sent.values())

    def see(self, pids: Mapping[str, int | None]) -> None:
        """Take in the current process ids, None for what is being started; a new id is a restart."""
        for name, pid in pids.items():
            known = self.health.setdefault(name, Health())
            known.is_alive = pid is not None
            if pid is not None:
                known.restarts += known.last_pid not in {None, pid}
                known.last_pid = pid

    def last_seconds(self, seconds: int) -> Sequence[int]:
        """Accepted rows in each of the last seconds, oldest first."""
        return tuple(self.accepted_each_second)[-seconds:]
