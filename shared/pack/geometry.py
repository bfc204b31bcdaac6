"""The borders of a pack's areas. Imports shapely: only for who locates or draws (`drawing`).

Coordinates are in the system of the file, x (longitude or easting) first.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import shapely

from shared.language import Text
from shared.pack.borders import border_mistakes, geometry_of
from shared.pack.divisions import divisions_of
from shared.pack.features import AREAS_FILES, AreaFeature, read_features
from shared.pack.mistakes import Mistake, PackError, in_reading_order
from shared.pack.model import Area, Pack

Validity: TypeAlias = tuple[str, date, date]

_CHANGED = Text(
    sv="Områdena har ändrats sedan paketet lästes; starta om.",
    en="The areas have changed since the pack was loaded; start again.",
)


@dataclass(frozen=True, slots=True)
class Polygons:
    """The leaf areas of one division.

    Shape: `codes` and `geometries` side by side, sorted by code, no rest area; `valid_from` is the
    division's first Stockholm day.
    """

    crs: int
    codes: tuple[str, ...]
    geometries: tuple[shapely.Geometry, ...]
    valid_from: date = date.min


def load_polygons(pack: Pack) -> Polygons:
    """Read the borders of the leaf areas in use.

    Raises:
        PackError: the file has changed since the pack was loaded, or a border is wrong.
    """
    return load_divisions(pack)[-1]


def load_divisions(pack: Pack) -> tuple[Polygons, ...]:
    """Read the borders of every division, the oldest first; the last one is in use.

    Raises:
        PackError: as `load_polygons`.
    """
    features, found = read_features(pack.path)
    found += border_mistakes(features)
    areas = {_validity(one): one for one in (*pack.retired, *pack.areas)}
    if not found and (not pack.areas or {_validity_of(one) for one in features} != set(areas)):
        file = features[0].file if features else AREAS_FILES[0]
        found.append(Mistake(file, 1, _CHANGED))
    if found:
        raise PackError(in_reading_order(found))
    borders = {
        _validity_of(one): geometry
        for one in features
        if not isinstance(geometry := geometry_of(one), Text)
    }
    return tuple(
        Polygons(
            features[0].crs,
            tuple(area.code for area in division.areas),
            tuple(borders[_validity(area)] for area in division.areas),
            division.valid_from,
        )
        for division in divisions_of(pack)
    )


def _validity(area: Area) -> Validity:
    return area.code, area.valid_from, area.ends


def _validity_of(one: AreaFeature) -> Validity:
    return one.properties.code, one.valid_from, one.ends
