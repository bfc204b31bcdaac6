"""The events of the Swedish police's open feed become reports by the agreement's words.

Traps of the feed: the hour of `datetime` is not always of two digits, a `type` may hold a comma or
end with a blank, and events are revised under the same id. Its `location.gps` is the middle of a
municipality or a county, never the place itself (measured on 85,011 events: 311 points in all), so
it is no location: as one, every event of a municipality would count in the one area where its middle
lies, and as surely as a measured point. Events of the feed count in the rest area, as not located.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.ingest.domain.parse import JsonObject
from shared.pack.model import Agreement, folded

_DATETIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d{1,2})(:\d\d:\d\d) ([+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Unmapped:
    """An event of a type that the agreement does not map. Shape: `type` as the feed writes it."""

    type: str


def report_of(item: Mapping[str, Any], agreement: Agreement) -> JsonObject | Unmapped | None:
    """The report of an event; `None` for what is no event of the feed at all.

    A field that cannot be understood is left as it is: ingest refuses it by its own name.
    """
    kind, own_id = item.get("type"), item.get("id")
    if not isinstance(kind, str) or not isinstance(own_id, int | str):
        return None
    indicator = agreement.words.get(folded(kind))
    if indicator is None:
        return Unmapped(kind)
    return {
        "id": str(own_id),
        "version": _version(item.get("_revisions")),
        "indicator": indicator,
        "occurred_at": _instant(item.get("datetime")),
        "location": None,
        "text": "\n".join(str(item[name]) for name in ("name", "summary") if item.get(name)),
    }


def _version(revisions: object) -> int:
    """One more than the times that the event was revised, so that a newer archive corrects."""
    return revisions + 1 if isinstance(revisions, int) and revisions >= 0 else 1


def _instant(written: object) -> object:
    found = _DATETIME.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        return written
    day, hour, rest, offset = found.groups()
    return f"{day}T{hour:>02}{rest}{offset}"
