"""What the names in a text say of the area: each allows some, and the place lies where all agree."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import chain

from services.anonymizer.domain.locating.answers import Answers, Areas
from services.anonymizer.domain.locating.lexicon import Hit, Name, Sort
from services.anonymizer.domain.locating.relations import between, is_between
from services.anonymizer.domain.locating.roads import roads_of
from services.anonymizer.domain.locating.writing import Writing

_STREET, _LOCALITY = {Sort.STREET}, {Sort.LOCALITY}


def _is_usual(writing: Writing) -> bool:
    """Whether a street, in one locality or none, is all: its parts are chosen by that anyway."""
    streets = localities = 0
    for hit in writing.hits:
        sorts = {name.sort for name in hit.names}
        if sorts == _STREET:
            streets += 1
        elif sorts == _LOCALITY:
            localities += 1
        elif Sort.TOWN not in sorts:
            return False
    is_one = streets == 1 and localities <= 1
    return (
        is_one
        and not writing.unknown.misspelt
        and not writing.numbers.has_road
        and not is_between(writing.words)
    )


class Claims:
    """Finds the areas that a text leaves possible; a text that contradicts itself leaves none."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def of(self, writing: Writing) -> Areas:
        """The areas that every name in the text allows, also a misspelt place; else all.

        Between two places it may be in the areas of either, also where they have one in common: one
        must be left, else there is none. An end that is misspelt or a road is not known enough.
        """
        if _is_usual(writing):
            return self._answers.every
        ends = between(writing.words, writing.hits)
        left = self._all_of(chain(self._hits(writing, ends.outside), self._others(writing)))
        if not is_between(writing.words):
            return left
        if ends.second:
            first, second = self._hits(writing, ends.first), self._hits(writing, ends.second)
            left &= self._all_of(first) | self._all_of(second)
        is_known = ends.second or not (writing.unknown.has_any or writing.numbers.has_road)
        return left if is_known and len(left) == 1 else frozenset()

    def _all_of(self, claims: Iterable[AbstractSet[int]]) -> AbstractSet[int]:
        left: AbstractSet[int] = self._answers.every
        for allowed in claims:
            left &= allowed
        return left

    def _hits(self, writing: Writing, hits: Iterable[Hit]) -> Iterator[AbstractSet[int]]:
        for hit in hits:
            if not self._says_nothing(hit.names):
                yield set().union(
                    *(self._of(writing, name, hit.start, hit.end) for name in hit.names)
                )

    def _others(self, writing: Writing) -> Iterator[AbstractSet[int]]:
        """The areas of misspelt places and of numbered roads."""
        for names in writing.unknown.misspelt:
            if not self._says_nothing(names):
                yield set().union(
                    *(self._of(writing, name, 0, len(writing.words)) for name in names)
                )
        for entries in roads_of(writing, self._answers.gazetteer.roads):
            yield self._answers.areas_of(entries)

    def _says_nothing(self, names: Iterable[Name]) -> bool:
        """Whether a name is also the municipality's, or only an area's that this division lacks."""
        gone = all(
            name.sort is Sort.AREA and not self._answers.leaves[name.number] for name in names
        )
        return gone or any(name.sort is Sort.TOWN for name in names)

    def _of(self, writing: Writing, name: Name, start: int, end: int) -> Iterable[int]:
        """The areas that one sense of a name lies in, with the number that stands by it."""
        answers = self._answers
        if name.sort is Sort.AREA:
            return answers.leaves[name.number]
        if name.sort is Sort.LOCALITY:
            return answers.localities[name.number]
        if name.sort is Sort.STREET:
            return self._of_street(writing, name.number, start, end)
        if name.sort is Sort.QUARTER:
            given = answers.gazetteer.units_of(name.number, writing.numbers.of_quarter(end))
            return answers.areas_of(given or answers.entries(name.sort, (name.number,)))
        return answers.areas_of(answers.entries(name.sort, (name.number,)))

    def _of_street(self, writing: Writing, street: int, start: int, end: int) -> Iterator[int]:
        houses = writing.numbers.of_street(start, end).each
        for part in self._answers.parts(writing, (street,)):
            known = [
                entry for house in houses for entry in self._answers.gazetteer.house(part, *house)
            ]
            yield from self._answers.areas_of(known or range(part.first, part.end))
