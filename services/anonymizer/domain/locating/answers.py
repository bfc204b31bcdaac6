"""What a reading of a text comes to: the one area that fits, or the rest area and why."""

from array import array
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import TypeAlias

from services.anonymizer.domain.locating.gazetteer import Gazetteer, Street
from services.anonymizer.domain.locating.lexicon import Sort
from services.anonymizer.domain.locating.place import Place
from services.anonymizer.domain.locating.writing import Writing
from shared.messages.event import Placement
from shared.quality import Confidence

OUTSIDE = -1

Areas: TypeAlias = AbstractSet[int]
"""Areas by their numbers in a division, or `OUTSIDE`."""


class Answers:
    """Makes places of entries and areas of one division.

    Shape: `areas` are the entries' areas by their numbers in `codes`, `every` are all these;
    `leaves` are the areas below each of the gazetteer's `area_codes`, `localities` those that the
    addresses of each locality lie in.
    """

    def __init__(
        self, gazetteer: Gazetteer, areas: "array[int]", codes: Sequence[str], *, rest: str
    ) -> None:
        self.gazetteer = gazetteer
        self.areas = areas
        self.every: Areas = frozenset(range(OUTSIDE, len(codes)))
        self._codes = codes
        self._rest_code = rest
        self.leaves = {
            at: {leaf for leaf, code in enumerate(codes) if code.startswith(upper)}
            for at, upper in enumerate(gazetteer.area_codes)
        }
        self.localities: list[set[int]] = [set() for _ in gazetteer.localities]
        for street in chain.from_iterable(gazetteer.streets):
            self.localities[street.locality].update(areas[street.first : street.end])

    def at(
        self,
        entries: Sequence[int],
        allowed: Areas,
        placement: Placement,
        confidence: Confidence,
    ) -> Place:
        """The place of the entries in allowed areas, if these are one area; else ambiguous."""
        left = [entry for entry in entries if self.areas[entry] in allowed]
        if len({self.areas[entry] for entry in left}) != 1:
            return self.rest(Placement.REST_AMBIGUOUS)
        return self.of(left[0], placement, confidence)

    def of(self, entry: int, placement: Placement, confidence: Confidence) -> Place:
        """The place of one entry."""
        area = self.areas[entry]
        if area < 0:
            return self.rest(Placement.REST_OUTSIDE)
        e, n = self.gazetteer.e[entry], self.gazetteer.n[entry]
        return Place(self._codes[area], placement, confidence, e, n)

    def only(self, areas: Areas, placement: Placement, confidence: Confidence) -> Place:
        """The place of the only area; none or several are ambiguous."""
        if len(areas) != 1:
            return self.rest(Placement.REST_AMBIGUOUS)
        (area,) = areas
        if area < 0:
            return self.rest(Placement.REST_OUTSIDE)
        return Place(self._codes[area], placement, confidence)

    def agreed(self, codes: set[str], placement: Placement, confidence: Confidence) -> Place:
        """The place of the only code; several, or the rest code among them, are ambiguous."""
        if len(codes) != 1 or self._rest_code in codes:
            return self.rest(Placement.REST_AMBIGUOUS)
        (code,) = codes
        return Place(code, placement, confidence)

    def rest(self, placement: Placement) -> Place:
        """The rest area, with the reason."""
        return Place(self._rest_code, placement, Confidence.NONE)

    def entries(self, sort: Sort, numbers: Iterable[int]) -> list[int]:
        """The entries of names of one sort."""
        table = self.gazetteer.entries_of[sort]
        return [entry for number in numbers for entry in table[number]]

    def areas_of(self, entries: Sequence[int]) -> set[int]:
        """The areas that entries lie in."""
        if isinstance(entries, range):
            return set(self.areas[entries.start : entries.stop])
        return {self.areas[entry] for entry in entries}

    def parts(self, writing: Writing, streets: Iterable[int]) -> list[Street]:
        """The streets of the names, in the locality that is named, or meant, if one is."""
        parts = list(chain.from_iterable(self.gazetteer.streets[at] for at in streets))
        localities = writing.localities()
        if localities is None:
            return parts
        return [part for part in parts if part.locality in localities]
