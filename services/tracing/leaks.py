"""Whether anything of a report is in what leaves.

Each part of the event must prove what it is: a code by membership in the pack, an id by its digest, an
instant by its grain. What proves itself can be a value of the report only as a code, a number or an
instant, which `fates` tells; what does not is a leak, told with the field of the report whose word it
holds.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.tracing.given import Field
from shared.messages.event import Placement
from shared.pack.model import Pack
from shared.tripwire import Kind, found_in
from shared.windows import floored

PERSONS = frozenset({Kind.PERSONAL_NUMBER, Kind.COORDINATION_NUMBER})


@dataclass(frozen=True, slots=True)
class Leak:
    """A part of the event that should not be there.

    Shape: `field` is the event's, `?1`, `?2` for one that events do not have; `of` is the report's
    field whose word it holds, `None` where no word of it was found.
    """

    field: str
    of: str | None

    def as_json(self) -> dict[str, str | None]:
        """The leak for `--json`."""
        return {"field": self.field, "of": self.of}


@dataclass(frozen=True, slots=True)
class Expected:
    """What an event may say, and the words that it may not."""

    pack: Pack
    event_id: UUID
    version: int
    fields: Sequence[Field]


def leaks_in(wire: bytes, expected: Expected) -> list[Leak]:
    """Every part of the event on the wire that does not prove what it is."""
    return list(_leaks(json.loads(wire), expected))


def _leaks(event: dict[str, Any], expected: Expected) -> Iterator[Leak]:
    unknown = 0
    indicator = event.get("indicator")
    for name, value in event.items():
        if name not in _PROOFS:
            unknown += 1
            yield Leak(
                f"?{unknown}",
                _source(f"{name} {value!s}", expected.fields),
            )
        elif not _PROOFS[name](value, indicator, expected):
            yield Leak(name, _source(str(value), expected.fields))


def _source(written: str, fields: Sequence[Field]) -> str | None:
    """The field of the longest word that stands in what is written."""
    lower = written.casefold()
    found = [(len(word), one.name) for one in fields for word in one.words() if word in lower]
    return max(found, default=(0, None))[1]


def _is_uuid(value: Any, _indicator: Any, _expected: Expected) -> bool:
    try:
        return str(UUID(value)) == value and UUID(value).version == 8
    except (ValueError, TypeError, AttributeError):
        return False


def _is_own_id(value: Any, _indicator: Any, expected: Expected) -> bool:
    return bool(value == str(expected.event_id))


def _is_version(value: Any, _indicator: Any, expected: Expected) -> bool:
    """The sender's own number leaves as it is, so it may not look like that of a person."""
    if type(value) is not int or value != expected.version:
        return False
    return not found_in(str(value), PERSONS)


def _is_municipality(value: Any, _indicator: Any, expected: Expected) -> bool:
    return bool(value == expected.pack.code)


def _is_indicator(value: Any, _indicator: Any, expected: Expected) -> bool:
    return isinstance(value, str) and value in expected.pack.indicators


def _is_area(value: Any, indicator: Any, expected: Expected) -> bool:
    """A code of the pack that is as coarse as the indicator's class wants it."""
    pack = expected.pack
    if not isinstance(value, str) or indicator not in pack.indicators:
        return False
    level = pack.level_of(value)
    return value == pack.rest_code or (level is not None and level <= pack.finest_level(indicator))


def _is_instant(value: Any, indicator: Any, expected: Expected) -> bool:
    """The start of a grain."""
    if not isinstance(value, str) or indicator not in expected.pack.indicators:
        return False
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return False
    grain = expected.pack.grain_of(indicator)
    return instant.tzinfo is not None and floored(instant, grain) == instant


def _is_placement(value: Any, _indicator: Any, _expected: Expected) -> bool:
    return value in tuple(Placement)


def _is_truth(value: Any, _indicator: Any, _expected: Expected) -> bool:
    return isinstance(value, bool)


_PROOFS = {
    "event_id": _is_own_id,
    "incident_id": _is_uuid,
    "version": _is_version,
    "municipality": _is_municipality,
    "indicator": _is_indicator,
    "area": _is_area,
    "occurred_at": _is_instant,
    "placement": _is_placement,
    "live": _is_truth,
    "confirmed": _is_truth,
    "surplus": _is_truth,
}
"""How each part of an event proves what it is; a part that is not here has no proof."""
