"""What there is to be seen at one moment, in words and numbers for people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from deploy.demo.receiver import Inbox, Push
from deploy.demo.subscribe import WINDOWS
from deploy.demo.tally import Phase, Tally
from deploy.demo.times import STOCKHOLM
from shared.language import Language
from shared.pack.model import Pack

SHOWN_SECONDS = 22
SHOWN_REASONS = 6
SHOWN_PUSHES = 8


@dataclass(frozen=True, slots=True)
class Reporting:
    """One actor's reports so far."""

    name: str
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Place:
    """One area as a subscriber sees it. Shape: `reports` by window, in the order of `WINDOWS`."""

    name: str
    reports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pushed:
    """One push. Unit: `at` is local time of day, `lateness_s` in seconds."""

    name: str
    at: str
    numbers: int
    lateness_s: float | None
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Running:
    """One process."""

    name: str
    is_alive: bool
    restarts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything on the screen.

    Shape: `places` are the busiest first, of the newest view that any subscriber has; `pushes`
    the newest first; `each_second` are accepted reports, oldest first.
    Unit: latencies in milliseconds, None before the first.
    """

    municipality: str
    phase: Phase
    elapsed_s: float
    left_s: float | None
    reporting: tuple[Reporting, ...]
    each_second: tuple[int, ...]
    reasons: tuple[tuple[str, int], ...]
    tries_again: int
    events: int
    waiting_for: int
    p50_ms: float | None
    p99_ms: float | None
    places_of: str | None
    places: tuple[Place, ...]
    pushes: tuple[Pushed, ...]
    pushes_total: int
    pushes_verified: int
    running: tuple[Running, ...]

    @property
    def accepted(self) -> int:
        """Rows that ingest accepted."""
        return sum(one.accepted for one in self.reporting)

    @property
    def rejected(self) -> int:
        """Rows that ingest refused."""
        return sum(one.rejected for one in self.reporting)


@dataclass(frozen=True, slots=True)
class Moment:
    """When the scene is. Unit: seconds since the start, and until the sending stops if that is set."""

    elapsed_s: float
    left_s: float | None
    p50_ms: float | None = None
    p99_ms: float | None = None


def scene_of(
    pack: Pack, tally: Tally, inboxes: Sequence[Inbox], *, moment: Moment, language: Language
) -> Scene:
    """The scene at a moment."""
    newest = _newest(inboxes)
    return Scene(
        municipality=pack.name,
        phase=tally.phase,
        elapsed_s=moment.elapsed_s,
        left_s=moment.left_s,
        reporting=tuple(
            Reporting(_actor(pack, actor, language), sent.accepted, sent.rejected)
            for actor, sent in tally.sent.items()
        ),
        each_second=tuple(tally.last_seconds(SHOWN_SECONDS)),
        reasons=tuple(
            (tally.messages.get(code, code), count)
            for code, count in tally.reasons.most_common(SHOWN_REASONS)
        ),
        tries_again=tally.tries_again,
        events=tally.events_counted,
        waiting_for=tally.waiting_for,
        p50_ms=moment.p50_ms,
        p99_ms=moment.p99_ms,
        places_of=_actor(pack, newest.subscriber, language) if newest else None,
        places=_places(pack, newest) if newest else (),
        pushes=tuple(_pushed(pack, push, language) for push in _latest(inboxes)),
        pushes_total=sum(inbox.total for inbox in inboxes),
        pushes_verified=sum(inbox.verified for inbox in inboxes),
        running=tuple(
            Running(name, one.is_alive, one.restarts) for name, one in tally.health.items()
        ),
    )


def _actor(pack: Pack, actor: str, language: Language) -> str:
    found = pack.actors[actor]
    return found.name if language is Language.SV else found.name_en


def _newest(inboxes: Sequence[Inbox]) -> Push | None:
    """The view of whoever sees most; the same one from push to push, so that nothing jumps."""
    lasts = [(len(inbox.agreed.shown), inbox.last) for inbox in inboxes if inbox.last]
    return max(lasts, key=lambda one: one[0])[1] if lasts else None


def _latest(inboxes: Sequence[Inbox]) -> list[Push]:
    every = chain.from_iterable(inbox.recent for inbox in inboxes)
    return sorted(every, key=lambda push: push.received_at, reverse=True)[:SHOWN_PUSHES]


def _places(pack: Pack, push: Push) -> tuple[Place, ...]:
    """The areas, busiest first: by the longest window, which changes the order least."""
    sums: Counter[tuple[str, str]] = Counter()
    for cell in push.cells:
        sums[cell.area, cell.window] += cell.reports
    areas = {cell.area for cell in push.cells} - {pack.rest_code}
    places = [(area, tuple(sums[area, window] for window in WINDOWS)) for area in sorted(areas)]
    places.sort(key=lambda one: one[1][::-1], reverse=True)
    return tuple(Place(pack.name_of(area), reports) for area, reports in places)


def _pushed(pack: Pack, push: Push, language: Language) -> Pushed:
    return Pushed(
        name=_actor(pack, push.subscriber, language),
        at=f"{push.received_at.astimezone(STOCKHOLM):%H:%M:%S}",
        numbers=len(push.cells),
        lateness_s=push.lateness_s,
        is_verified=push.fault is None,
    )
