"""A pack of Stockholm's real NYKO division, built from open data that is not in the repository."""

import shutil
import sqlite3
from pathlib import Path

import shapely
import yaml

ROOT = Path(__file__).parents[2]
REAL_AREAS = ROOT.parent / "shared/data/areas/stockholm_basomraden_nyko_3011.gpkg"
DEMO_PACK = ROOT / "deploy/municipalities/demo"
CRS = 3011
LEAF_DIGITS = 3


def real_areas() -> dict[str, shapely.Geometry]:
    """The areas of level 3, by code: unions of the finest division's areas."""
    with sqlite3.connect(REAL_AREAS) as opened:
        (table,) = opened.execute("select table_name from gpkg_contents").fetchone()
        rows = opened.execute(f"select nyckelkod_1, geom from {table}").fetchall()
    opened.close()
    parts: dict[str, list[shapely.Geometry]] = {}
    for code, blob in rows:
        envelope = {0: 0, 1: 32}[(blob[3] >> 1) & 0b111]
        parts.setdefault(code[:LEAF_DIGITS], []).append(shapely.from_wkb(blob[8 + envelope :]))
    return {code: shapely.union_all(some) for code, some in sorted(parts.items())}


def write_pack(folder: Path, areas: dict[str, shapely.Geometry]) -> None:
    """The demo pack with other areas, in their own system."""
    shutil.copytree(DEMO_PACK, folder)
    (folder / "areas.geojson").unlink()
    city = yaml.safe_load((folder / "municipality.yaml").read_text(encoding="utf-8"))
    upper = sorted({code[:digits] for code in areas for digits in (1, 2)})
    city |= {"crs": CRS, "area_names": {code: f"Område {code}" for code in upper}}
    text = yaml.safe_dump(city, allow_unicode=True)
    (folder / "municipality.yaml").write_text(text, encoding="utf-8")
    write_geopackage(folder / "areas.gpkg", areas)


def write_geopackage(path: Path, areas: dict[str, shapely.Geometry]) -> None:
    """What a GIS writes, as far as it matters."""
    opened = sqlite3.connect(path)
    opened.executescript(
        f"""
        create table gpkg_spatial_ref_sys (srs_id int, organization, organization_coordsys_id int);
        create table gpkg_geometry_columns (table_name, column_name, srs_id int);
        create table areas (fid integer primary key, geom blob, code text, name text,
                            population int, valid_from text, valid_to text);
        insert into gpkg_spatial_ref_sys values ({CRS}, 'EPSG', {CRS});
        insert into gpkg_geometry_columns values ('areas', 'geom', {CRS});
        """
    )
    header = b"GP\x00\x01" + CRS.to_bytes(4, "little")
    opened.executemany(
        "insert into areas (geom, code, name, population, valid_from) values (?, ?, ?, 1, ?)",
        [
            (header + shapely.to_wkb(area), code, f"Område {code}", "2014-01-01")
            for code, area in areas.items()
        ],
    )
    opened.commit()
    opened.close()
