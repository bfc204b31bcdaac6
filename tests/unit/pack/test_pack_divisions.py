"""A pack keeps every division of its areas, and says what is wrong between them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import shapely

from shared.pack import PackError, check, load_pack
from shared.pack.divisions import divisions, divisions_of
from shared.pack.drawing import area_collection
from shared.pack.geometry import load_divisions, load_polygons
from shared.pack.model import Area
from tests.support.towns import Land, write_town

SOUTH = Land("211", 2, 3)
OLD = (Land("111", 0, 1, valid_to="2025-06-01"), Land("112", 1, 2, valid_to="2025-06-01"))
NEW = (
    Land("111", 0, 1.5, valid_from="2025-06-01"),
    Land("113", 1.5, 2, valid_from="2025-06-01"),
)


def said(folder: Path) -> list[tuple[int, str]]:
    mistakes = check(folder)
    assert {one.file for one in mistakes} <= {"areas.geojson"}
    assert all(one.message.sv != one.message.en for one in mistakes)
    return [(one.line, one.message.en) for one in mistakes]


def test_the_areas_in_use_are_those_without_an_end(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "pack", (*OLD, SOUTH, *NEW))
    assert said(folder) == []
    pack = load_pack(folder)
    assert [area.code for area in pack.areas] == ["111", "113", "211"]
    assert pack.codes_at(3) == ("111", "113", "211", "999")
    assert pack.leaf_codes == {"111", "113", "211", "999"}
    assert [(area.code, area.valid_from, area.valid_to) for area in pack.retired] == [
        ("111", date(2020, 1, 1), date(2025, 6, 1)),
        ("112", date(2020, 1, 1), date(2025, 6, 1)),
    ]


def test_a_retired_code_has_its_level_name_and_people_still(tmp_path: Path) -> None:
    pack = load_pack(write_town(tmp_path / "pack", (*OLD, SOUTH, *NEW)))
    assert (pack.level_of("112"), pack.name_of("112"), pack.population_of("112")) == (
        3,
        "Område 112",
        100,
    )
    assert pack.population_of("11") == 200  # of those in use alone
    assert pack.level_of("114") is None


def test_an_upper_area_whose_leaves_have_all_ended_is_retired_too(tmp_path: Path) -> None:
    land = (
        *(Land("111", 0, 1), Land("211", 1, 2, valid_to="2024-01-01")),
        Land("112", 1, 2, valid_from="2024-01-01"),
    )
    folder = write_town(tmp_path / "pack", land)
    assert said(folder) == []  # its name stays in municipality.yaml
    pack = load_pack(folder)
    assert (pack.level_of("2"), pack.level_of("21")) == (1, 2)
    assert (pack.population_of("21"), "21" in pack.codes_at(2)) == (100, False)
    ended = [one["id"] for one in area_collection(pack, retired=True)["features"]][-3:]
    assert ended == ["2@2020-01-01", "21@2020-01-01", "211@2020-01-01"]


def test_the_divisions_follow_each_other_and_the_last_has_no_end() -> None:
    first, second, third = date(2020, 1, 1), date(2023, 1, 1), date(2025, 1, 1)
    a, b = Area("111", "A", 1, first, second), Area("112", "B", 1, first)
    c, d = Area("113", "C", 1, second, third), Area("111", "D", 1, third)
    found = divisions([d, c, b, a])
    assert [(one.valid_from, one.valid_to) for one in found] == [
        (first, second),
        (second, third),
        (third, None),
    ]
    assert [one.areas for one in found] == [(a, b), (b, c), (d, b)]


def test_the_borders_of_each_division_are_its_own(tmp_path: Path) -> None:
    pack = load_pack(write_town(tmp_path / "pack", (*OLD, SOUTH, *NEW)))
    old, new = load_divisions(pack)
    assert (old.codes, new.codes) == (("111", "112", "211"), ("111", "113", "211"))
    assert [one.valid_from for one in (old, new)] == [one.valid_from for one in divisions_of(pack)]
    assert shapely.bounds(old.geometries[0])[2] == pytest.approx(17.1)
    assert shapely.bounds(new.geometries[0])[2] == pytest.approx(17.15)
    assert load_polygons(pack) == new


def test_a_validity_that_changed_after_loading_is_refused(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "pack", (*OLD, SOUTH, *NEW))
    pack = load_pack(folder)
    path = folder / "areas.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace("2025-06-01", "2025-07-01"))
    with pytest.raises(PackError, match="changed since"):
        load_polygons(pack)


WRONG: list[tuple[str, Sequence[Land], int, str]] = [
    (
        "a_code_twice_on_one_day",
        (
            Land("111", 0, 1, valid_to="2025-06-01"),
            Land("111", 1, 2, valid_from="2025-01-01"),
            SOUTH,
        ),
        3,
        "The area code 111 is already valid on 2025-01-01 by line 2.",
    ),
    (
        "a_day_without_any_area",
        (
            Land("111", 0, 2, valid_to="2024-12-31"),
            Land("211", 2, 3, valid_to="2024-12-31"),
            Land("111", 0, 2, valid_from="2025-01-01"),
            Land("211", 2, 3, valid_from="2025-01-01"),
        ),
        4,
        "From 2024-12-31 to 2025-01-01 there are no areas",
    ),
    (
        "land_left_out_for_a_day",
        (*OLD, SOUTH, NEW[0], Land("113", 1.5, 2, valid_from="2025-06-02")),
        6,
        "From 2025-06-01 to 2025-06-02",
    ),
    (
        "areas_of_one_time_overlap",
        (*OLD, SOUTH, NEW[0], Land("113", 1.4, 2, valid_from="2025-06-01")),
        6,
        "111 and 113 overlap",
    ),
    (
        "areas_of_an_earlier_time_overlap",
        (OLD[0], Land("112", 0.9, 2, valid_to="2025-06-01"), SOUTH, *NEW),
        3,
        "111 and 112 overlap",
    ),
    (
        "no_area_in_use",
        (Land("111", 0, 1, valid_to="2025-06-01"), Land("211", 1, 2, valid_to="2025-01-01")),
        2,
        "No area is valid from 2025-06-01",
    ),
]


@pytest.mark.parametrize(
    ("land", "line", "words"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG]
)
def test_what_is_wrong_between_divisions_is_said_with_its_line(
    tmp_path: Path, land: Sequence[Land], line: int, words: str
) -> None:
    mistakes = said(write_town(tmp_path / "pack", land))
    assert [(at, words in text) for at, text in mistakes if words in text] == [(line, True)]


def test_a_pack_with_a_day_without_areas_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="there are no areas"):
        load_pack(write_town(tmp_path / "pack", WRONG[1][1]))


def test_two_names_of_different_times_may_be_the_same(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "pack", (*OLD, SOUTH, *NEW))  # 111 keeps its name
    assert said(folder) == []


def test_land_that_never_belongs_to_an_area_again_may_have_been_ceded(tmp_path: Path) -> None:
    land = (Land("111", 0, 2), Land("211", 2, 3, valid_to="2025-01-01"), Land("212", 3, 4))
    assert said(write_town(tmp_path / "pack", land)) == []


def test_a_retired_area_needs_a_sound_border_too(tmp_path: Path) -> None:
    land = (*OLD, SOUTH, *NEW)
    folder = write_town(tmp_path / "pack", land)
    path = folder / "areas.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace("Polygon", "Point", 1))
    assert said(folder) == [(2, "The area has no polygon (Polygon or MultiPolygon).")]


def test_the_rest_code_may_not_lie_in_an_area_that_has_ended(tmp_path: Path) -> None:
    land = (
        *(Land("111", 0, 1), Land("211", 1, 2, valid_to="2025-01-01")),
        Land("112", 1, 2, valid_from="2025-01-01"),
    )
    folder = write_town(tmp_path / "pack", land)
    path = folder / "municipality.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('"999"', '"299"'), encoding="utf-8")
    assert any("falls in the real area 2 " in one.message.en for one in check(folder))
