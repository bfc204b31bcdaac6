"""Addresses: a street with or without its number, and crossings."""

from collections.abc import Sequence

from services.anonymizer.domain.locating.answers import Answers, Areas
from services.anonymizer.domain.locating.gazetteer import Street
from services.anonymizer.domain.locating.lexicon import Sort
from services.anonymizer.domain.locating.numbers import House, HouseNumbers
from services.anonymizer.domain.locating.place import Place
from services.anonymizer.domain.locating.writing import Writing
from shared.messages.event import Placement
from shared.quality import Confidence


class Houses:
    """Finds addresses in writings; `None` means that there is none to be read.

    All ways take the areas that the other names in the text allow.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def numbered(self, writing: Writing, allowed: Areas) -> Place | None:
        """A street with a house number; of several such the area that all are in."""
        places: list[Place] = []
        for hit in writing.hits:
            streets = hit.of(Sort.STREET)
            if streets:
                houses = writing.numbers.of_street(hit.start, hit.end)
                best = Confidence.EXACT if hit.is_exact else Confidence.GOOD
                places += self._all(self._answers.parts(writing, streets), houses, allowed, best)
        return self._agreed(places)

    def street(self, writing: Writing, allowed: Areas) -> Place | None:
        """One street without a number, or the crossing of several."""
        found = [streets for hit in writing.hits if (streets := hit.of(Sort.STREET))]
        if not found:
            return None
        parts = self._answers.parts(writing, found[0])
        if len(found) == 1:
            return self._somewhere(parts, allowed)
        return self._answers.only(allowed, Placement.STREET, Confidence.WEAK)

    def mended(self, writing: Writing, allowed: Areas) -> Place | None:
        """A street with a small mistake in its name and numbers that it has."""
        for at in range(1, len(writing.words)):
            if not writing.numbers.is_house(at):
                continue
            for span in writing.unknown_spans(at):
                streets = writing.mend(span, Sort.STREET)
                if len(streets) != 1 or not writing.explains(at - len(span), at):
                    continue
                houses = writing.numbers.of_street(at - len(span), at)
                all_parts = self._answers.gazetteer.streets[streets[0]]
                if all(self._has(all_parts, house) for house in houses.each):
                    parts = self._answers.parts(writing, streets)
                    return self._agreed(list(self._all(parts, houses, allowed, Confidence.WEAK)))
        return None

    def _all(
        self, parts: Sequence[Street], houses: HouseNumbers, allowed: Areas, best: Confidence
    ) -> Sequence[Place]:
        """The place of each house that is written, and of those of the register inside a range."""
        between = [house for house in houses.between() if self._has(parts, house)]
        return [self._house(parts, house, allowed, best) for house in (*houses.each, *between)]

    def _agreed(self, places: Sequence[Place]) -> Place | None:
        if len(places) < 2:
            return places[0] if places else None
        areas = {one.area for one in places}
        return self._answers.agreed(areas, Placement.STREET, Confidence.WEAK)

    def _has(self, parts: Sequence[Street], house: House) -> bool:
        return any(self._answers.gazetteer.house(part, *house) for part in parts)

    def _house(
        self, parts: Sequence[Street], house: House, allowed: Areas, best: Confidence
    ) -> Place:
        """One house of a street, or of several of the same name."""
        if len(parts) != 1:
            return self._one_of(parts, house, allowed, best)
        (street,) = parts
        gazetteer = self._answers.gazetteer
        entries = gazetteer.house(street, *house)
        if not entries:
            return self._beside(street, house, allowed)
        is_door = best is not Confidence.EXACT or gazetteer.door(street, *house) is not None
        return self._answers.at(
            entries, allowed, Placement.ADDRESS, best if is_door else Confidence.GOOD
        )

    def _one_of(
        self, parts: Sequence[Street], house: House, allowed: Areas, best: Confidence
    ) -> Place:
        """Several streets, or none in the locality named: an area only if all agree on it."""
        if not parts:
            return self._answers.rest(Placement.REST_ADDRESS)
        by_part = [
            self._answers.gazetteer.house(part, *house) or range(part.first, part.end)
            for part in parts
        ]
        left = [one for some in by_part for one in some if self._answers.areas[one] in allowed]
        if len(left) == 1:
            sure = best if best is Confidence.WEAK else Confidence.GOOD
            return self._answers.at(left, allowed, Placement.ADDRESS, sure)
        return self._answers.only(self._answers.areas_of(left), Placement.ADDRESS, Confidence.WEAK)

    def _beside(self, street: Street, house: House, allowed: Areas) -> Place:
        """A house that the register lacks: where its neighbours on the same side are.

        Borders of areas run along streets, so the other side says nothing. Beyond the last
        neighbour the street goes on in its area, if all of it is in one.
        """
        nearest = self._answers.gazetteer.beside(street, house.number)
        areas = self._answers.areas_of(nearest)
        if len(nearest) == 1:
            areas |= self._answers.areas_of(range(street.first, street.end))
        return self._answers.only(areas & allowed, Placement.STREET, Confidence.WEAK)

    def _somewhere(self, parts: Sequence[Street], allowed: Areas) -> Place:
        """A street without a number: an area only if all of it lies in that."""
        if not parts:
            return self._answers.rest(Placement.REST_ADDRESS)
        areas = set().union(
            *(self._answers.areas_of(range(part.first, part.end)) for part in parts)
        )
        return self._answers.only(areas & allowed, Placement.STREET, Confidence.WEAK)
