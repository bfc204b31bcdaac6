"""An event: a report after anonymization. No field of it can hold an identifier (G2).

Codes are members of the pack's lists, `event_id` is a keyed digest, `occurred_at` is floored to
the grain of the indicator's class. There is no free string and no place for one.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

_NOWHERE = (None, None, None, None)


class Placement(StrEnum):
    """How an event found its area, or why it counts in the rest area."""

    COORDINATES = "coordinates"
    COORDINATES_DETECTED = "coordinates_detected"
    COORDINATES_SWAPPED = "coordinates_swapped"
    COORDINATES_NEAREST = "coordinates_nearest"
    NYKO = "nyko"
    ADDRESS = "address"
    STREET = "street"
    PROPERTY = "property"
    OBJECT = "object"
    PLACE = "place"
    ROAD = "road"
    REST_OUTSIDE = "rest_outside"
    REST_NO_LOCATION = "rest_no_location"
    REST_UNKNOWN_NYKO = "rest_unknown_nyko"
    REST_NYKO_TOO_COARSE = "rest_nyko_too_coarse"
    REST_UNKNOWN_CRS = "rest_unknown_crs"
    REST_ADDRESS = "rest_address"
    REST_PROPERTY = "rest_property"
    REST_OBJECT = "rest_object"
    REST_AMBIGUOUS = "rest_ambiguous"
    REST_UNEXPLAINED = "rest_unexplained"


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One version of an event.

    Shape: `live` false is a withdrawal and has only id, version and municipality; a live event
    has every field but `incident_id`, which it has if it is linked: events with the same one
    describe the same incident. `surplus` is beyond the contribution bound of its class (decision
    0027): exact counts have it, releases skip it. For one event id the highest version holds; of
    equal versions a linked one supersedes an unlinked one, otherwise the first (decision 0026).
    Unit: `occurred_at` aware UTC, floored to the grain.
    """

    event_id: UUID
    version: int
    municipality: str
    live: bool = True
    indicator: str | None = None
    area: str | None = None
    occurred_at: datetime | None = None
    confirmed: bool = True
    placement: Placement | None = None
    incident_id: UUID | None = None
    surplus: bool = False

    def __post_init__(self) -> None:
        """Refuse a half event wherever it is made or read.

        Raises:
            ValueError: a live event lacks a field, or a withdrawal has one.
        """
        if self.version < 1:
            raise ValueError("an event's version is at least 1")
        placed = (self.indicator, self.area, self.occurred_at, self.placement)
        if self.live and None in placed:
            raise ValueError("a live event has indicator, area, instant and placement")
        linked = self.incident_id is not None or self.surplus
        if not self.live and (placed != _NOWHERE or linked):
            raise ValueError("a withdrawal has only id, version and municipality")
        if self.occurred_at is not None and self.occurred_at.tzinfo is None:
            raise ValueError("an event's instant is aware")
