"""A small made-up municipality, and reports in it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import shapely

from services.anonymizer.domain.anonymize import Anonymizer, Opened
from services.anonymizer.domain.municipality import municipality
from shared.messages.codec import encode
from shared.messages.report import Location, Report
from shared.pack.geometry import Polygons
from shared.pack.model import Area, Coarsening, Family, Indicator, Kind, Pack, Sensitivity

CODE = "0012"
EVENT_ID = UUID("0123456789ab8def8123456789abcdef")
NOON = datetime(2026, 11, 23, 12, 34, 56, 789_000, tzinfo=UTC)
INSIDE_101 = Location(lat=59.05, lon=17.05)
OF_CLASS = {
    Sensitivity.S0: "bin_fire",
    Sensitivity.S1: "house_fire",
    Sensitivity.S2: "threats",
    Sensitivity.S3: "violence_at_home",
}
STATISTIC = "notifications"


def an_indicator(code: str, sensitivity: Sensitivity, kind: Kind = Kind.EVENT) -> Indicator:
    return Indicator(code, code, code, kind, sensitivity, Family.OTHER, frozenset({"fire"}))


def a_pack(code: str = CODE, *, coarsening: Mapping[Sensitivity, Coarsening] | None = None) -> Pack:
    """Four areas, 101 and 102 beside each other, 201 and 202 above them; three levels."""
    indicators = [an_indicator(name, sensitivity) for sensitivity, name in OF_CLASS.items()]
    indicators.append(an_indicator(STATISTIC, Sensitivity.S3, Kind.STATISTIC))
    return Pack(
        path=Path("unused"),
        code=code,
        name="Småstad",
        synthetic=True,
        levels=(1, 2, 3),
        rest_code="999",
        crs=3011,
        areas=tuple(Area(area, area, 100) for area in ("101", "102", "201", "202")),
        area_names={},
        indicators={one.code: one for one in indicators},
        actors={},
        exact={},
        webhook_networks=(),
        coarsening=coarsening or {},
    )


def polygons() -> Polygons:
    """Squares of a tenth of a degree that share their borders."""
    boxes = [(17.0, 59.0), (17.1, 59.0), (17.0, 59.1), (17.1, 59.1)]
    geometries = [shapely.box(x, y, round(x + 0.1, 1), round(y + 0.1, 1)) for x, y in boxes]
    return Polygons(4326, ("101", "102", "201", "202"), tuple(geometries))


def an_anonymizer(pack: Pack | None = None) -> Anonymizer:
    return Anonymizer([municipality(pack or a_pack(), polygons())])


def a_report(**changes: Any) -> Report:
    report = Report(
        municipality=CODE,
        actor="fire",
        version=1,
        received_at=NOON,
        indicator="bin_fire",
        occurred_at=NOON,
        location=INSIDE_101,
        text="Kalle ringde från 070-123 45 67",
        extra=msgspec.Raw(b'{"personnummer": "19121212-1212"}'),
    )
    return msgspec.structs.replace(report, **changes)


def a_withdrawal(**changes: Any) -> Report:
    report = Report(municipality=CODE, actor="fire", version=2, received_at=NOON, withdrawn=True)
    return msgspec.structs.replace(report, **changes)


def opened(report: Report | bytes, *, event_id: UUID = EVENT_ID) -> Opened:
    return Opened(event_id, report if isinstance(report, bytes) else encode(report))
