"""Borders as the services get them, and the areas of every level as GeoJSON."""

from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from shared.pack import PackError, load_pack
from shared.pack.drawing import area_collection
from shared.pack.geometry import load_polygons
from shared.pack.geopackage import WGS_84


def test_the_polygons_of_the_leaves_come_in_the_order_of_their_codes(small_folder: Path) -> None:
    polygons = load_polygons(load_pack(small_folder))
    assert polygons.crs == WGS_84
    assert polygons.codes == ("011", "012", "111", "112")
    assert shapely.equals(polygons.geometries[1], shapely.box(17.1, 59.0, 17.2, 59.1))


def test_borders_that_went_wrong_after_loading_are_refused(small_folder: Path) -> None:
    pack = load_pack(small_folder)
    path = small_folder / "areas.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace("Polygon", "Point", 1))
    with pytest.raises(PackError, match=r"areas\.geojson:2: The area has no polygon"):
        load_polygons(pack)


def test_areas_that_changed_after_loading_are_refused(small_folder: Path) -> None:
    pack = load_pack(small_folder)
    path = small_folder / "areas.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace('"112"', '"113"'))
    with pytest.raises(PackError, match="changed since"):
        load_polygons(pack)


def test_the_collection_has_the_areas_of_every_level_and_the_rest_area(small_folder: Path) -> None:
    collection = area_collection(load_pack(small_folder))
    assert collection["type"] == "FeatureCollection"
    found = [(one["properties"]["level"], one["id"]) for one in collection["features"]]
    assert found == [
        *((1, "0"), (1, "1"), (1, "9")),
        *((2, "01"), (2, "11"), (2, "99")),
        *((3, "011"), (3, "012"), (3, "111"), (3, "112"), (3, "999")),
    ]


def test_a_feature_says_code_name_level_and_population(small_folder: Path) -> None:
    features = area_collection(load_pack(small_folder))["features"]
    expected = {"code": "01", "name": "Norra ängen", "level": 2, "population": 200}
    expected |= {"valid_from": "2020-01-01", "valid_to": None}
    assert features[3]["properties"] == expected


def test_the_rest_area_has_no_geometry_and_no_people(small_folder: Path) -> None:
    features = area_collection(load_pack(small_folder))["features"]
    rest = [one for one in features if one["properties"]["name"] == "Övrigt"]
    assert [one["geometry"] for one in rest] == [None, None, None]
    assert [one["properties"]["population"] for one in rest] == [0, 0, 0]


def test_an_upper_area_is_the_union_of_its_leaves(small_folder: Path) -> None:
    features = area_collection(load_pack(small_folder))["features"]
    north = shape(features[0]["geometry"])
    assert shapely.equals(north, shapely.box(17.0, 59.0, 17.2, 59.1))
    assert shapely.is_ccw(shapely.get_exterior_ring(north))


def test_neighbours_still_share_their_border_after_rounding(small_folder: Path) -> None:
    path = small_folder / "areas.geojson"
    text = path.read_text(encoding="utf-8").replace("17.1,", "17.12345678,")
    path.write_text(text, encoding="utf-8")
    features = area_collection(load_pack(small_folder))["features"]
    leaves = [shape(one["geometry"]) for one in features[6:10]]
    assert shapely.coverage_is_valid(leaves)
    assert leaves[0].bounds == (17.0, 59.0, 17.123457, 59.1)
