"""Words of ordinary Swedish, told from names of places by their form: descriptions of where and what.

A word describes if it is a small word, an attribute or a common noun, or is made of parts that make
no place's name. A word with a capital may be a village (Skogen), unless its parts are in no name.
Any other word is unknown, and may be a town.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from services.anonymizer.domain.locating.common_nouns import (
    ALONE,
    FIRST_PARTS,
    LAST_PARTS,
    TOWN_LIKE_PARTS,
)
from services.anonymizer.domain.locating.common_words import (
    ATTRIBUTES,
    BESIDE,
    COMPASS,
    ENDS_OF_PARTICIPLES,
    FUNCTION_WORDS,
    VERBS,
)
from services.anonymizer.domain.locating.letters import with_and_without_marks
from services.anonymizer.domain.locating.other_towns import OTHER_TOWNS
from services.anonymizer.domain.locating.spelling import Word

SHORTEST_PART = 4
NOUNS = LAST_PARTS | ALONE
"""Common nouns as they are written, in all their forms."""
_IN_NAMES_TOO = frozenset({"stora", "svarta"})  # so they describe only beside what is counted
_ONE_IN_OR = frozenset({"dator", "rullator", "traktor"})
_KNOWN = ALONE | FUNCTION_WORDS | ATTRIBUTES | VERBS | BESIDE
_BEFORE_COMPASS = frozenset({"at", "mot", "fran"})
_CAPITALISED = re.compile(r"(?<!\A)\b[^\W\d_a-zåäöéü]\w*")
_ENDS_OF_TOWNS = """
stad sta by ryd red hult köping berga berg torp arp vik dal dalen holm borg fors hamn lunda lund tuna
näs sund inge boda sjö strand rud löv måla sätra säter gatan vägen
"""
_LIKE_TOWNS = tuple(with_and_without_marks(_ENDS_OF_TOWNS.split()))
"""How places and streets end, as no first part of a word may that is only told by its last."""


def capitalised(text: str) -> frozenset[str]:
    """The words of a text that have a capital, in lower case, but for the first.

    If all letters are capitals they tell nothing.
    """
    if text.isupper():
        return frozenset()
    return frozenset(found.casefold() for found in _CAPITALISED.findall(text.lstrip()))


def is_description(words: Sequence[Word], at: int, names: AbstractSet[str]) -> bool:
    """Whether the word there describes. Shape: `names` are the words with a capital."""
    written = words[at].plain
    if written in OTHER_TOWNS or words[at].ascii in OTHER_TOWNS:
        return False
    if written in LAST_PARTS or _is_made_of_parts(written):
        return True
    if written in names:
        return False
    if written in COMPASS:
        after = words[at + 1].ascii if at + 1 < len(words) else ""
        return after == "om" or (at > 0 and words[at - 1].ascii in _BEFORE_COMPASS)
    return written in _KNOWN or _is_told_by_its_end(written)


def is_several(word: Word, *, after: Word | None = None) -> bool:
    """Whether a word is a noun in the plural; `after` an attribute in the plural by its form alone."""
    written = word.plain
    stem, ending = written[:-2], written[-2:]
    if written in NOUNS:
        is_plural = ending == "or" and written not in _ONE_IN_OR
        return is_plural or ending == "ar" or (ending == "er" and stem in NOUNS)
    is_form = ending in ("ar", "or", "er") and written not in VERBS
    if after is None or not is_form:
        return False
    return is_attribute(after) and after.plain.endswith(("a", "ade", "ande", "ende"))


def is_attribute(word: Word) -> bool:
    """Whether a word is an adjective or a participle."""
    known = word.plain in ATTRIBUTES or word.plain in _IN_NAMES_TOO
    return known or word.plain.endswith(ENDS_OF_PARTICIPLES)


def _is_made_of_parts(written: str) -> bool:
    """Whether a word is one of the known first parts and one of the last."""
    return any(
        written[:at] in FIRST_PARTS
        and (written[at:] in TOWN_LIKE_PARTS or written[at:] in LAST_PARTS)
        for at in range(2, len(written) - 2)
    )


def _is_told_by_its_end(written: str) -> bool:
    """Whether a word has a last part that no place has, and no place for its first."""
    if written.endswith(ENDS_OF_PARTICIPLES):
        return True
    for at in range(2, len(written) - SHORTEST_PART + 1):
        if written[at:] in LAST_PARTS:
            firsts = {written[:at], written[:at].removesuffix("s")}
            return firsts.isdisjoint(OTHER_TOWNS) and not any(
                first.endswith(_LIKE_TOWNS) for first in firsts
            )
    return False
