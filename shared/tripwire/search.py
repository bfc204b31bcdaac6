"""Everything that is found in a text, or in a code."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType

from shared.tripwire import contacts, numbers, places
from shared.tripwire.kinds import NAME_KINDS, Found, Kind
from shared.tripwire.plain import plain

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
_CODE = re.compile(r"[a-z0-9_-]+")
_JOINTS = re.compile(r"[_-]")


def found_in(text: str, kinds: Collection[Kind] = frozenset(Kind)) -> list[Found]:
    """Every hit of these kinds, by where it begins; hits may lie in one another.

    Shape: where is in the text made plain, which differs from the text itself only if it had signs
    that `plain` rewrites.
    """
    text = plain(text)
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
    """What a code looks like.

    A code is chosen and can be chosen otherwise, so it is read also with its joints as blanks and
    without them. One of small letters and digits, as a pack's are, has a grammar of its own: `day365`,
    `top100`, `lekplatsen_1` are ordinary codes that in a text could be a plate or an address. In it
    are searched the kinds of names, and streets and quarters by patterns of their own; in all else,
    which can only be a text in a code's place, everything.
    """
    forms = {code, _JOINTS.sub(" ", code), _JOINTS.sub("", code)}
    is_code = _CODE.fullmatch(code) is not None
    kinds = NAME_KINDS if is_code else frozenset(Kind)
    found = {one.kind for form in forms for one in found_in(form, kinds)}
    return frozenset(found.union(places.in_code(code) if is_code else ()))
