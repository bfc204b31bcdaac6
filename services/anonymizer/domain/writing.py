"""A written place taken apart: its words, the names among them, and what they say of where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from services.anonymizer.domain.lexicon import Hit, Lexicon, Sort
from services.anonymizer.domain.spelling import Word, words_of
from services.anonymizer.domain.strangers import KNOWN_PLACES, strangers
from services.anonymizer.domain.vocabulary import (
    APARTMENTS,
    BEFORE_OBJECTS,
    NUMBER_SIGNS,
    QUALIFIERS,
)

MOST_WORDS_READ = 40  # a place is said in fewer; a text made to be slow must not hold up others
MOST_HOUSE_DIGITS = 4
MOST_MENDED_WORDS = 3


class House(NamedTuple):
    """A house number and its letter, which may be empty."""

    number: int
    letter: str


@dataclass(frozen=True)
class Writing:
    """A text's words and the names found in it, from left to right.

    Shape: `is_whole` unless the text was longer than what is read.
    """

    words: Sequence[Word]
    hits: Sequence[Hit]
    lexicon: Lexicon
    is_whole: bool = True

    @classmethod
    def of(cls, text: str, lexicon: Lexicon) -> "Writing":
        """Take a mended text apart."""
        every = words_of(text, lexicon.words)
        words = every[:MOST_WORDS_READ]
        return cls(words, lexicon.search(words), lexicon, len(every) == len(words))

    @cached_property
    def covered(self) -> frozenset[int]:
        """The places of the words that belong to a name."""
        return frozenset(at for hit in self.hits for at in range(hit.start, hit.end))

    @cached_property
    def postcodes(self) -> list[tuple[int, int]]:
        """Where postal codes stand: `123 45` or `12345`, as `[first, end)` of words."""
        found = []
        for at, word in enumerate(self.words):
            if not word.is_number:
                continue
            if len(word.plain) == 5:
                found.append((at, at + 1))
            elif len(word.plain) == 3 and self._digits(at + 1) == 2:
                found.append((at, at + 2))
        return found

    @property
    def has_number(self) -> bool:
        """Whether there is a number that is no postal code."""
        return any(self.is_house_number(at) for at in range(len(self.words)))

    def is_house_number(self, at: int) -> bool:
        """Whether the word there can be a house number."""
        if not 0 <= at < len(self.words) or not self.words[at].is_number:
            return False
        if len(self.words[at].plain) > MOST_HOUSE_DIGITS:
            return False
        if at and self.words[at - 1].ascii in APARTMENTS:
            return False
        return not any(first <= at < end for first, end in self.postcodes)

    def named(self, *sorts: Sort) -> set[int]:
        """The numbers of the names of these sorts in the text, a street with its number left out."""
        return {
            name.number
            for hit in self.hits
            if not (self.house_at(hit.start, hit.end) and hit.of(Sort.STREET))
            for name in hit.names
            if name.sort in sorts
        }

    def house_at(self, start: int, end: int) -> House | None:
        """The house number that belongs to the words `[start, end)`: after them, else before."""
        after = end
        while after < len(self.words) and self.words[after].ascii in NUMBER_SIGNS:
            after += 1
        if self.is_house_number(after):
            return House(int(self.words[after].plain), self._letter(after + 1))
        letter = ""
        before = start - 1
        if before >= 1 and len(self.words[before].ascii) == 1 and self.words[before].is_name:
            letter = self.words[before].ascii
            before -= 1
        if self.is_house_number(before):
            return House(int(self.words[before].plain), letter)
        return None

    def is_qualified(self, start: int) -> bool:
        """Whether the word in front makes another name of what begins there."""
        return start > 0 and self.words[start - 1].ascii in QUALIFIERS

    def is_followed(self, end: int) -> bool:
        """Whether an unknown word follows, which may make another name of what ends there."""
        return (
            end < len(self.words)
            and self.words[end].is_name
            and not (end in self.covered or _is_small(self.words[end]))
        )

    def stands_alone(self, start: int) -> bool:
        """Whether nothing in front may be a part of the name that begins there."""
        if start == 0:
            return True
        before = self.words[start - 1]
        return not before.is_name or before.ascii in BEFORE_OBJECTS or start - 1 in self.covered

    def unknown_spans(self, end: int, *, with_names: bool = False) -> Iterator[Sequence[Word]]:
        """The words before `end` that are no name, unless `with_names`; longer runs last."""
        for start in range(end - 1, max(-1, end - 1 - MOST_MENDED_WORDS), -1):
            if not self.words[start].is_name or (start in self.covered and not with_names):
                return
            if not self.is_qualified(start):
                yield self.words[start:end]

    @cached_property
    def strangers(self) -> frozenset[int]:
        """The places of the words that nothing explains, each of which may be another town."""
        return strangers(self.words, self.covered, self.lexicon)

    def explains(self, start: int, end: int) -> bool:
        """Whether nothing is left that may be another town if `[start, end)` is a name of ours."""
        return all(start <= at < end for at in self.strangers)

    def is_elsewhere(self) -> bool:
        """Whether a postal place is named that is not of this municipality."""
        for _, end in self.postcodes:
            stop = end
            while stop < len(self.words) and self.words[stop].is_name:
                stop += 1
            place = range(end, stop)
            if not place or not self.covered.isdisjoint(place):
                continue
            if not any(self.lexicon.mend(self.words[end:stop], sort) for sort in KNOWN_PLACES):
                return True
        return False

    def _digits(self, at: int) -> int:
        """How many digits the word there has."""
        return len(self.words[at].plain) if at < len(self.words) and self.words[at].is_number else 0

    def _letter(self, at: int) -> str:
        """The letter of a house number; `i` with a word after it is a preposition."""
        if at >= len(self.words) or len(self.words[at].ascii) != 1 or not self.words[at].is_name:
            return ""
        letter = self.words[at].ascii
        is_preposition = letter == "i" and at + 1 < len(self.words)
        return "" if is_preposition else letter


def _is_small(word: Word) -> bool:
    """Whether it is one of the words that stand around names."""
    return word.ascii in BEFORE_OBJECTS
