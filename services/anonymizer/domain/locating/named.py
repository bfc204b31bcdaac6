"""Properties, objects, places and roads by their names."""

from itertools import chain

from services.anonymizer.domain.locating.answers import Answers, Areas
from services.anonymizer.domain.locating.lexicon import Sort
from services.anonymizer.domain.locating.place import Place
from services.anonymizer.domain.locating.roads import roads_of
from services.anonymizer.domain.locating.writing import Writing
from shared.messages.event import Placement
from shared.quality import Confidence


class Named:
    """Finds named things in writings; `None` means that there is none to be read.

    All ways take the areas that the other names in the text allow.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def object(self, writing: Writing, allowed: Areas) -> Place | None:
        """An object, or the area that several of the same name are in."""
        hits = [
            hit for hit in writing.hits if hit.of(Sort.OBJECT) and writing.stands_alone(hit.start)
        ]
        if not hits:
            return None
        entries = self._answers.entries(
            Sort.OBJECT, chain.from_iterable(h.of(Sort.OBJECT) for h in hits)
        )
        is_exact = len(hits) == 1 and hits[0].is_exact
        confidence = Confidence.EXACT if is_exact else Confidence.GOOD
        return self._answers.at(entries, allowed, Placement.OBJECT, confidence)

    def property(self, writing: Writing, allowed: Areas) -> Place | None:
        """A property by quarter or tract, block and unit; of several the area that all are in."""
        entries: list[int] = []
        confidence = Confidence.EXACT
        for hit in writing.hits:
            written = writing.numbers.of_quarter(hit.end) if hit.of(Sort.QUARTER) else ()
            for quarter in hit.of(Sort.QUARTER):
                entries += self._answers.gazetteer.units_of(quarter, written)
            if not hit.is_exact:
                confidence = Confidence.GOOD
        return self._units(entries, allowed, confidence) if entries else None

    def quarter(self, writing: Writing, allowed: Areas) -> Place | None:
        """A quarter or tract without a unit, if it lies in one area."""
        if writing.numbers.has_any:
            return None
        found = chain.from_iterable(hit.of(Sort.QUARTER) for hit in writing.hits)
        areas = self._answers.areas_of(self._answers.entries(Sort.QUARTER, found))
        if not areas:
            return None
        return self._answers.only(areas & allowed, Placement.PROPERTY, Confidence.WEAK)

    def road(self, writing: Writing, allowed: Areas) -> Place | None:
        """A numbered road, where it lies in one area or a place on it is named."""
        if not any(roads_of(writing, self._answers.gazetteer.roads)):
            return None
        return self._answers.only(allowed, Placement.ROAD, Confidence.WEAK)

    def place(self, writing: Writing, allowed: Areas) -> Place | None:
        """The name of a place or an area, where nothing else was to be read."""
        if writing.numbers.has_any or any(writing.is_followed(hit.end) for hit in writing.hits):
            return None
        upper, places = writing.named(Sort.AREA), writing.named(Sort.PLACE)
        if not upper and not places:
            return None
        is_leaf = any(len(self._answers.leaves[at]) == 1 for at in upper)
        confidence = Confidence.GOOD if is_leaf else Confidence.WEAK
        return self._answers.only(allowed, Placement.PLACE, confidence)

    def mended_object(self, writing: Writing, allowed: Areas) -> Place | None:
        """An object with a small mistake in its name, which may begin with a name of its own."""
        objects = [hit for hit in writing.hits if hit.of(Sort.OBJECT)]
        for at in range(len(writing.words), 0, -1):
            for span in writing.unknown_spans(at, with_names=True):
                start = at - len(span)
                if not (writing.explains(start, at) and writing.stands_alone(start)):
                    continue
                if any(start <= hit.start and hit.end <= at for hit in objects):
                    continue  # it is written right, and what is strange stands beside it
                found = writing.mend(span, Sort.OBJECT)
                if len(found) == 1:
                    entries = self._answers.entries(Sort.OBJECT, found)
                    return self._answers.at(entries, allowed, Placement.OBJECT, Confidence.WEAK)
        return None

    def mended_property(self, writing: Writing, allowed: Areas) -> Place | None:
        """A property with a small mistake in its name and a unit that exists."""
        for at in range(1, len(writing.words)):
            if not writing.words[at].is_number:
                continue
            for span in writing.unknown_spans(at):
                if not writing.explains(at - len(span), at):
                    continue
                found = writing.mend(span, Sort.QUARTER)
                written = writing.numbers.of_quarter(at)
                if len(found) == 1 and written:
                    entries = self._answers.gazetteer.units_of(found[0], written)
                    if entries:
                        return self._units(entries, allowed, Confidence.WEAK)
        return None

    def _units(self, entries: list[int], allowed: Areas, confidence: Confidence) -> Place:
        """The place of one unit, or the area that all of several are in."""
        if len(entries) == 1:
            return self._answers.at(entries, allowed, Placement.PROPERTY, confidence)
        areas = self._answers.areas_of(entries)
        left = areas & allowed if len(areas) == 1 else areas
        return self._answers.only(left, Placement.PROPERTY, Confidence.WEAK)
