"""Everything that is found in a text, or in a code."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType

from shared.tripwire import contacts, numbers, places
from shared.tripwire.kinds import Found, Kind

_ANY = re.compile(r"[\d@]|\((?:at|a|snabel-a)\)|\[at\]", re.IGNORECASE)
"""What every identifier has."""

Search = Callable[[str], Iterator[Found]]
_SEARCHES: Mapping[Search, frozenset[Kind]] = MappingProxyType(
    {
        numbers.person_numbers: frozenset({Kind.PERSONAL_NUMBER, Kind.COORDINATION_NUMBER}),
        numbers.organisation_numbers: frozenset({Kind.ORGANISATION_NUMBER}),
        contacts.phone_numbers: frozenset({Kind.PHONE}),
        contacts.emails: frozenset({Kind.EMAIL}),
        places.number_plates: frozenset({Kind.NUMBER_PLATE}),
        places.property_designations: frozenset({Kind.PROPERTY}),
        places.street_addresses: frozenset({Kind.STREET_ADDRESS}),
        places.coordinates: frozenset({Kind.COORDINATES}),
    }
)
_JOINTS = re.compile(r"[_-]")


def found_in(text: str, kinds: Collection[Kind] = frozenset(Kind)) -> list[Found]:
    """Every hit of these kinds, by where it begins; hits may lie in one another."""
    if not _ANY.search(text):
        return []
    hits = [
        found
        for search, its_kinds in _SEARCHES.items()
        if its_kinds.intersection(kinds)
        for found in search(text)
        if found.kind in kinds
    ]
    return sorted(hits, key=lambda one: (one.start, one.end, one.kind))


def kinds_in_code(code: str) -> frozenset[Kind]:
    """What a code looks like; the strict form, for codes are chosen and can be chosen otherwise.

    A code has no blanks and no capitals, so it is read also with its joints as blanks and without
    them, and a word of it may be a plate in small letters.
    """
    forms = {code, _JOINTS.sub(" ", code), _JOINTS.sub("", code)}
    kinds = {found.kind for form in forms for found in found_in(form)}
    if any(map(places.is_number_plate, _JOINTS.split(code))):
        kinds.add(Kind.NUMBER_PLATE)
    return frozenset(kinds)
