"""A GeoPackage's one layer of areas, read with SQLite alone.

The library for this (GDAL, in pyogrio) costs 82 MB of resident memory in every process that reads
a pack (research/embedded.md §4), more than the anonymizer has left. A GeoPackage is an SQLite file
whose geometry is a short header and WKB (OGC 12-128r19 §2.1.3), and that is all that is read here.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.language import Text
from shared.pack.schema import AreaProperties

WGS_84 = 4326
SWEREF_99 = range(3006, 3019)  # TM and the twelve local zones
MAGIC = b"GP"
ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
HEADER_BYTES = 8


class UnreadableLayerError(Exception):
    """The file is no GeoPackage that we can read."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


@dataclass(frozen=True, slots=True)
class Row:
    """One feature: its columns but the geometry, and the geometry as WKB, `None` without one."""

    columns: Mapping[str, Any]
    wkb: bytes | None


@dataclass(frozen=True, slots=True)
class Layer:
    """The features in the table's order. Unit: `crs` EPSG number."""

    crs: int
    rows: tuple[Row, ...]


def read_layer(path: Path) -> Layer:
    """The layer of a GeoPackage that has exactly one.

    Raises:
        UnreadableLayerError: it is no GeoPackage, or has another number of layers, lacks a
            column, or is in a system that no Swedish municipality uses.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            opened.row_factory = sqlite3.Row
            return _layer(opened)
    except sqlite3.Error:
        raise UnreadableLayerError(_NOT_A_GEOPACKAGE) from None


def _layer(opened: sqlite3.Connection) -> Layer:
    layers = opened.execute(
        "select g.table_name, g.column_name, s.organization, s.organization_coordsys_id"
        " from gpkg_geometry_columns g join gpkg_spatial_ref_sys s using (srs_id)"
    ).fetchall()
    if len(layers) != 1:
        raise UnreadableLayerError(_ONE_LAYER)
    table, column, organization, crs = layers[0]
    if str(organization).upper() != "EPSG" or crs not in (WGS_84, *SWEREF_99):
        raise UnreadableLayerError(_OTHER_SYSTEM)
    quoted = str(table).replace('"', '""')
    rows = opened.execute(f'select * from "{quoted}" order by rowid').fetchall()  # noqa: S608 - quoted
    missing = set(AreaProperties.model_fields) - set(rows[0].keys() if rows else ())
    if rows and missing:
        raise UnreadableLayerError(_lacks(sorted(missing)))
    return Layer(crs, tuple(_row(row, column) for row in rows))


def _row(row: sqlite3.Row, geometry: str) -> Row:
    columns = {name: row[name] for name in row.keys() if name != geometry}  # noqa: SIM118
    return Row(columns, _wkb(row[geometry]))


def _wkb(blob: Any) -> bytes | None:
    """The geometry behind the GeoPackage's own header; `None` if there is none."""
    if not isinstance(blob, bytes) or len(blob) <= HEADER_BYTES or not blob.startswith(MAGIC):
        return None
    envelope = ENVELOPE_BYTES.get((blob[3] >> 1) & 0b111)
    return None if envelope is None else blob[HEADER_BYTES + envelope :]


_NOT_A_GEOPACKAGE = Text(sv="Filen är ingen GeoPackage.", en="The file is no GeoPackage.")
_ONE_LAYER = Text(
    sv="Filen ska ha exakt ett lager med områden.",
    en="The file must have exactly one layer of areas.",
)
_OTHER_SYSTEM = Text(
    sv="Lagret ska vara i SWEREF 99 (EPSG 3006–3018) eller WGS 84 (EPSG 4326).",
    en="The layer must be in SWEREF 99 (EPSG 3006–3018) or WGS 84 (EPSG 4326).",
)


def _lacks(columns: list[str]) -> Text:
    names = ", ".join(columns)
    return Text(sv=f"Lagret saknar: {names}.", en=f"The layer lacks: {names}.")
