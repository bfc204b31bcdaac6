"""Words of a text that nothing explains: each may be a town that is not ours.

A report from another town that counts here is a mistake that nobody sees, so a text with such a word
is not located: the word may stand anywhere, for people write towns everywhere.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from services.anonymizer.domain.lexicon import Lexicon, Sort
from services.anonymizer.domain.other_towns import OTHER_TOWNS
from services.anonymizer.domain.spelling import LOST, Word, is_one_edit, keys_of
from services.anonymizer.domain.vocabulary import (
    APARTMENTS,
    BEFORE_OBJECTS,
    DIRECTIONS,
    NUMBER_SIGNS,
    OFTEN_MISSPELT,
    ORDINARY,
    PARTS_OF_HOUSES,
    PERSONS,
    QUALIFIERS,
    ROAD_WORDS,
)

KNOWN_PLACES = (Sort.TOWN, Sort.LOCALITY, Sort.AREA, Sort.PLACE)
MOST_PLACE_WORDS = 2
MOST_PERSON_WORDS = 2
_EVERYDAY = ORDINARY | BEFORE_OBJECTS | APARTMENTS | NUMBER_SIGNS | QUALIFIERS | ROAD_WORDS


def strangers(words: Sequence[Word], covered: AbstractSet[int], lexicon: Lexicon) -> frozenset[int]:
    """Where the words stand that are no name of ours, no everyday word and no person.

    Shape: places in `words`; `covered` are those of names. Not one either: a word that is one letter
    from a known place, and single letters.
    """
    left = {
        at
        for at, word in enumerate(words)
        if word.is_name and at not in covered and not is_everyday(word)
    }
    if left:
        left.difference_update(_persons(words, covered))
        left.difference_update(at for at in tuple(left) if at and words[at - 1].ascii in DIRECTIONS)
        left.difference_update(_misspelt_places(words, frozenset(left), lexicon))
    return frozenset(left)


def is_everyday(word: Word) -> bool:
    """Whether it is one of the words that stand around names, or a part of a house."""
    written = word.ascii
    return (
        (len(written) == 1 and written != LOST)
        or written in _EVERYDAY
        or PARTS_OF_HOUSES.fullmatch(written) is not None
        or any(is_one_edit(written, one) for one in OFTEN_MISSPELT)
    )


def _persons(words: Sequence[Word], covered: AbstractSet[int]) -> Iterator[int]:
    """Where persons are named: after `c/o` or `familjen`, after an initial in front, or `-sson`."""
    yield from (at for at, word in enumerate(words) if word.ascii.endswith(PERSONS))
    for at, word in enumerate(words):
        if word.ascii in ("familjen", "fam"):
            yield at + 1
        elif [one.ascii for one in words[at : at + 3]] == ["c", "/", "o"]:
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
    words: Sequence[Word], left: AbstractSet[int], lexicon: Lexicon
) -> Iterator[int]:
    """Where the words stand that a known place may have been meant by."""
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
            if any(lexicon.mend(span, sort) for sort in KNOWN_PLACES):
                yield from range(start, end)
