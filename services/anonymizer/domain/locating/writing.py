"""A written place taken apart: its words, the names among them, and what they say of where."""

from collections.abc import Iterator, Sequence

from services.anonymizer.domain.locating.common_words import BESIDE
from services.anonymizer.domain.locating.heading import is_a_thing, is_person, is_qualified, onward
from services.anonymizer.domain.locating.lexicon import Hit, Lexicon, Sort, is_marked
from services.anonymizer.domain.locating.numbers import Numbers
from services.anonymizer.domain.locating.spelling import Word, words_of
from services.anonymizer.domain.locating.strangers import KNOWN_PLACES, Unknown, unknown
from services.anonymizer.domain.locating.vocabulary import BEFORE_OBJECTS

MOST_WORDS_READ = 40  # a place is said in fewer; a text made to be slow must not hold up others
MOST_MENDED_WORDS = 3
NUMBERED = frozenset({Sort.STREET, Sort.QUARTER})


class Writing:
    """A text's words and the names found in it, from left to right.

    Shape: `covered` are the places of the words that belong to names of ours, `onward` those that
    say where somebody came from or was going or where it was not, `hits` the names that say where it was; a name that
    the word in front makes another is none of ours. `is_whole` unless the text was longer than what
    is read.
    """

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        """Take a mended text apart."""
        every = words_of(text, lexicon.words)
        self.words = words = every[:MOST_WORDS_READ]
        self.is_whole = len(every) == len(words)
        self._lexicon = lexicon
        self._is_marked = is_marked(words)
        found = lexicon.search(words, marked=self._is_marked)
        found = [hit for hit in found if not is_a_thing(words, hit, text)]
        at_all = _covered(found)
        known = [hit for hit in found if not is_qualified(words, hit.start, at_all)]
        self.covered = at_all if len(known) == len(found) else _covered(known)
        self.onward = onward(words, known)
        self.hits: Sequence[Hit] = [
            hit for hit in known if hit.start not in self.onward and not is_person(words, hit)
        ]
        ends = {hit.end for hit in known if any(name.sort in NUMBERED for name in hit.names)}
        self.numbers = Numbers(words, self.covered, ends)
        self.unknown: Unknown = unknown(words, self.covered, at_all, text, self.mend)

    def mend(self, words: Sequence[Word], sort: Sort) -> Sequence[int]:
        """The names of a sort that unknown words of the text may have been meant as."""
        return self._lexicon.mend(words, sort, marked=self._is_marked)

    def named(self, sort: Sort) -> set[int]:
        """The numbers of the names of a sort in the text, a street with its number left out."""
        return {
            name.number
            for hit in self.hits
            for name in hit.names
            if name.sort is sort and not self._is_house(hit)
        }

    def localities(self) -> set[int] | None:
        """The locality that the text names, or means; several are none, and none is `None`.

        The municipality's name counts as its seat's only where no other locality is named.
        """
        named = [
            set(numbers)
            for hit in self.hits
            if (numbers := hit.of(Sort.LOCALITY))
            and not self._is_house(hit)
            and not hit.of(Sort.TOWN)
        ]
        if not named:
            seat = [hit.of(Sort.LOCALITY) for hit in self.hits if hit.of(Sort.TOWN)]
            named = [set(numbers) for numbers in seat if numbers]
        if not named:
            meant = [
                {name.number for name in names if name.sort is Sort.LOCALITY}
                for names in self.unknown.misspelt
            ]
            named = [numbers for numbers in meant if numbers]
        return set.intersection(*named) if named else None

    def _is_house(self, hit: Hit) -> bool:
        """Whether a name is a street's with its number."""
        return bool(hit.of(Sort.STREET) and self.numbers.of_street(hit.start, hit.end).each)

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
        is_apart = before.ascii in BEFORE_OBJECTS or before.plain in BESIDE or before.plain == "om"
        return is_apart or not before.is_name or start - 1 in self.covered

    def unknown_spans(self, end: int, *, with_names: bool = False) -> Iterator[Sequence[Word]]:
        """The words before `end` that are no name, unless `with_names`; longer runs last."""
        for start in range(end - 1, max(-1, end - 1 - MOST_MENDED_WORDS), -1):
            if not self.words[start].is_name or (start in self.covered and not with_names):
                return
            if not is_qualified(self.words, start, self.covered) and start not in self.onward:
                yield self.words[start:end]

    def explains(self, start: int, end: int) -> bool:
        """Whether nothing is left that may be another town if `[start, end)` is a name of ours."""
        return all(start <= at < end for at in self.unknown.strangers)

    def is_elsewhere(self) -> bool:
        """Whether a postal place is named that is not of this municipality."""
        for _, end in self.numbers.postcodes:
            stop = end
            while stop < len(self.words) and self.words[stop].is_name:
                stop += 1
            place = range(end, stop)
            if not place or not self.covered.isdisjoint(place):
                continue
            if not any(self.mend(self.words[end:stop], sort) for sort in KNOWN_PLACES):
                return True
        return False


def _covered(hits: Sequence[Hit]) -> frozenset[int]:
    return frozenset(at for hit in hits for at in range(hit.start, hit.end))


def _is_small(word: Word) -> bool:
    """Whether it is one of the words that stand around names."""
    return word.ascii in BEFORE_OBJECTS
