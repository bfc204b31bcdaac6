"""A municipality of four square areas, written where a test can break it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

MUNICIPALITY = """\
code: "0012"
name: Småstad
synthetic: true
crs: 3011
levels: [1, 2, 3]
rest_code: "999"
rest_name: Övrigt
area_names:
  "0": Norr
  "01": Norra ängen
  "1": Söder
  "11": Södra ängen
"""
ACTORS = """\
actors:
  - id: fire
    name: Räddningstjänsten
    name_en: Fire service
  - id: social
    name: Socialtjänsten
    name_en: Social services
  - id: school
    name: Skolan
    name_en: School
"""
INDICATORS = """\
indicators:
  - code: bin_fire
    name: Brand i soptunna
    name_en: Fire in a bin
    kind: event
    class: S0
    family: fire
    actors: [fire]
  - code: house_fire
    name: Brand i hus
    name_en: Fire in a house
    kind: event
    class: S1
    family: fire
    actors: [fire]
  - code: threats
    name: Hot
    name_en: Threats
    kind: event
    class: S2
    family: violence
    actors: [fire]
  - code: window
    name: Ruta
    name_en: Window
    kind: event
    class: S1
    family: damage
    actors: [school]
  - code: notifications
    name: Anmälningar
    name_en: Notifications
    kind: statistic
    class: S3
    family: other
    actors: [social]
"""
POLICY = """\
exact:
  fire: [S1]
  social: [S3@2]
webhooks:
  allow_networks:
    - 127.0.0.0/8
"""
FIRE_AGREEMENT = """\
actor: fire
events:
  format: api
  interval_hours: 1
  codes:
    - bin_fire
    - house_fire
    - threats
"""
SOCIAL_AGREEMENT = """\
actor: social
statistics:
  format: excel
  interval_hours: 2208
  codes: [notifications]
"""
SCHOOL_AGREEMENT = """\
actor: school
events:
  format: excel
  interval_hours: 336
  codes: [window]
  words:
    Krossad ruta: window
    "012": window
  sheet:
    columns:
      id: Nummer
      version: Version
      date: Datum
      time: Klockslag
      lat: Latitud
      lon: Longitud
      e: Öst
      n: Nord
      indicator: Typ
    crs: 3011
    time_zone: Europe/Stockholm
    dates: ["%d/%m/%Y"]
    times: ["%H:%M"]
"""
ADDRESSES = """\
street,number,letter,locality,lat,lon
Storgatan,1,,Norr,59.0500,17.0500
Storgatan,1,B,Norr,59.0500,17.0500
Storgatan,1,,Söder,59.1500,17.0500
"""
PROPERTIES = """\
designation,lat,lon
SMÅSTAD BERGA 1:2,59.0500,17.0500
"""
OBJECTS = """\
name,kind,lat,lon
Ängsskolan,school,59.0500,17.0500
"""


def _feature(code: str, name: str, *, west: float, south: float) -> str:
    east, north = round(west + 0.1, 1), round(south + 0.1, 1)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return (
        f'{{"type": "Feature", "properties": {{"code": "{code}", "name": "{name}", '
        f'"population": 100, "valid_from": "2020-01-01", "valid_to": null}}, '
        f'"geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}'
    )


def _areas() -> str:
    features = (
        _feature("011", "Björkbacken", west=17.0, south=59.0),
        _feature("012", "Ekbacken", west=17.1, south=59.0),
        _feature("111", "Tallbacken", west=17.0, south=59.1),
        _feature("112", "Granbacken", west=17.1, south=59.1),
    )
    body = ",\n".join(features)
    return f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n'


@pytest.fixture
def small_files() -> Mapping[str, str]:
    """The text of every file of the small pack, by its name."""
    return {
        "municipality.yaml": MUNICIPALITY,
        "actors.yaml": ACTORS,
        "indicators.yaml": INDICATORS,
        "policy.yaml": POLICY,
        "agreements/fire.yaml": FIRE_AGREEMENT,
        "agreements/school.yaml": SCHOOL_AGREEMENT,
        "agreements/social.yaml": SOCIAL_AGREEMENT,
        "areas.geojson": _areas(),
        "addresses.csv": ADDRESSES,
        "properties.csv": PROPERTIES,
        "objects.csv": OBJECTS,
    }


@pytest.fixture
def small_folder(small_files: Mapping[str, str], tmp_path: Path) -> Path:
    """The small pack on disk, without a mistake."""
    folder = tmp_path / "smastad"
    (folder / "agreements").mkdir(parents=True)
    for name, text in small_files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
