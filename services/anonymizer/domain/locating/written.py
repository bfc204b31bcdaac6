"""Where written places lie in one division: addresses, properties, objects, places, roads.

Each way of reading gives a place, or none for the next to try; nothing is guessed where several
answers fit.
"""

import re
from array import array
from collections.abc import Callable, Sequence
from enum import Enum, auto
from itertools import chain

import msgspec

from services.anonymizer.domain.locating.answers import Answers, Areas
from services.anonymizer.domain.locating.claims import Claims
from services.anonymizer.domain.locating.gazetteer import Gazetteer, Street
from services.anonymizer.domain.locating.heading import is_mistaken
from services.anonymizer.domain.locating.houses import Houses
from services.anonymizer.domain.locating.letters import has_marks
from services.anonymizer.domain.locating.lexicon import Sort
from services.anonymizer.domain.locating.named import Named
from services.anonymizer.domain.locating.place import Place
from services.anonymizer.domain.locating.relations import (
    is_across,
    is_beyond,
    is_far,
    is_near,
    is_off,
)
from services.anonymizer.domain.locating.spelling import mended, without_digraphs, word_of
from services.anonymizer.domain.locating.writing import Writing
from shared.messages.event import Placement
from shared.quality import Confidence


class Asked(Enum):
    """What the report says that its text is."""

    ADDRESS = auto()
    PROPERTY = auto()
    OBJECT = auto()


REASONS = {
    Asked.ADDRESS: Placement.REST_ADDRESS,
    Asked.PROPERTY: Placement.REST_PROPERTY,
    Asked.OBJECT: Placement.REST_OBJECT,
}

NO_LOCALITY = -1
_USUAL = re.compile(
    r"([^\W\d_][^\d,;/():&?+{}\[\]|]*?) (\d{1,4}) ?([a-hj-z]?)"
    r"(?:(?:, ?| )(?:\d{3} ?\d{2} )?([^\d,;/()]+))?"
)
"""Street, number, letter, and a place with or without its postal code or a comma."""

_SHORT = re.compile(r"([^\W\d_]{3,}[gv])\.")
"""A street in one word, its `gatan` or `vägen` cut short."""

_AROUND = re.compile(
    r"\A(?:c/o [^,\d\s]+, ?|(?:vid|utanför|framför) )"
    r"|,? ?(?:lgh|lägenhet) \d{3,4}(?!\d)|,? \d{1,2} ?tr(?!\w)"
)
"""Who lives there, on which floor and behind which door, and where it was from there."""

Way = Callable[[Writing, Areas], Place | None]
WITH_A_POINT = (Placement.ADDRESS, Placement.OBJECT, Placement.PROPERTY)
WITHOUT_BORDERS = (Placement.PLACE, Placement.ROAD)
"""How far they reach nobody has told us, so what lies outside of them may be in another area."""
NAMES_THAT_LOCATE = (Sort.STREET, Sort.OBJECT, Sort.QUARTER)


class WrittenPlaces:
    """Finds the area of a text. `areas` are the entries' areas by their numbers in `codes`."""

    def __init__(
        self, gazetteer: Gazetteer, areas: "array[int]", codes: Sequence[str], *, rest: str
    ) -> None:
        self._answers = Answers(gazetteer, areas, codes, rest=rest)
        self._claims = Claims(self._answers)
        houses, named = Houses(self._answers), Named(self._answers)
        self._ways: dict[Asked, tuple[Way, ...]] = {
            Asked.ADDRESS: (
                houses.numbered,
                named.object,
                named.property,
                named.road,
                houses.street,
                named.place,
                houses.mended,
                named.mended_object,
                named.mended_property,
            ),
            Asked.PROPERTY: (
                named.property,
                named.mended_property,
                houses.numbered,
                named.object,
                named.quarter,
                houses.mended,
            ),
            Asked.OBJECT: (
                named.object,
                houses.numbered,
                named.road,
                named.mended_object,
                houses.street,
                named.property,
                named.place,
                houses.mended,
            ),
        }
        mending = (houses.mended, named.mended_object, named.mended_property)
        self._mending = {
            asked: tuple(way for way in ways if way in mending)
            for asked, ways in self._ways.items()
        }

    def place_of(self, text: str, asked: Asked) -> Place:
        """The place of a text, or the rest area with the reason."""
        usual = self._usual(text.casefold(), asked)
        if usual is not None:
            return usual
        right = mended(text)
        found = self._read(right, asked)
        if found.confidence is Confidence.NONE:
            other = without_digraphs(right)
            again = self._read(other, asked) if other != right else found
            found = found if again.confidence is Confidence.NONE else again
        return found

    def _usual(self, text: str, asked: Asked) -> Place | None:
        """The fast way for most: what the register has, as it is written there."""
        if asked is Asked.ADDRESS:
            return self._usual_address(text)
        if asked is Asked.PROPERTY:
            entry = self._answers.gazetteer.plain_properties.get(text)
            entries: Sequence[int] = () if entry is None else (entry,)
            how = Placement.PROPERTY
        else:
            entries, how = self._answers.gazetteer.plain_objects.get(text, ()), Placement.OBJECT
        if not entries:
            return None
        return self._answers.at(entries, self._answers.every, how, Confidence.EXACT)

    def _usual_address(self, text: str) -> Place | None:
        """A street and number of the register, with or without its locality."""
        found = _USUAL.fullmatch(text) or _USUAL.fullmatch(_AROUND.sub("", text))
        if found is None:
            return None
        street, number, letter, place = found.groups()
        parts, sure = self._usual_street(street, text)
        if place is not None:
            locality = self._answers.gazetteer.plain_localities.get(place, NO_LOCALITY)
            if locality is not None:
                parts = [part for part in parts if part.locality == locality]
        if len(parts) != 1:
            return None
        door = self._answers.gazetteer.door(parts[0], int(number), letter)
        if door is None:
            return None
        return self._answers.of(door, Placement.ADDRESS, sure)

    def _usual_street(self, street: str, text: str) -> tuple[Sequence[Street], Confidence]:
        """The street that is written as in the register, or cut short as no other name can be."""
        gazetteer = self._answers.gazetteer
        parts = gazetteer.plain_streets.get(street)
        if parts is not None:
            return parts, Confidence.EXACT
        short = _SHORT.fullmatch(street)
        words = [word_of(short[1])] if short else []
        for hit in gazetteer.lexicon.search(words, marked=has_marks(text)):
            if not hit.is_exact:
                found = [gazetteer.streets[at] for at in hit.of(Sort.STREET)]
                return list(chain.from_iterable(found)), Confidence.GOOD
        return (), Confidence.NONE

    def _read(self, text: str, asked: Asked) -> Place:
        writing = Writing(text, self._answers.gazetteer.lexicon)
        if writing.is_elsewhere():
            return self._answers.rest(Placement.REST_OUTSIDE)
        if not writing.is_whole:
            return self._answers.rest(Placement.REST_UNEXPLAINED)
        if is_mistaken(writing.words):
            return self._answers.rest(Placement.REST_AMBIGUOUS)
        strangers = writing.unknown.strangers
        allowed = self._claims.of(writing)
        for way in self._mending[asked] if strangers else self._ways[asked]:
            found = way(writing, allowed)
            if found is not None:
                return self._related(writing, found)
        is_named = any(hit.of(sort) for hit in writing.hits for sort in NAMES_THAT_LOCATE)
        unexplained = bool(strangers) and is_named
        return self._answers.rest(Placement.REST_UNEXPLAINED if unexplained else REASONS[asked])

    def _related(self, writing: Writing, found: Place) -> Place:
        """The place by how it lies to what was found: near it is weak, far from it nobody knows.

        So is the side of what has no point: a street, a road, the name of a place.
        """
        words, hits = writing.words, writing.hits
        if (found.placement in WITHOUT_BORDERS and is_beyond(words, hits)) or (
            found.placement not in WITH_A_POINT and is_across(words, hits)
        ):
            return self._answers.rest(Placement.REST_AMBIGUOUS)
        if not is_near(words):
            return _not_surer(found) if writing.unknown.misspelt else found
        if is_far(words) or (is_off(words) and found.placement not in WITH_A_POINT):
            return self._answers.rest(Placement.REST_AMBIGUOUS)
        return _not_surer(found)


def _not_surer(found: Place) -> Place:
    """A place near what is named, or of a text with a mended name: its class is weak at most."""
    if found.confidence in (Confidence.WEAK, Confidence.NONE):
        return found
    return msgspec.structs.replace(found, confidence=Confidence.WEAK)
