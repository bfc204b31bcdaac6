"""Ingest in memory: a key ring and a publisher without servers, a small pack, rows to send."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from services.ingest.app import web
from services.ingest.domain.quality import Located
from services.ingest.domain.validate import Accepted, Sender
from services.ingest.handlers.reception import Reception
from services.ingest.store import Lost
from shared.api_keys import new_key
from shared.http import Readiness
from shared.key_ring import Principal, Scope
from shared.language import Language
from shared.messages.statistic import Statistic
from shared.pack.model import (
    Agreement,
    Area,
    Family,
    Indicator,
    Kind,
    Pack,
    Sensitivity,
    SheetForm,
)

MUNICIPALITY = "9998"
SECRET = b"a secret of one installation, 32 or more"
NOW = datetime(2026, 11, 23, 12, 34, 56, 789_123, tzinfo=UTC)
HORIZON = timedelta(days=400)
FIRE_KEY = new_key()
HISTORY_KEY = new_key()
SCHOOL_KEY = new_key()
READ_KEY = new_key()
OWNER_KEY = new_key()
STRANGER_KEY = new_key()

HOLDERS = {
    FIRE_KEY: Principal(MUNICIPALITY, "fire", Scope.REPORT),
    HISTORY_KEY: Principal(MUNICIPALITY, "fire", Scope.HISTORY),
    SCHOOL_KEY: Principal(MUNICIPALITY, "school", Scope.REPORT),
    READ_KEY: Principal(MUNICIPALITY, "fire", Scope.READ),
    OWNER_KEY: Principal(MUNICIPALITY, None, Scope.OWN),
    STRANGER_KEY: Principal("0001", "fire", Scope.REPORT),
}


class InMemoryKeyRing:
    """Knows a few keys; `error` is raised instead when it is set."""

    def __init__(self, holders: Mapping[str, Principal] = HOLDERS) -> None:
        self._holders = dict(holders)
        self.error: Exception | None = None

    async def identify(self, key: str) -> Principal | None:
        if self.error is not None:
            raise self.error
        return self._holders.get(key)

    async def answers(self) -> bool:
        return self.error is None


class InMemoryPublisher:
    """Keeps what is published, one list per call; the errors are raised when they are set."""

    def __init__(self) -> None:
        self.published: list[list[Accepted]] = []
        self.statistics: list[Statistic] = []
        self.admit_error: Exception | None = None
        self.reports_error: Exception | None = None
        self.publish_error: Exception | None = None

    def admit(self) -> None:
        if self.admit_error is not None:
            raise self.admit_error

    def admit_reports(self) -> None:
        self.admit()
        if self.reports_error is not None:
            raise self.reports_error

    async def publish(self, accepted: Sequence[Accepted]) -> None:
        if self.publish_error is not None:
            raise self.publish_error
        self.published.append(list(accepted))

    async def publish_statistics(self, statistics: Sequence[Statistic]) -> None:
        if self.publish_error is not None:
            raise self.publish_error
        self.statistics += statistics

    def is_well(self) -> bool:
        return self.admit_error is None

    @property
    def all(self) -> list[Accepted]:
        return [one for batch in self.published for one in batch]


class InMemoryQuality:
    """Keeps counts by municipality and actor; `error` is raised instead when it is set."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], list[Located]] = {}
        self.error: Exception | None = None

    async def located(
        self, municipality: str, actor: str, first: date, last: date
    ) -> list[Located]:
        if self.error is not None:
            raise self.error
        counts = self.counts.get((municipality, actor), [])
        return [one for one in counts if first <= one.day <= last]


class InMemoryLostReports:
    """Keeps what was lost by actor; `error` is raised instead when it is set."""

    def __init__(self) -> None:
        self.by_actor: dict[tuple[str, str], list[Lost]] = {}
        self.error: Exception | None = None

    async def of(
        self, municipality: str, actor: str, *, before: tuple[datetime, UUID], most: int
    ) -> Sequence[Lost]:
        if self.error is not None:
            raise self.error
        every = self.by_actor.get((municipality, actor), [])
        newest = sorted(every, key=lambda one: (one.received_at, one.event_id), reverse=True)
        return [one for one in newest if (one.received_at, one.event_id) < before][:most]


class Ingest:
    """The service's HTTP side over the two."""

    def __init__(self, *, now: Callable[[], datetime] = lambda: NOW) -> None:
        self.key_ring = InMemoryKeyRing()
        self.publisher = InMemoryPublisher()
        self.quality = InMemoryQuality()
        self.lost = InMemoryLostReports()
        readiness = Readiness()
        readiness.watch("kafka", self.publisher.is_well)
        readiness.watch("registry", self.key_ring.answers)
        self.app = web(readiness)
        self.app.state.reception = Reception(
            packs={MUNICIPALITY: a_pack()},
            key_ring=self.key_ring,
            publisher=self.publisher,
            quality=self.quality,
            lost=self.lost,
            secret=SECRET,
            now=now,
            horizon=HORIZON,
            language=Language.SV,
        )

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as client:
            yield client


def bearer(key: str = FIRE_KEY, **headers: str) -> dict[str, str]:
    """Headers of a request with a key; `_` in a name stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"authorization": f"Bearer {key}", "content-type": "application/json", **named}


def an_indicator(
    code: str, *, actor: str = "fire", kind: Kind = Kind.EVENT, family: Family = Family.FIRE
) -> Indicator:
    return Indicator(
        code, f"{code} sv", f"{code} en", kind, Sensitivity.S0, family, frozenset({actor})
    )


def a_form(columns: Mapping[str, str] | None = None, **changes: Any) -> SheetForm:
    """How the fire service's sheet looks, with an id and every other kind of column."""
    usual = {
        "id": "Ärende",
        "version": "Version",
        "withdrawn": "Återtagen",
        "indicator": "Typ",
        "occurred_at": "Tidpunkt",
        "confirmed": "Bekräftad",
        "lat": "Latitud",
        "lon": "Longitud",
        "e": "E",
        "n": "N",
        "nyko": "NYKO",
        "address": "Adress",
        "text": "Anteckning",
    }
    given: dict[str, Any] = {
        "columns": usual if columns is None else columns,
        "name": None,
        "crs": 3006,
        "time_zone": "Europe/Stockholm",
        "dates": ("%Y-%m-%d", "%d/%m %Y"),
        "times": ("%H:%M", "%H:%M:%S", "%H.%M", "%H%M"),
        "nyko_digits": 3,
    }
    return SheetForm(**{**given, **changes})


def an_agreement(
    form: SheetForm | None = None, *, actor: str = "fire", words: Mapping[str, str] | None = None
) -> Agreement:
    return Agreement(
        actor=actor,
        format="excel",
        codes=("bin_fire",),
        words={"brand i soptunna": "bin_fire", "012": "bin_fire"} if words is None else words,
        sheet=form or a_form(),
    )


SCHOOL_COLUMNS = {"date": "Datum", "time": "Klockslag", "address": "Skola", "text": "Vad"}


def a_pack() -> Pack:
    indicators = (
        an_indicator("bin_fire"),
        an_indicator("broken_window", actor="school", family=Family.DAMAGE),
        an_indicator("theft", actor="police", family=Family.THEFT),
        an_indicator("truancy", kind=Kind.STATISTIC, family=Family.OTHER),
        an_indicator("school_truancy", actor="school", kind=Kind.STATISTIC, family=Family.OTHER),
    )
    return Pack(
        path=Path("unused"),
        code=MUNICIPALITY,
        name="Exempelstad",
        synthetic=True,
        levels=(1, 2, 3),
        rest_code="999",
        crs=3011,
        areas=(Area("101", "Norr", 100),),
        area_names={"1": "Norr", "10": "Norr", "101": "Norr", "9": "", "99": "", "999": ""},
        indicators={one.code: one for one in indicators},
        actors={},
        exact={},
        webhook_networks=(),
        agreements={
            "fire": an_agreement(),
            "school": replace(
                an_agreement(a_form(SCHOOL_COLUMNS, crs=None), actor="school", words={}),
                codes=("broken_window",),
            ),
        },
    )


def a_sender(horizon: timedelta | None = None) -> Sender:
    return Sender.of(a_pack(), "fire", secret=SECRET, horizon=horizon)


def a_row(**changes: Any) -> dict[str, Any]:
    """A good report as an actor gives it; a field set to `...` is left out."""
    row = {
        "id": "2026-17",
        "indicator": "bin_fire",
        "occurred_at": "2026-11-23T13:30:00+01:00",
        "location": {"lat": 59.33, "lon": 18.07},
        **changes,
    }
    return {name: value for name, value in row.items() if value is not ...}


def a_statistic_row(**changes: Any) -> dict[str, Any]:
    """A good statistic as an actor gives it; a field set to `...` is left out."""
    row = {
        "indicator": "truancy",
        "area": "101",
        "period": "2025-H2",
        "numerator": 3,
        "denominator": 40,
        **changes,
    }
    return {name: value for name, value in row.items() if value is not ...}
