"""Reports of many towns on one day, as ingest would write them: sent again, corrected, withdrawn."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from deploy.bench import mix
from deploy.bench.country import CODE, Address, Named, family_of, leaf_of
from deploy.bench.linking_town import ACTORS, FAMILIES, Told, told
from deploy.bench.records import event_ids
from deploy.bench.spelt import WAYS, Mix, Way, house, spelt
from deploy.demo.people import invented
from shared.messages.codec import encode
from shared.messages.report import Location, Report

PER_DAY = 49  # reports of a day of the town, nearly
TILES, TILE_M, CORNER_M = 65, 6000.0, (300_000.0, 6_400_000.0)
MOST_EVENTS = TILES * TILES * PER_DAY
DAY_S = 86_400.0
LONGEST_AGO = timedelta(hours=22)  # received; a token lives 24 hours, and so does a sealed report
MOST_WRITTEN = 20_000  # rows of each register; more reports than that share them
TEXTS = 500


class Made(NamedTuple):
    """A report in the clear, ready to be sealed. Unit: `received_ms` since 1970."""

    event_id: bytes
    actor: str
    received_ms: int
    plain: bytes


@dataclass(slots=True)
class Reports:
    """What was made.

    Shape: `kinds` records by kind; `ways` events by how they say where; `linkable` is the share of
    events whose incident another actor has reported, too.
    """

    made: list[Made] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    addresses: dict[int, Address] = field(default_factory=dict)
    properties: dict[int, Named] = field(default_factory=dict)
    objects: dict[int, Named] = field(default_factory=dict)
    linkable: float = 0.0


class Reporting:
    """Makes the reports of so many distinct events; the same for the same seed and instant."""

    def __init__(self, events: int, kind: Mix, *, seed: int, now: datetime) -> None:
        self._rng = Random(seed)
        self._told = told(seed, days=events // PER_DAY + 6)
        self._events = events
        self._places = _Places(self._told, self._rng, kind)
        self._times = _times(self._told, now)
        self._ids = [bytes(one) for one in event_ids(np.arange(len(self._told)), seed=seed)]
        self._texts = [
            f"{one.name}, {one.phone}, har lämnat uppgifter."
            for one in (invented(self._rng) for _ in range(TEXTS))
        ]
        self._codes = [
            [code for at, code in enumerate(mix.INDICATORS) if family_of(at) == family]
            for family in range(len(FAMILIES))
        ]

    def reports(self) -> Reports:
        """All of them, in the order of their receipt."""
        reports = Reports()
        order = np.argsort(self._times[1][: self._events], kind="stable").tolist()
        newest: dict[int, Report] = {}
        shares = (mix.NEW, mix.RESENDS, mix.CORRECTIONS, mix.WITHDRAWALS)
        kinds = self._kinds(shares)
        done = 0
        while done < len(order):
            kind = next(kinds) if done else "new"
            if kind == "new":
                event = order[done]
                newest[event] = self._new(event, reports)
                done += 1
            else:
                back = int(self._rng.expovariate(1 / mix.RECENT_EVENTS)) % done
                event = order[done - 1 - back]
                now = float(self._times[1][order[done - 1]])
                again = _again(kind, newest[event], datetime.fromtimestamp(now, UTC))
                newest[event] = again
            reports.kinds[kind] += 1
            one = newest[event]
            received_ms = int(one.received_at.timestamp() * 1000)
            reports.made.append(Made(self._ids[event], one.actor, received_ms, encode(one)))
        incidents = self._told.incident[: self._events]
        _, at, times = np.unique(incidents, return_inverse=True, return_counts=True)
        reports.linkable = round(float((times[at] > 1).mean()), 4)
        reports.addresses = self._places.addresses
        reports.properties = self._places.properties
        reports.objects = self._places.objects
        return reports

    def _kinds(self, shares: tuple[float, ...]) -> Iterator[str]:
        names = ("new", "resend", "correction", "withdrawal")
        while True:
            yield from self._rng.choices(names, shares, k=4096)

    def _new(self, event: int, reports: Reports) -> Report:
        occurred, received = (float(column[event]) for column in self._times)
        way, location = self._places.of(event)
        reports.ways[way] += 1
        return Report(
            municipality=CODE,
            actor=ACTORS[int(self._told.actor[event])],
            version=1,
            received_at=datetime.fromtimestamp(received, UTC),
            indicator=self._rng.choice(self._codes[int(self._told.family[event])]),
            occurred_at=datetime.fromtimestamp(int(occurred), UTC),
            location=location,
            text=self._rng.choice(self._texts),
        )


class _Places:
    """Where each event is, as its report says it."""

    def __init__(self, reports: Told, rng: Random, kind: Mix) -> None:
        tile = _day(reports) % (TILES * TILES)
        corner_e, corner_n = float(reports.e.min()), float(reports.n.min())
        self._e = CORNER_M[0] + TILE_M * (tile % TILES) + (reports.e - corner_e) % TILE_M
        self._n = CORNER_M[1] + TILE_M * (tile // TILES) + (reports.n - corner_n) % TILE_M
        to_degrees = Transformer.from_crs(3006, 4326, always_xy=True)
        self._lon, self._lat = to_degrees.transform(self._e, self._n)
        shares = WAYS[kind]
        self._ways = rng.choices(tuple(shares), tuple(shares.values()), k=len(reports))
        self._rng = rng
        self._written: Counter[Way] = Counter()
        self.addresses: dict[int, Address] = {}
        self.properties: dict[int, Named] = {}
        self.objects: dict[int, Named] = {}

    def of(self, event: int) -> tuple[Way, Location | None]:
        """How the report says where, and what it says."""
        way = self._ways[event]
        lon, lat = float(self._lon[event]), float(self._lat[event])
        match way:
            case Way.DEGREES:
                return way, Location(lat=round(lat, 6), lon=round(lon, 6))
            case Way.METRES:
                e, n = round(float(self._e[event]), 1), round(float(self._n[event]), 1)
                return way, Location(e=e, n=n, crs=3006)
            case Way.NYKO:
                return way, Location(nyko=leaf_of(lon, lat))
            case Way.NOTHING:
                return way, None
            case _:
                return way, self._in_words(way, round(lat, 6), round(lon, 6))

    def _in_words(self, way: Way, lat: float, lon: float) -> Location:
        """As it stands in a register, which gets a row for it, or has one."""
        number = self._written[way] % MOST_WRITTEN
        self._written[way] += 1
        if way is Way.ADDRESS:
            address = self.addresses.setdefault(number, (*house(number), lat, lon))
            return Location(address=spelt(address, self._rng))
        if way is Way.PROPERTY:
            name = f"MÄTLAND MÄTET {number // 50 + 1}:{number % 50 + 1}"
            self.properties.setdefault(number, (name, lat, lon))
            return Location(property=name.title())
        name = f"Mätskolan {number + 1}"
        self.objects.setdefault(number, (name, lat, lon))
        return Location(object=name)


def _day(reports: Told) -> NDArray[np.int64]:
    """The day of each report's incident: that of the first that was told of it."""
    _, first, at = np.unique(reports.incident, return_index=True, return_inverse=True)
    days: NDArray[np.int64] = (reports.occurred_s[first] // DAY_S).astype(np.int64)[at]
    return days - int(days.min())


def _times(reports: Told, now: datetime) -> tuple[NDArray[Any], NDArray[Any]]:
    """When each happened and was received, all on the day that ends now. Unit: seconds since 1970."""
    ends = now.timestamp()
    began = float(reports.occurred_s.min() // DAY_S * DAY_S)
    moved = ends - DAY_S - began - DAY_S * _day(reports)
    soonest = ends - LONGEST_AGO.total_seconds()
    received = np.clip(reports.received_ms / 1000 + moved, soonest, ends - 1)
    return np.minimum(reports.occurred_s + moved, received), received


def _again(kind: str, report: Report, at: datetime) -> Report:
    """The report once more: as it was, told otherwise, or taken back."""
    if kind == "resend":
        return msgspec.structs.replace(report, received_at=at)
    version = report.version + 1
    if kind == "withdrawal" or report.occurred_at is None:
        return Report(
            municipality=report.municipality,
            actor=report.actor,
            version=version,
            received_at=at,
            withdrawn=True,
        )
    occurred_at = report.occurred_at - timedelta(minutes=20)
    return msgspec.structs.replace(report, version=version, received_at=at, occurred_at=occurred_at)
