"""The registers of a pack as rows, and what is wrong in the optional ones."""

from pathlib import Path

import pytest

from shared.pack import PackError, check, load_pack
from shared.pack.model import NEAREST_AREA_METRES
from shared.pack.registers import load_registers


@pytest.fixture
def folder(small_folder: Path) -> Path:
    return small_folder


def test_a_pack_without_places_and_roads_has_no_mistake(folder: Path) -> None:
    assert check(folder) == []
    registers = load_registers(folder)
    assert (list(registers.places), list(registers.roads)) == ([], [])
    assert len(next(iter(registers.addresses))) == 6


def test_places_and_roads_are_read_where_they_are(folder: Path) -> None:
    (folder / "places.csv").write_text("name,lat,lon\nSandviken,59.1,17.1\n", encoding="utf-8")
    (folder / "roads.csv").write_text("road,lat,lon\nE20,59.1,17.1\nE20,59.2,17.1\n")
    assert check(folder) == []
    registers = load_registers(folder)
    assert list(registers.places) == [("Sandviken", "59.1", "17.1")]
    assert [row[0] for row in registers.roads] == ["E20", "E20"]


@pytest.mark.parametrize(
    ("file", "text", "line", "words"),
    [
        ("places.csv", "name,lat\n", 1, "first line"),
        ("places.csv", "name,lat,lon\n,59.1,17.1\n", 2, "missing"),
        ("places.csv", "name,lat,lon\nA,59.1,17.1\na,59.2,17.2\n", 3, "already on line 2"),
        ("places.csv", "name,lat,lon\nA,5.1,17.1\n", 2, "lat must be"),
        ("roads.csv", "road,lat,lon\nRv 73,59.1,17.1\n", 2, "must be written as"),
        ("roads.csv", "road,lat,lon\nE020,59.1,17.1\n", 2, "must be written as"),
        ("roads.csv", "road,lat,lon\nE20,59.1,17.1\nE20,59.1,17.1\n", 3, "already on line 2"),
    ],
)
def test_what_is_wrong_in_an_optional_register_is_named(
    folder: Path, file: str, text: str, line: int, words: str
) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    (mistake,) = check(folder)
    assert (mistake.file, mistake.line) == (file, line)
    assert words in mistake.message.en
    with pytest.raises(PackError):
        load_registers(folder)


def test_a_register_that_must_be_there_is_missed(folder: Path) -> None:
    (folder / "addresses.csv").unlink()
    with pytest.raises(PackError):
        load_registers(folder)


def test_how_far_outside_a_point_may_lie_is_the_packs_own(folder: Path) -> None:
    assert load_pack(folder).nearest_area_metres == NEAREST_AREA_METRES
    file = folder / "municipality.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}nearest_area_metres: 250\n", encoding="utf-8")
    assert load_pack(folder).nearest_area_metres == 250
    file.write_text(f"{text}nearest_area_metres: -1\n", encoding="utf-8")
    assert [one.line for one in check(folder)] == [text.count("\n") + 1]
