"""The pack's registers as actors write them: by address, by designation, by name.

The area of each is found by asking every border in turn, so that nothing here can agree with the
product by making the same mistake.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Transformer

from shared.pack.geometry import Polygons
from shared.pack.model import Pack
from shared.pack.registers import Row, load_registers


@dataclass(frozen=True, slots=True)
class Written:
    """A place in words. Shape: `field` of a location, its text, the code of its leaf area."""

    field: str
    text: str
    area: str


def written_places(pack: Pack, polygons: Polygons) -> tuple[Written, ...]:
    """Every address, property and object of the pack that lies in an area."""
    registers = load_registers(pack.path)
    borders = np.array(polygons.geometries, dtype=object)
    shapely.prepare(borders)
    to_borders = Transformer.from_crs(4326, polygons.crs, always_xy=True)
    rows: list[tuple[str, str, Row]] = [
        *(("address", text, row) for row in registers.addresses for text in _address(row)),
        *(("property", row[0].title(), row) for row in registers.properties),
        *(("object", row[0], row) for row in registers.objects),
    ]
    places = []
    for field, text, row in rows:
        x, y = to_borders.transform(float(row[-1]), float(row[-2]))
        touching = np.flatnonzero(shapely.intersects_xy(borders, x, y))
        if touching.size:
            places.append(Written(field, text, polygons.codes[int(touching[0])]))
    return tuple(places)


def _address(row: Row) -> Iterator[str]:
    """As most write it, in capitals as some systems do, and with a dwelling behind it."""
    street, number, letter, locality, *_ = row
    house = f"{street} {number}{letter}"
    yield f"{house}, {locality}"
    yield f"{house}, {locality}".upper()
    yield f"{house} lgh 1203, {locality}"
