"""Addresses: a street with or without its number, and crossings."""

from collections.abc import Iterable, Sequence
from itertools import chain

from services.anonymizer.domain.answers import Answers
from services.anonymizer.domain.gazetteer import Street
from services.anonymizer.domain.lexicon import Sort
from services.anonymizer.domain.place import Place
from services.anonymizer.domain.writing import House, Writing
from shared.messages.event import Placement
from shared.quality import Confidence


class Houses:
    """Finds addresses in writings; `None` means that there is none to be read."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def numbered(self, writing: Writing) -> Place | None:
        """A street with a house number; of several such the area that all are in."""
        found: list[tuple[Sequence[int], House, bool]] = []
        for hit in writing.hits:
            streets = hit.of(Sort.STREET)
            if not streets or writing.is_qualified(hit.start):
                continue
            house = writing.house_at(hit.start, hit.end)
            if house is not None:
                found.append((streets, house, hit.is_exact))
        if len(found) == 1:
            return self._house(writing, *found[0])
        if not found:
            return None
        places = [self._house(writing, *one) for one in found]
        return self._answers.agreed({one.area for one in places}, Placement.STREET, Confidence.WEAK)

    def street(self, writing: Writing) -> Place | None:
        """One street without a number, or the crossing of two."""
        found = [
            streets
            for hit in writing.hits
            if (streets := hit.of(Sort.STREET)) and not writing.is_qualified(hit.start)
        ]
        if not found:
            return None
        by_name = [self._parts(writing, streets) for streets in found]
        if len(by_name) == 1:
            (parts,) = by_name
            if len(parts) == 1:
                return self._on(writing, parts[0], None)
            return self._one_of(writing, parts, None)
        areas = [
            {self._answers.areas[entry] for part in parts for entry in range(part.first, part.end)}
            for parts in by_name
        ]
        common = set.intersection(*areas)
        return self._answers.only(common, Placement.STREET, Confidence.WEAK)

    def mended(self, writing: Writing) -> Place | None:
        """A street with a small mistake in its name and a number that it has."""
        lexicon = self._answers.gazetteer.lexicon
        for at in range(1, len(writing.words)):
            if not writing.is_house_number(at):
                continue
            for span in writing.unknown_spans(at):
                streets = lexicon.mend(span, Sort.STREET)
                house = writing.house_at(at - len(span), at)
                if len(streets) != 1 or house is None or not writing.explains(at - len(span), at):
                    continue
                parts = self._answers.gazetteer.streets[streets[0]]
                if any(self._answers.gazetteer.house(part, *house) for part in parts):
                    return self._house(writing, streets, house, is_exact=False)
        return None

    def _house(
        self,
        writing: Writing,
        streets: Sequence[int],
        house: House,
        is_exact: bool,  # noqa: FBT001
    ) -> Place:
        parts = self._parts(writing, streets)
        if len(parts) != 1:
            return self._one_of(writing, parts, house)
        (street,) = parts
        entries = self._answers.gazetteer.house(street, *house)
        if not entries:
            return self._on(writing, street, house)
        is_right = is_exact and self._answers.gazetteer.door(street, *house) is not None
        confidence = Confidence.EXACT if is_right else Confidence.GOOD
        return self._answers.at(entries, Placement.ADDRESS, confidence)

    def _parts(self, writing: Writing, streets: Iterable[int]) -> list[Street]:
        """The streets of the names, in the locality that is named, if one is."""
        parts = list(chain.from_iterable(self._answers.gazetteer.streets[at] for at in streets))
        localities = writing.named(Sort.LOCALITY)
        if not localities:
            localities = self._mended_localities(writing)
        if not localities:
            return parts
        return [part for part in parts if part.locality in localities]

    def _mended_localities(self, writing: Writing) -> set[int]:
        """The locality that an unknown word is meant as, if only one can be."""
        mend = self._answers.gazetteer.lexicon.mend
        found = {
            number
            for at in range(1, len(writing.words) + 1)
            for span in writing.unknown_spans(at)
            for number in mend(span, Sort.LOCALITY)
        }
        return found if len(found) == 1 else set()

    def _one_of(self, writing: Writing, parts: Sequence[Street], house: House | None) -> Place:
        """Several streets, or none in the locality named: an area only if all agree on it."""
        if not parts:
            return self._answers.rest(Placement.REST_ADDRESS)
        by_part = [
            (house and self._answers.gazetteer.house(part, *house)) or range(part.first, part.end)
            for part in parts
        ]
        areas = {self._answers.areas[entry] for entries in by_part for entry in entries}
        named = self._answers.named_areas(writing)
        if named:
            areas &= named
        placement = Placement.STREET if house is None else Placement.ADDRESS
        entries = [one for some in by_part for one in some if self._answers.areas[one] in areas]
        if len(entries) == 1:
            return self._answers.at(entries, placement, Confidence.GOOD)
        return self._answers.only(areas, placement, Confidence.WEAK)

    def _on(self, writing: Writing, street: Street, house: House | None) -> Place:
        """A street whose number is missing or not in the register."""
        entries: Sequence[int] = range(street.first, street.end)
        areas = {self._answers.areas[entry] for entry in entries}
        if len(areas) > 1 and house is not None:
            beside = self._answers.gazetteer.beside(street, house.number)
            areas = {self._answers.areas[entry] for entry in beside} or areas
        named = self._answers.named_areas(writing)
        if len(areas) > 1 and named:
            areas &= named
        return self._answers.only(areas, Placement.STREET, Confidence.WEAK)
