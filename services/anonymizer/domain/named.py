"""Properties, objects, places and roads by their names."""

from collections.abc import Iterable
from itertools import chain

from services.anonymizer.domain.answers import Answers
from services.anonymizer.domain.gazetteer import unit_key
from services.anonymizer.domain.lexicon import Sort
from services.anonymizer.domain.place import Place
from services.anonymizer.domain.vocabulary import ROAD_WORDS
from services.anonymizer.domain.writing import Writing
from shared.messages.event import Placement
from shared.quality import Confidence


class Named:
    """Finds named things in writings; `None` means that there is none to be read."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def object(self, writing: Writing) -> Place | None:
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
        return self._answers.at(entries, Placement.OBJECT, confidence)

    def property(self, writing: Writing) -> Place | None:
        """A property by quarter or tract, block and unit."""
        entries: list[int] = []
        is_exact = True
        for hit in writing.hits:
            if not writing.is_qualified(hit.start):
                entries += self._units(writing, hit.end, hit.of(Sort.QUARTER))
                is_exact &= hit.is_exact
        if not entries:
            return None
        confidence = Confidence.EXACT if is_exact else Confidence.GOOD
        return self._answers.at(entries, Placement.PROPERTY, confidence)

    def quarter(self, writing: Writing) -> Place | None:
        """A quarter or tract without a unit, if it lies in one area."""
        if writing.has_number:
            return None
        found = chain.from_iterable(hit.of(Sort.QUARTER) for hit in writing.hits)
        entries = self._answers.entries(Sort.QUARTER, found)
        areas = {self._answers.areas[entry] for entry in entries}
        return self._answers.only(areas, Placement.PROPERTY, Confidence.WEAK) if entries else None

    def road(self, writing: Writing) -> Place | None:
        """A numbered road, where it lies in one area or a place on it is named."""
        entries: list[int] = []
        for word, number in zip(writing.words, writing.words[1:], strict=False):
            if number.is_number and word.ascii == "e":
                entries += self._answers.gazetteer.roads.get(f"E{int(number.plain)}", ())
            elif number.is_number and word.ascii in ROAD_WORDS:
                entries += self._answers.gazetteer.roads.get(str(int(number.plain)), ())
        if not entries:
            return None
        areas = {self._answers.areas[entry] for entry in entries}
        named = self._answers.named_areas(writing) or self._answers.local_areas(writing)
        if len(areas) > 1 and named:
            areas &= named
        return self._answers.only(areas, Placement.ROAD, Confidence.WEAK)

    def place(self, writing: Writing) -> Place | None:
        """The name of a place or an area, where nothing else was to be read."""
        if writing.has_number or any(writing.is_followed(hit.end) for hit in writing.hits):
            return None
        leaves = set[int]().union(*(self._answers.leaves[at] for at in writing.named(Sort.AREA)))
        if len(leaves) == 1:
            return self._answers.only(leaves, Placement.PLACE, Confidence.GOOD)
        entries = self._answers.entries(Sort.PLACE, writing.named(Sort.PLACE))
        areas = {self._answers.areas[entry] for entry in entries}
        return self._answers.only(areas, Placement.PLACE, Confidence.WEAK) if entries else None

    def mended_object(self, writing: Writing) -> Place | None:
        """An object with a small mistake in its name, which may begin with a name of its own."""
        objects = [hit for hit in writing.hits if hit.of(Sort.OBJECT)]
        mend = self._answers.gazetteer.lexicon.mend
        for at in range(len(writing.words), 0, -1):
            for span in writing.unknown_spans(at, with_names=True):
                start = at - len(span)
                if not (writing.explains(start, at) and writing.stands_alone(start)):
                    continue
                if any(start <= hit.start and hit.end <= at for hit in objects):
                    continue  # it is written right, and what is strange stands beside it
                found = mend(span, Sort.OBJECT)
                if len(found) == 1:
                    entries = self._answers.entries(Sort.OBJECT, found)
                    return self._answers.at(entries, Placement.OBJECT, Confidence.GOOD)
        return None

    def mended_property(self, writing: Writing) -> Place | None:
        """A property with a small mistake in its name and a unit that exists."""
        mend = self._answers.gazetteer.lexicon.mend
        for at in range(1, len(writing.words)):
            if not writing.words[at].is_number:
                continue
            for span in writing.unknown_spans(at):
                if not writing.explains(at - len(span), at):
                    continue
                found = mend(span, Sort.QUARTER)
                entries = self._units(writing, at, found)
                if len(found) == 1 and entries:
                    return self._answers.at(entries, Placement.PROPERTY, Confidence.GOOD)
        return None

    def _units(self, writing: Writing, at: int, quarters: Iterable[int]) -> list[int]:
        """The entries of the unit, or block and unit, that stands there."""
        words = writing.words
        while at < len(words) and words[at].ascii in ("nr", ","):
            at += 1
        if at >= len(words) or not words[at].is_number:
            return []
        has_block = at + 2 < len(words) and words[at + 1].plain == ":" and words[at + 2].is_number
        first, second = words[at].plain, words[at + 2].plain if has_block else None
        units = self._answers.gazetteer.units
        keys = (unit_key(quarter, first, second) for quarter in quarters)
        return [units[key] for key in keys if key in units]
