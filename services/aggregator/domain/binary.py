"""New event rows in PostgreSQL's binary COPY format, a whole batch at a time.

Source: PostgreSQL documentation, COPY, "Binary Format": a signature, two words, then for each row
the number of columns and each value after its length; a last word of -1.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.aggregator.domain.settle import Draft, Some

COLUMNS = ("event_id", "version", "series", "minute")
LINKED_COLUMNS = (*COLUMNS, "incident_id")

_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"

_PLAIN = [
    ("columns", ">i2"),
    ("id_bytes", ">i4"),
    ("id", "V16"),
    ("version_bytes", ">i4"),
    ("version", ">i8"),
    ("series_bytes", ">i4"),
    ("series", ">i4"),
    ("minute_bytes", ">i4"),
    ("minute", ">i4"),
]
_LINKED = [*_PLAIN, ("incident_bytes", ">i4"), ("incident", "V16")]


def plain(draft: Draft, some: Some) -> bytes:
    """Rows of `COLUMNS`."""
    return _BEGIN + _filled(draft, some, np.dtype(_PLAIN)).tobytes() + _END


def linked(draft: Draft, some: Some) -> bytes:
    """Rows of `LINKED_COLUMNS`; every one belongs to an incident."""
    table = _filled(draft, some, np.dtype(_LINKED))
    incidents = [draft.incident(at) for at in some]
    table["incident_bytes"] = 16
    table["incident"] = np.frombuffer(b"".join(filter(None, incidents)), "V16")
    return _BEGIN + table.tobytes() + _END


def _filled(draft: Draft, some: Some, layout: "np.dtype[Any]") -> NDArray[Any]:
    table = np.zeros(len(some), layout)
    table["columns"] = len([name for name in table.dtype.names or () if name.endswith("_bytes")])
    table["id_bytes"], table["version_bytes"] = 16, 8
    table["series_bytes"] = table["minute_bytes"] = 4
    table["id"] = draft.ids[some]
    table["version"] = draft.versions[some]
    table["series"] = draft.series[some]
    table["minute"] = draft.minutes[some]
    return table
