"""A report: what an actor sends about one event. May hold personal data; always sealed."""

from datetime import datetime

import msgspec


class Location(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where it happened, in one of six ways; all fields absent is not a location.

    Unit: `lat`, `lon` degrees in EPSG:4326; `e`, `n` metres in the system `crs` (EPSG number), or in
    a system that is to be told by the numbers.
    """

    lat: float | None = None
    lon: float | None = None
    e: float | None = None
    n: float | None = None
    crs: int | None = None
    nyko: str | None = None
    address: str | None = None
    property: str | None = None
    object: str | None = None


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of a report as ingest accepted it.

    Shape: a withdrawal has `withdrawn` and no indicator, instant or location. `text` and `extra`
    may hold anything about persons; nothing behind the seal reads them.
    Unit: instants are aware UTC.
    """

    municipality: str
    actor: str
    version: int
    received_at: datetime
    withdrawn: bool = False
    indicator: str | None = None
    occurred_at: datetime | None = None
    confirmed: bool = True
    location: Location | None = None
    text: str | None = None
    extra: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
