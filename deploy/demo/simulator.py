"""What the actors send: seeded, so that a run can be repeated, and wrong in every way of life.

Each actor draws from a generator of its own, so what one sends does not depend on how the others'
requests fall in time. Nothing here reads a clock: `now` is an argument.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from types import MappingProxyType

from deploy.demo import faults, times
from deploy.demo.draft import Draft, Form, Kind, Request, Telling
from deploy.demo.faults import Body, Forbidden
from deploy.demo.ground import Ground
from deploy.demo.people import invented
from deploy.demo.rows import row_of
from deploy.demo.sheets import Clerk
from deploy.demo.temperament import Temperament

REMEMBERED = 400  # events of an actor that may still be corrected, withdrawn or sent again
HELD_BACK = (1, 30)  # rows that pass before the first version follows the second
TRIES = 6  # to find an event in the wanted state before something new is reported instead
HISTORY_ROWS = 250  # rows in a request of the history
LONGEST_JUMP = 5  # between an actor's versions: nobody promised to count by ones

WEIGHTS: Mapping[Kind, int] = MappingProxyType(
    {
        Kind.FRESH: 70,
        Kind.CORRECTION: 8,
        Kind.WITHDRAWAL: 3,
        Kind.REVIVAL: 1,
        Kind.RESEND: 4,
        Kind.STALE: 3,
        Kind.EARLY: 3,
        Kind.CARELESS: 1,
        Kind.BAD: 6,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One actor's part in the play.

    Shape: `indicators` are the events that it may report; `clerk` fills in the sheet of an actor
    that sends files, which is what its temperament then says too.
    """

    actor: str
    indicators: tuple[str, ...]
    forbidden: Forbidden
    temperament: Temperament
    clerk: Clerk | None = None


@dataclass(frozen=True, slots=True)
class Impulse:
    """What an actor sends now, one after the other, and how long it is quiet then."""

    requests: tuple[Request, ...]
    pause_s: float


@dataclass(slots=True)
class _Story:
    """An event that the actor has told of. Shape: the good drafts in the order sent, never empty."""

    drafts: list[Draft]

    @property
    def newest(self) -> Telling:
        """The first telling of the highest version."""
        tellings = [draft.telling for draft in self.drafts if draft.telling]
        return max(tellings, key=lambda telling: telling.version)


class Reporter:
    """One actor. `tag` is new with every run, so that two runs never share an id."""

    def __init__(self, part: Part, ground: Ground, *, seed: int, tag: str) -> None:
        self._part = part
        self._ground = ground
        self._tag = tag
        self._rng = Random(f"{seed}/{part.actor}")
        self._liveliness = ground.liveliness(Random(seed))  # the same town for every actor
        self._stories: list[_Story] = []
        self._held: deque[tuple[int, Draft]] = deque()
        self._rows = 0
        self._ids = 0

    @property
    def actor(self) -> str:
        """Who reports."""
        return self._part.actor

    def impulse(self, now: datetime, *, rate: float) -> Impulse:
        """The next requests, and a pause that makes their rows this actor's share of the rate.

        Unit: `rate` in reports per second of all actors together.
        """
        temper = self._part.temperament
        requests = tuple(
            self._request(now, temper.form, self._rng.randint(*temper.rows))
            for _ in range(self._rng.randint(*temper.requests))
        )
        rows = sum(len(request.drafts) for request in requests)
        return Impulse(requests, rows / (rate * temper.share) * self._rng.uniform(0.7, 1.3))

    def history(self, now: datetime, rows: int) -> Iterator[Request]:
        """The actor's share of what happened before the run, with all its troubles."""
        left = round(rows * self._part.temperament.share)
        while left > 0:
            size = min(left, HISTORY_ROWS)
            form = Form.EXCEL if self._part.clerk else Form.NDJSON
            yield self._request(now, form, size, long_ago=True)
            left -= size

    def closing(self, now: datetime, own_id: str) -> Draft:
        """A last report under an id that the caller chooses."""
        return self._drafted(Kind.CLOSING, self._telling(own_id, now))

    def fresh_id(self) -> str:
        """An id that this actor has not used; some actors' ids point at persons."""
        self._ids += 1
        match self._part.actor:
            case "housing":
                return f"{invented(self._rng).personal_number}/{self._tag}/{self._ids}"
            case "education":
                return f"{self._tag}|skola {self._rng.randint(1, 20)}|{self._ids}"
            case _:
                return f"{self._tag}-{self._ids:06}"

    def _request(self, now: datetime, form: Form, rows: int, *, long_ago: bool = False) -> Request:
        drafts = [self._draft(now, form, long_ago=long_ago) for _ in range(rows)]
        return Request(self.actor, form, drafts)

    def _draft(self, now: datetime, form: Form, *, long_ago: bool) -> Draft:
        self._rows += 1
        if self._held and self._held[0][0] <= self._rows:
            return self._held.popleft()[1]
        kind = self._rng.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
        match kind:
            case Kind.BAD:
                return self._bad(now, form)
            case Kind.EARLY:
                return self._early(now, long_ago=long_ago)
            case Kind.RESEND | Kind.STALE:
                known = self._again(kind)
            case Kind.CORRECTION | Kind.WITHDRAWAL | Kind.REVIVAL | Kind.CARELESS:
                known = self._moved(kind, now)
            case Kind.FRESH | Kind.CLOSING:
                known = None
        return known or self._fresh(now, long_ago=long_ago)

    def _fresh(self, now: datetime, *, long_ago: bool) -> Draft:
        telling = self._telling(self.fresh_id(), now, long_ago=long_ago)
        return self._begun(self._drafted(Kind.FRESH, telling))

    def _moved(self, kind: Kind, now: datetime) -> Draft | None:
        """A new telling of a known event; none if no event is in the state for it."""
        story = self._a_story(live=kind is not Kind.REVIVAL)
        if story is None:
            return None
        newest = story.newest
        jump = 1 if self._rng.random() < 0.8 else self._rng.randint(1, LONGEST_JUMP)
        version = newest.version + (0 if kind is Kind.CARELESS else jump)
        if kind is Kind.WITHDRAWAL:
            telling = Telling(self.actor, newest.own_id, version)
        else:
            telling = self._changed(newest, version, now)
        draft = self._drafted(kind, telling)
        story.drafts.append(draft)
        return draft

    def _again(self, kind: Kind) -> Draft | None:
        """The bytes of a known telling once more; none if no event has such a telling."""
        story = self._a_story(live=None)
        if story is None:
            return None
        newest = story.newest.version
        fitting = [
            draft
            for draft in story.drafts
            if draft.telling and (draft.telling.version == newest) is (kind is Kind.RESEND)
        ]
        return replace(self._rng.choice(fitting), kind=kind) if fitting else None

    def _early(self, now: datetime, *, long_ago: bool) -> Draft:
        """A second version or a withdrawal now; the first version is still on its way."""
        first = self._telling(self.fresh_id(), now, long_ago=long_ago)
        second = (
            Telling(self.actor, first.own_id, 2)
            if self._rng.random() < 0.3
            else self._changed(first, 2, now)
        )
        last_due = self._held[-1][0] if self._held else 0
        due = max(last_due, self._rows + self._rng.randint(*HELD_BACK))
        self._held.append((due, self._drafted(Kind.STALE, first)))
        return self._begun(self._drafted(Kind.EARLY, second))

    def _bad(self, now: datetime, form: Form) -> Draft:
        """A row with one fault; half of them would change a known event if they were accepted."""
        known = self._a_story(live=True)
        if known and self._rng.random() < 0.5:
            telling = self._changed(known.newest, known.newest.version + 1, now)
        else:
            telling = self._telling(self.fresh_id(), now)
        line = self._spoiled(row_of(telling, self._rng), form, now)
        return Draft(Kind.BAD, line, None)

    def _spoiled(self, body: Body, form: Form, now: datetime) -> bytes:
        forbidden, rng = self._part.forbidden, self._rng
        fault = rng.choice(faults.possible(form, forbidden))
        if self._part.clerk:
            wrong = faults.wrong(body, fault, forbidden=forbidden, now=now, rng=rng)
            return self._part.clerk.line(wrong, rng)
        return faults.spoiled(body, fault, forbidden=forbidden, now=now, rng=rng)

    def _a_story(self, *, live: bool | None) -> _Story | None:
        """A known event; `live` says what its newest version must be, None that any will do."""
        for _ in range(TRIES if self._stories else 0):
            story = self._rng.choice(self._stories)
            if live is None or story.newest.is_live is live:
                return story
        return None

    def _begun(self, draft: Draft) -> Draft:
        """Remember the event of its first draft, in the place of another when there are many."""
        if len(self._stories) < REMEMBERED:
            self._stories.append(_Story([draft]))
        else:
            self._stories[self._rng.randrange(REMEMBERED)] = _Story([draft])
        return draft

    def _telling(self, own_id: str, now: datetime, *, long_ago: bool = False) -> Telling:
        spot = self._ground.spot(self._rng, self._liveliness)
        when = (
            times.some_time_ago(now, self._rng)
            if long_ago
            else times.recently(now, self._rng, delay_s=self._part.temperament.delay_s)
        )
        indicator = self._rng.choice(self._part.indicators)
        return Telling(self.actor, own_id, 1, indicator, when, spot.area, spot.location)

    def _changed(self, telling: Telling, version: int, now: datetime) -> Telling:
        """A newer version of it, moved to another area, time or indicator, or several of them."""
        other = replace(self._telling(telling.own_id, now), version=version)
        if not telling.is_live:
            return other
        if self._rng.random() < 0.5:
            other = replace(other, indicator=telling.indicator)
        if self._rng.random() < 0.4:
            other = replace(other, occurred_at=telling.occurred_at)
        if self._rng.random() < 0.4:
            other = replace(other, area=telling.area, location=telling.location)
        return other

    def _drafted(self, kind: Kind, telling: Telling) -> Draft:
        body, clerk = row_of(telling, self._rng), self._part.clerk
        return Draft(kind, clerk.line(body, self._rng) if clerk else faults.encoded(body), telling)
