"""How a place lies to what is named: at it, near it, off it, or between two of them."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from services.anonymizer.domain.locating.common_words import BESIDE, COMPASS
from services.anonymizer.domain.locating.lexicon import Hit
from services.anonymizer.domain.locating.spelling import Word

_BETWEEN = "mellan"
_AND = frozenset({"och", "o", "samt", "&", "+"})
_BEYOND = frozenset({"utanfor", "utom", "innan", "fore", "efter", "fran"})
_OTHER_SIDE = ["andra", "sidan"]
_FAR = frozenset({"km", "kilometer", "mil"})
_METRES = frozenset({"m", "meter", "metrar"})
MOST_METRES = 100
"""What is farther from a name than this may be in another area."""


MOST_DIGITS = 4


class Ends(NamedTuple):
    """The names of a text that lies between two: what the first is, what the second is, and others."""

    first: Sequence[Hit]
    second: Sequence[Hit]
    outside: Sequence[Hit]


def is_between(words: Sequence[Word]) -> bool:
    """Whether a text says that it was between two places."""
    return any(word.plain == _BETWEEN for word in words)


def between(words: Sequence[Word], hits: Sequence[Hit]) -> Ends:
    """The two ends of `mellan A och B`: the names up to the `och`, and the first after it.

    Shape: without two ends all names are outside.
    """
    start = next((at for at, word in enumerate(words) if word.plain == _BETWEEN), len(words))
    after = [hit for hit in hits if hit.start > start]
    for number, hit in enumerate(after[1:], start=1):
        if any(word.plain in _AND for word in words[after[number - 1].end : hit.start]):
            before = [one for one in hits if one.start < start]
            return Ends(after[:number], [hit], [*before, *after[number + 1 :]])
    return Ends((), (), hits)


def is_near(words: Sequence[Word]) -> bool:
    """Whether a place lies near what is named, and not just there."""
    return not BESIDE.isdisjoint([word.plain for word in words])


def is_off(words: Sequence[Word]) -> bool:
    """Whether a place lies on one side of what is named, which may be long, or beyond it."""
    return any(
        word.plain == "bortom" or (word.plain in COMPASS and after.plain == "om")
        for word, after in itertools.pairwise(words)
    )


def is_beyond(words: Sequence[Word], hits: Sequence[Hit]) -> bool:
    """Whether a place lies outside what is named: before it on a road, after it, off it."""
    return any(hit.start and words[hit.start - 1].ascii in _BEYOND for hit in hits)


def is_across(words: Sequence[Word], hits: Sequence[Hit]) -> bool:
    """Whether a place lies on the other side of what is named."""
    fronts = [[word.ascii for word in words[max(0, hit.start - 3) : hit.start]] for hit in hits]
    return any(_OTHER_SIDE in (front[-2:], front[-3:-1]) for front in fronts)


def is_far(words: Sequence[Word]) -> bool:
    """Whether a place lies farther from what is named than an area may be wide."""
    return any(
        after.ascii in _FAR
        or (before.is_number and after.ascii in _METRES and _is_more(before.plain, MOST_METRES))
        for before, after in itertools.pairwise(words)
    )


def _is_more(digits: str, most: int) -> bool:
    return len(digits) > MOST_DIGITS or int(digits) > most
