"""Words of a text that nothing explains: each may be a town that is not ours.

A report from another town that counts here is a mistake that nobody sees, so a text with such a word
is not located: the word may stand anywhere, for people write towns everywhere.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import takewhile
from typing import NamedTuple, TypeAlias

from services.anonymizer.domain.locating.descriptions import capitalised, is_description
from services.anonymizer.domain.locating.lexicon import Name, Sort
from services.anonymizer.domain.locating.other_towns import OTHER_TOWNS
from services.anonymizer.domain.locating.spelling import LOST, Word, is_one_edit, keys_of
from services.anonymizer.domain.locating.vocabulary import (
    APARTMENTS,
    BEFORE_OBJECTS,
    DIRECTIONS,
    HEADINGS,
    NUMBER_SIGNS,
    OFTEN_MISSPELT,
    ORDINARY,
    PERSONS,
    QUALIFIERS,
    ROAD_WORDS,
)

KNOWN_PLACES = (Sort.TOWN, Sort.LOCALITY, Sort.AREA, Sort.PLACE)
OTHER_SENSES = (Sort.STREET, Sort.OBJECT, Sort.QUARTER)
MOST_PLACE_WORDS = 2
MOST_PERSON_WORDS = 2
_EVERYDAY = ORDINARY | BEFORE_OBJECTS | APARTMENTS | NUMBER_SIGNS | QUALIFIERS | ROAD_WORDS

Mend: TypeAlias = Callable[[Sequence[Word], Sort], Sequence[int]]
"""Finds the names of a sort that unknown words may have been meant as."""


class Unknown(NamedTuple):
    """The words of a text that are no name of ours as it is written.

    Shape: `strangers` are the places of words that nothing explains; `misspelt` has the names of
    the known place that some words, a letter away, are meant as, one or several.
    """

    strangers: frozenset[int]
    misspelt: Sequence[Sequence[Name]]

    @property
    def has_any(self) -> bool:
        """Whether there is a word that is no name of ours as it is written."""
        return bool(self.strangers or self.misspelt)


NOTHING_UNKNOWN = Unknown(frozenset(), ())


def unknown(
    words: Sequence[Word],
    covered: AbstractSet[int],
    called: AbstractSet[int],
    text: str,
    mend: Mend,
) -> Unknown:
    """What of a text is no name of ours, no word of ordinary Swedish and no person.

    Shape: places in `words`; `covered` are those of names, `called` also those of names that the
    word in front makes others. Not strange either: single letters, and what follows `mot`.
    """
    left = {
        at
        for at, word in enumerate(words)
        if word.is_name and at not in covered and not is_everyday(word)
    }
    if not left:
        return NOTHING_UNKNOWN
    names = capitalised(text)
    left = {at for at in left if at in called or not is_description(words, at, names)}
    left.difference_update(_persons(words, covered))
    left.difference_update(_destinations(words, covered, left))
    misspelt = list(_misspelt_places(words, frozenset(left), mend))
    left.difference_update(at for places, _ in misspelt for at in places)
    return Unknown(frozenset(left), [names for _, names in misspelt])


def _destinations(
    words: Sequence[Word], covered: AbstractSet[int], left: AbstractSet[int]
) -> Iterator[int]:
    """The unknown names after `mot`; those after `från` and `till` if a name of ours came before."""
    for at, word in enumerate(words):
        is_after = word.ascii in HEADINGS and any(before < at for before in covered)
        if word.ascii not in DIRECTIONS and not is_after:
            continue
        after = at + 1
        while after < len(words) and words[after].ascii in HEADINGS:
            after += 1
        yield from takewhile(left.__contains__, range(after, after + MOST_PLACE_WORDS))


def is_everyday(word: Word) -> bool:
    """Whether it is one of the words that stand around names."""
    written = word.ascii
    return (
        (len(written) == 1 and written != LOST)
        or written in _EVERYDAY
        or any(is_one_edit(written, one) for one in OFTEN_MISSPELT)
    )


def _persons(words: Sequence[Word], covered: AbstractSet[int]) -> Iterator[int]:
    """Where persons are named: after `c/o` or `familjen`, after an initial in front, or `-sson`."""
    yield from (at for at, word in enumerate(words) if word.ascii.endswith(PERSONS))
    for at, word in enumerate(words):
        if word.ascii in ("familjen", "fam"):
            yield at + 1
        elif word.ascii == "c" and [one.ascii for one in words[at + 1 : at + 3]] == ["/", "o"]:
            yield from _person(words, covered, at + 3)
    first = [one.ascii for one in words[:3]]
    if len(first) == 3 and len(first[0]) == 1 and first[0] != "i" and first[2] == ",":
        yield 1


def _person(words: Sequence[Word], covered: AbstractSet[int], start: int) -> Iterator[int]:
    """The one who is named there, to the surname if it can be told from a first name."""
    found = 0
    for at in range(start, len(words)):
        if not words[at].is_name or at in covered or found == MOST_PERSON_WORDS:
            return
        yield at
        found += len(words[at].ascii) > 1
        if words[at].ascii.endswith(PERSONS):
            return


def _misspelt_places(
    words: Sequence[Word], left: AbstractSet[int], mend: Mend
) -> Iterator[tuple[range, Sequence[Name]]]:
    """Where the words stand that known places may have been meant by, and these."""
    for start in left:
        if start and words[start - 1].ascii in QUALIFIERS:
            continue
        for end in range(start + 1, start + 1 + MOST_PLACE_WORDS):
            if end - 1 not in left:
                break
            span = words[start:end]
            written = keys_of(span).plain
            if written in OTHER_TOWNS or written.removesuffix("s") in OTHER_TOWNS:
                break
            meant = _names(span, KNOWN_PLACES, mend)
            if meant:
                yield range(start, end), [*meant, *_names(span, OTHER_SENSES, mend)]


def _names(span: Sequence[Word], sorts: Sequence[Sort], mend: Mend) -> list[Name]:
    return [Name(sort, number) for sort in sorts for number in mend(span, sort)]
