"""The stream of posts: new, resent, corrected, withdrawn, stale, overtaken by a later version."""

from array import array
from collections import Counter, deque
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from random import Random
from typing import TypeAlias

from deploy.bench.bodies import Post
from deploy.chaos.content import Content, Scenery, own_id

LATELY = 20_000  # reports; half of what is said again is about one of these
FOLLOW_SHARE = 0.5  # of the posts, each also brings a version that was overtaken

Telling: TypeAlias = tuple[int, int]
"""The number of a report, and the version of it."""


class Move(StrEnum):
    """Why a row is sent."""

    NEW = "new"
    RESEND = "resend"
    STALE = "stale"
    CORRECTION = "correction"
    OVERTAKING = "overtaking"
    OVERTAKEN = "overtaken"


WEIGHTS = {
    Move.NEW: 70,
    Move.RESEND: 10,
    Move.STALE: 5,
    Move.CORRECTION: 12,
    Move.OVERTAKING: 3,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """A post, and what its rows tell in their order."""

    post: Post
    tellings: tuple[Telling, ...]


class Load:
    """An endless seeded stream; the actors take turns."""

    def __init__(self, scenery: Scenery, content: Content) -> None:
        self._seed = scenery.seed
        self._actors = scenery.actors
        self._content = content
        self._chance = Random(scenery.seed)
        self._turns = count()
        self._newest = [array("H") for _ in self._actors]
        self._overtaken: list[deque[Telling]] = [deque() for _ in self._actors]
        self._moves, self._weights = tuple(WEIGHTS), tuple(WEIGHTS.values())
        self.sent: Counter[Move] = Counter()

    def next(self, rows: int) -> Batch:
        """The next post with so many rows."""
        turn = next(self._turns) % len(self._actors)
        moves = self._chance.choices(self._moves, self._weights, k=rows)
        if self._overtaken[turn] and self._chance.random() < FOLLOW_SHARE:
            followers = min(rows, len(self._overtaken[turn]))
            moves[:followers] = [Move.OVERTAKEN] * followers
        tellings = tuple(self._told(turn, move) for move in moves)
        body = "".join(self._content.row(*telling) for telling in tellings)
        post = Post(self._actors[turn], body.encode(), rows, own_id(self._seed, tellings[0][0]))
        return Batch(post, tellings)

    def _told(self, turn: int, move: Move) -> Telling:
        newest = self._newest[turn]
        move = move if newest else Move.NEW
        self.sent[move] += 1
        if move is Move.NEW:
            newest.append(1)
            return self._number(turn, len(newest) - 1), 1
        if move is Move.OVERTAKEN:
            return self._overtaken[turn].popleft()
        place = self._earlier(len(newest))
        number, known = self._number(turn, place), newest[place]
        if move is Move.RESEND:
            return number, known
        if move is Move.STALE:
            return number, self._chance.randint(1, known)
        if move is Move.OVERTAKING:
            self._overtaken[turn].append((number, known + 1))
        newest[place] = known + (2 if move is Move.OVERTAKING else 1)
        return number, newest[place]

    def _earlier(self, known: int) -> int:
        """A report that was told before, half of the time one of lately."""
        first = max(0, known - LATELY) if self._chance.random() < 0.5 else 0
        return self._chance.randrange(first, known)

    def _number(self, turn: int, place: int) -> int:
        return place * len(self._actors) + turn
