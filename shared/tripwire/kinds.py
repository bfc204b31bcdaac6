"""What the tripwire knows, and what it says of a hit."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an identifier looks like."""

    PERSONAL_NUMBER = "personal_number"
    COORDINATION_NUMBER = "coordination_number"
    ORGANISATION_NUMBER = "organisation_number"
    PHONE = "phone"
    EMAIL = "email"
    NUMBER_PLATE = "number_plate"
    PROPERTY = "property"
    STREET_ADDRESS = "street_address"
    COORDINATES = "coordinates"


NAME_KINDS = frozenset(
    {
        Kind.PERSONAL_NUMBER,
        Kind.COORDINATION_NUMBER,
        Kind.ORGANISATION_NUMBER,
        Kind.PHONE,
        Kind.EMAIL,
        Kind.COORDINATES,
    }
)
"""What a name in a pack may not look like.

A name is written by the municipality about a public place or an organisation, so it may be that of
a street with its numbers (`Vasagatan 1–9`), of a property (`Norra Berga 4:12`) or look like a plate
(`BAS 101`): those three are left out. None of the others is ever part of such a name.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A hit. Shape: `[start, end)` of the text; the text itself is never repeated."""

    kind: Kind
    start: int
    end: int
