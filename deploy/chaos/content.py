"""What a version of a report says, as a function of its number and version alone.

So a resend is equal byte for byte without anything being kept, and the oracle needs to remember
only which versions were accepted: 10 million reports are as cheap as ten.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from deploy.demo.cast import coarse
from deploy.demo.ground import Ground
from deploy.demo.registers import written_places
from deploy.demo.truth import Coarse, Width, floor
from shared.pack.geometry import load_polygons
from shared.pack.model import Kind, Pack

SPOTS = 600
WITHDRAWN_OF_TEN = 3  # of ten versions after the first

MASK = (1 << 64) - 1
RECENT_MINUTES = 120
DAYS_MINUTES = 5 * 24 * 60
LATEST_MINUTES = 25 * 24 * 60
OF_TWENTY_RECENT, OF_TWENTY_DAYS = 14, 18


class Spot(NamedTuple):
    """A place as it is written in a row, JSON or nothing, and the area it must be counted in."""

    written: str
    area: str


class Said(NamedTuple):
    """What a live version says. Unit: `minute` since 1970."""

    indicator: str
    minute: int
    area: str

    def coarsened(self, coarse: Coarse) -> "Said":
        """As it leaves the anonymizer."""
        minute = floor_minute(self.minute, coarse.width)
        return Said(self.indicator, minute, coarse.area(self.area))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenery:
    """What there is to say, and when the run began.

    Shape: `codes` by actor, `coarse` by code. Unit: `began` a whole minute, UTC.
    """

    seed: int
    began: datetime
    codes: Mapping[str, Sequence[str]]
    coarse: Mapping[str, Coarse]
    spots: Sequence[Spot]

    @property
    def actors(self) -> tuple[str, ...]:
        """Who reports; report number n is from actor n modulo their count."""
        return tuple(self.codes)


def scenery_of(pack: Pack, *, seed: int, now: datetime) -> Scenery:
    """The scenery of a municipality."""
    codes = {
        actor: tuple(one.code for one in pack.reportable_by(actor) if one.kind is Kind.EVENT)
        for actor in pack.actors
    }
    polygons = load_polygons(pack)
    ground = Ground(
        polygons.codes,
        polygons.geometries,
        rest_code=pack.rest_code,
        written=written_places(pack, polygons),
    )
    chance = Random(seed)
    liveliness = ground.liveliness(chance)
    found = (ground.spot(chance, liveliness) for _ in range(SPOTS))
    return Scenery(
        seed=seed,
        began=now.replace(second=0, microsecond=0) - timedelta(minutes=1),
        codes={actor: some for actor, some in codes.items() if some},
        coarse=coarse(pack),
        spots=tuple(Spot(_written(one.location), one.area) for one in found),
    )


class Content:
    """Says what every version of every report says."""

    def __init__(self, scenery: Scenery) -> None:
        self._seed = scenery.seed
        self._began = scenery.began
        self._began_minute = int(scenery.began.timestamp()) // 60
        self._codes = tuple(tuple(some) for some in scenery.codes.values())
        self._spots = tuple(scenery.spots)

    def said(self, number: int, version: int) -> Said | None:
        """What a version says; None is a withdrawal."""
        bits = mixed(self._seed, number, version)
        if _withdraws(version, bits):
            return None
        indicator, ago, spot = self._drawn(number, bits)
        return Said(indicator, self._began_minute - ago, self._spots[spot].area)

    def row(self, number: int, version: int) -> str:
        """The row that says it: JSON on a line of its own."""
        bits = mixed(self._seed, number, version)
        if _withdraws(version, bits):
            return f'{{"id":"{own_id(self._seed, number)}","version":{version},"withdrawn":true}}\n'
        indicator, ago, spot = self._drawn(number, bits)
        at = self._began - timedelta(minutes=ago) + timedelta(seconds=bits % 60)
        return (
            f'{{"id":"{own_id(self._seed, number)}","version":{version},"indicator":"{indicator}",'
            f'"occurred_at":"{at.isoformat()}"{self._spots[spot].written}}}\n'
        )

    def _drawn(self, number: int, bits: int) -> tuple[str, int, int]:
        codes = self._codes[number % len(self._codes)]
        return (
            codes[(bits >> 8) % len(codes)],
            minutes_ago(bits >> 20),
            (bits >> 44) % len(self._spots),
        )


def own_id(seed: int, number: int) -> str:
    """The actor's own id of a report: another seed never tells of the same."""
    return f"chaos-{seed}-{number}"


def minutes_ago(bits: int) -> int:
    """How long ago: mostly lately, so that cells are crowded; else hours, days or weeks."""
    draw, rest = bits % 20, bits >> 5
    if draw < OF_TWENTY_RECENT:
        return rest % RECENT_MINUTES
    return rest % (DAYS_MINUTES if draw < OF_TWENTY_DAYS else LATEST_MINUTES)


@cache
def floor_minute(minute: int, width: Width) -> int:
    """The first minute of the bucket. Unit: minutes since 1970."""
    return int(floor(datetime.fromtimestamp(minute * 60, UTC), width).timestamp()) // 60


def mixed(*numbers: int) -> int:
    """64 bits that look random, the same for the same numbers (the finalizer of splitmix64)."""
    state = 0
    for number in numbers:
        state = (state + number + 0x9E3779B97F4A7C15) & MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
        state ^= state >> 31
    return state


def _withdraws(version: int, bits: int) -> bool:
    return version > 1 and bits % 10 < WITHDRAWN_OF_TEN


def _written(location: Mapping[str, object] | None) -> str:
    return "" if location is None else f',"location":{json.dumps(location)}'
