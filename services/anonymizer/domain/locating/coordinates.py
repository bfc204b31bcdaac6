"""Coordinate systems: which are understood, and how their points become the polygons' own."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

WGS_84 = 4326
SWEREF_99_TM = 3006
RT_90 = 3021  # 2.5 gon V, which was used in the whole country until 2007
RT_90_ZONES = range(3019, 3025)  # from 7.5 gon V to 5 gon O; old local files may be in any
SWEREF_99_ZONES = range(3007, 3019)  # each municipality uses one of the twelve

Coordinates = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a system's coordinates make sense; x points east, y north, in the system's unit."""

    west: float
    south: float
    east: float
    north: float


EXTENTS: Mapping[int, Extent] = MappingProxyType(
    {
        WGS_84: Extent(-180, -90, 180, 90),
        # Sweden with a wide margin: far outside, the projections repeat themselves round the globe.
        SWEREF_99_TM: Extent(0, 5_000_000, 1_500_000, 9_000_000),
        **dict.fromkeys(RT_90_ZONES, Extent(500_000, 5_000_000, 2_600_000, 9_000_000)),
        **dict.fromkeys(SWEREF_99_ZONES, Extent(-800_000, 5_000_000, 1_100_000, 9_000_000)),
    }
)
"""The systems that are understood, by EPSG number."""


def look_alikes(crs: int) -> tuple[int, ...]:
    """The other zones of a system: their numbers look the same, and each means another place.

    All zones of SWEREF 99 count east from 150,000 m, all of RT 90 from 1,500,000 m (Lantmäteriet).
    """
    for zones in (SWEREF_99_ZONES, RT_90_ZONES):
        if crs in zones:
            return tuple(one for one in zones if one != crs)
    return ()


class CoordinateSystems:
    """Brings points of every system that is understood into the one of the polygons."""

    def __init__(self, own: int) -> None:
        self._own = own
        self._to_own: dict[int, Transformer] = {}

    def to_own(self, crs: int, x: Coordinates, y: Coordinates) -> tuple[Coordinates, Coordinates]:
        """The points in the polygons' system.

        Shape: as many points as came in, in their order. A point outside the extent of its
        system, or one that the projection cannot follow, is not finite.

        Raises:
            KeyError: the system is not among `EXTENTS`.
        """
        extent = EXTENTS[crs]
        sensible = (
            (x >= extent.west) & (x <= extent.east) & (y >= extent.south) & (y <= extent.north)
        )
        if not sensible.all():
            x, y = np.where(sensible, x, np.nan), np.where(sensible, y, np.nan)
        if crs != self._own:
            x, y = self._transformer(crs).transform(x, y)
        return x, y

    def _transformer(self, crs: int) -> Transformer:
        """Made when the first point of a system comes: most municipalities use two of twenty."""
        if crs not in self._to_own:
            self._to_own[crs] = Transformer.from_crs(crs, self._own, always_xy=True)
        return self._to_own[crs]


def to_metres(crs: int, x: Coordinates, y: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Points of a system in SWEREF 99 TM, in metres; see `CoordinateSystems.to_own`."""
    return CoordinateSystems(SWEREF_99_TM).to_own(crs, x, y)
