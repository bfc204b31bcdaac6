"""What a reading of a text comes to: the one area that fits, or the rest area and why."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain

from services.anonymizer.domain.gazetteer import Gazetteer
from services.anonymizer.domain.lexicon import Sort
from services.anonymizer.domain.place import Place
from services.anonymizer.domain.writing import Writing
from shared.messages.event import Placement
from shared.quality import Confidence


class Answers:
    """Makes places of entries and areas of one division.

    Shape: `areas` are the entries' areas by their numbers in `codes`; `leaves` are the areas below
    each of the gazetteer's `area_codes`.
    """

    def __init__(
        self, gazetteer: Gazetteer, areas: "array[int]", codes: Sequence[str], *, rest: str
    ) -> None:
        self.gazetteer = gazetteer
        self.areas = areas
        self._codes = codes
        self._rest_code = rest
        self.leaves = {
            at: {leaf for leaf, code in enumerate(codes) if code.startswith(upper)}
            for at, upper in enumerate(gazetteer.area_codes)
        }

    def at(self, entries: Sequence[int], placement: Placement, confidence: Confidence) -> Place:
        """The place of one entry, or the area of several."""
        first = entries[0]
        area = self.areas[first]
        if len(entries) > 1 and any(self.areas[entry] != area for entry in entries):
            return self.rest(Placement.REST_AMBIGUOUS)
        if area < 0:
            return self.rest(Placement.REST_OUTSIDE)
        e, n = self.gazetteer.e[first], self.gazetteer.n[first]
        return Place(self._codes[area], placement, confidence, e, n)

    def only(self, areas: set[int], placement: Placement, confidence: Confidence) -> Place:
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

    def named_areas(self, writing: Writing) -> set[int]:
        """The areas that the names of areas and places in the text lie in."""
        places = self.entries(Sort.PLACE, writing.named(Sort.PLACE))
        named = {self.areas[entry] for entry in places}
        return named.union(*(self.leaves[at] for at in writing.named(Sort.AREA)))

    def local_areas(self, writing: Writing) -> set[int]:
        """The areas that the addresses of the localities in the text lie in."""
        localities = writing.named(Sort.LOCALITY)
        if not localities:
            return set()
        streets = chain.from_iterable(self.gazetteer.streets)
        return {
            self.areas[entry]
            for street in streets
            if street.locality in localities
            for entry in range(street.first, street.end)
        }
