"""The demo pack: without mistakes, believable, a partition, and reproduced by its generator."""

import csv
import sys
from collections import Counter
from pathlib import Path
from subprocess import run

import pytest
import shapely
from pyproj import CRS
from shapely.geometry import shape

from deploy.municipalities.generate import DEMO, generate, main
from shared.pack import Family, Kind, Pack, Sensitivity, check, load_pack
from shared.pack.drawing import area_collection
from shared.pack.geometry import load_polygons
from shared.pack.registers import REGISTERS

ACTORS = ("police", "fire", "guards", "housing", "education", "social")


@pytest.fixture(scope="module")
def demo() -> Pack:
    return load_pack(DEMO)


def test_the_demo_pack_has_no_mistakes() -> None:
    assert check(DEMO) == []


def test_the_generator_makes_the_committed_files_again(tmp_path: Path) -> None:
    main([str(tmp_path)])
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(made) == {"municipality.yaml", "areas.geojson", *(one.file for one in REGISTERS)}
    assert [name for name, there in made.items() if (DEMO / name).read_bytes() != there] == []


def test_the_generator_gives_the_same_text_twice() -> None:
    assert generate() == generate()


def test_the_demo_pack_says_that_it_is_synthetic(demo: Pack) -> None:
    assert demo.synthetic
    assert (demo.code, demo.name) == ("9998", "Exempelstad")
    assert "SYNTHETIC" in (DEMO / "municipality.yaml").read_text(encoding="utf-8")


def test_it_has_4_parts_12_districts_and_60_areas_and_a_rest_area_of_each(demo: Pack) -> None:
    assert [len(demo.codes_at(level)) - 1 for level in (1, 2, 3)] == [4, 12, 60]
    assert demo.levels == (1, 2, 3)
    assert demo.rest_code == "999"


def test_about_60_000_people_live_there_unevenly(demo: Pack) -> None:
    people = sorted(area.population for area in demo.areas)
    assert sum(people) == 60_000
    assert people[0] == 0  # a reserve: shares of nobody must not break anything
    assert people[2] < 50
    assert 500 < people[len(people) // 2] < 1_500


def test_every_area_has_a_name_of_its_own_and_some_need_swedish_letters(demo: Pack) -> None:
    names = [area.name for area in demo.areas]
    assert len(set(names)) == len(names)
    assert all(any(letter in name for name in names) for letter in "åäöÅÄÖ")


def test_the_areas_share_their_borders_without_gap_or_overlap(demo: Pack) -> None:
    geometries = load_polygons(demo).geometries
    assert shapely.coverage_is_valid(list(geometries))
    mainland = max(
        shapely.get_parts(shapely.coverage_union_all(list(geometries))), key=shapely.area
    )
    assert shapely.get_num_interior_rings(mainland) == 1  # the pond


@pytest.mark.parametrize("level", [1, 2])
def test_an_upper_area_hangs_together_but_for_its_islands(demo: Pack, level: int) -> None:
    for feature in area_collection(demo)["features"]:
        if feature["properties"]["level"] == level and feature["geometry"]:
            parts = sorted(map(shapely.area, shapely.get_parts(shape(feature["geometry"]))))
            assert sum(parts[:-1]) < 0.15 * sum(parts), feature["id"]


def test_the_areas_of_every_level_are_valid_and_cover_the_same_land(demo: Pack) -> None:
    by_level: dict[int, list[shapely.Geometry]] = {1: [], 2: [], 3: []}
    for feature in area_collection(demo)["features"]:
        if feature["geometry"]:
            by_level[feature["properties"]["level"]].append(shape(feature["geometry"]))
    for geometries in by_level.values():
        assert shapely.is_valid(geometries).all()
        assert shapely.coverage_is_valid(geometries)
    sizes = [float(shapely.area(geometries).sum()) for geometries in by_level.values()]
    assert sizes == pytest.approx([sizes[0]] * 3, rel=1e-9)


def test_the_centre_has_small_areas_and_the_country_large_ones(demo: Pack) -> None:
    polygons = load_polygons(demo)
    sizes = dict(zip(polygons.codes, shapely.area(list(polygons.geometries)), strict=True))
    centre = [size for code, size in sizes.items() if code.startswith("11")]
    country = [size for code, size in sizes.items() if code[:2] in ("23", "33", "43")]
    assert max(centre) * 3 < min(country)


def test_the_areas_lie_in_the_zone_that_the_pack_names(demo: Pack) -> None:
    use = CRS.from_epsg(demo.crs).area_of_use
    assert use is not None
    west, south, east, north = shapely.total_bounds(list(load_polygons(demo).geometries))
    assert use.west <= west <= east <= use.east
    assert use.south <= south <= north <= use.north


def test_the_registers_lie_in_the_areas(demo: Pack) -> None:
    land = shapely.coverage_union_all(list(load_polygons(demo).geometries))
    for register in REGISTERS:
        with (DEMO / register.file).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        points = shapely.points([[float(row["lon"]), float(row["lat"])] for row in rows])
        assert len(rows) > 40
        assert shapely.contains(land, points).all()


def test_six_actors_are_there_and_only_the_social_services_report_no_events(demo: Pack) -> None:
    assert tuple(demo.actors) == ACTORS
    reporting = {actor: {one.kind for one in demo.reportable_by(actor)} for actor in demo.actors}
    assert [actor for actor in ACTORS if Kind.EVENT in reporting[actor]] == list(ACTORS[:5])
    assert reporting["social"] == {Kind.STATISTIC}


def test_the_catalogue_has_the_whole_table(demo: Pack) -> None:
    kinds = Counter(one.kind for one in demo.indicators.values())
    assert kinds == {Kind.EVENT: 19, Kind.STATISTIC: 9}
    assert {one.family for one in demo.indicators.values()} == set(Family)


def test_every_class_is_there_among_events(demo: Pack) -> None:
    events = [one for one in demo.indicators.values() if one.kind is Kind.EVENT]
    assert {one.sensitivity for one in events} == set(Sensitivity)


def test_every_figure_about_residents_is_of_the_highest_class(demo: Pack) -> None:
    figures = [one for one in demo.indicators.values() if one.kind is Kind.STATISTIC]
    assert {one.sensitivity for one in figures} == {Sensitivity.S3}


def test_the_catalogue_is_a_partition(demo: Pack) -> None:
    """One event, one leaf: no leaf is named as a part of another, and none is nobody's."""
    codes = list(demo.indicators)
    assert not [(one, other) for one in codes for other in codes if other.startswith(f"{one}_")]
    assert all(one.actors for one in demo.indicators.values())
    assert len({one.name for one in demo.indicators.values()}) == len(codes)


def test_only_fire_and_police_are_cleared_for_more_than_the_lowest_class(demo: Pack) -> None:
    wide = frozenset({Sensitivity.S0, Sensitivity.S1})
    cleared = {actor: wide if actor in ("fire", "police") else {Sensitivity.S0} for actor in ACTORS}
    assert demo.exact == cleared


def test_pushes_may_reach_the_own_machine_alone(demo: Pack) -> None:
    assert demo.webhook_networks == ("127.0.0.0/8", "::1/128")


def test_loading_a_pack_brings_no_geometry() -> None:
    program = (
        "import pathlib, sys, shared.pack.model, shared.pack\n"
        "assert not {'yaml', 'pydantic', 'shapely'} & set(sys.modules)\n"
        "shared.pack.load_pack(pathlib.Path(sys.argv[1]))\n"
        "assert not {'shapely', 'numpy', 'pyproj'} & set(sys.modules)\n"
    )
    ended = run(
        [sys.executable, "-c", program, str(DEMO)], check=False, capture_output=True, text=True
    )
    assert ended.stderr == ""
