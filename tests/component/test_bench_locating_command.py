"""`lagesbild bench locating` on packs that lack what a pack may lack."""

import json
from pathlib import Path
from shutil import copytree

import pytest

from deploy.municipalities.generate import DEMO
from services.cli import main
from shared.pack.registers import ADDRESSES, OBJECTS, PLACES, PROPERTIES, ROADS, Register

FEW = 600

KINDS_OF = {
    PLACES.file: {
        "between_places",
        "level_with_place",
        "outside_of_place",
        "place",
        "place_and_locality",
        "place_qualified",
        "road_around_place",
        "road_with_place",
    },
    ROADS.file: {"road_alone", "road_around_place", "road_direction", "road_with_place"},
    OBJECTS.file: {"object", "object_unknown", "object_and_locality"},
    PROPERTIES.file: {"property", "property_two_units", "property_ordinary_quarter"},
    ADDRESSES.file: {
        "address",
        "phrase_at",
        "names_agree",
        "address_held_out",
        "denied_and_corrected",
        "person_at_house",
    },
}


def kinds_of(folder: Path, capsys: pytest.CaptureFixture[str], places: int = FEW) -> set[str]:
    exit_code = main(
        ["bench", "locating", "--pack", str(folder), "--places", str(places), "--json"]
    )
    told = json.loads(capsys.readouterr().out)
    assert exit_code == (0 if told["ok"] else 1)
    assert told["places"] == sum(one["places"] for one in told["by_kind"].values()) == places
    assert set(told["by_register"]) == {"as_it_is", "harder"}
    return set(told["by_kind"])


def test_a_whole_pack_has_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert set().union(*KINDS_OF.values()) <= kinds_of(DEMO, capsys, places=2000)


@pytest.mark.parametrize("missing", [(PLACES,), (ROADS,)])
def test_a_pack_without_its_optional_registers_is_measured(
    missing: tuple[Register, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copytree(DEMO, tmp_path / "pack")
    for register in missing:
        (folder / register.file).unlink()
    kinds = kinds_of(folder, capsys)
    for register in missing:
        assert not KINDS_OF[register.file] & kinds
    assert KINDS_OF[OBJECTS.file] | KINDS_OF[ADDRESSES.file] <= kinds


@pytest.mark.parametrize("empty", [ADDRESSES, OBJECTS, PROPERTIES])
def test_a_pack_with_an_empty_register_is_measured(
    empty: Register, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copytree(DEMO, tmp_path / "pack")
    (folder / empty.file).write_text(",".join(empty.columns) + "\n")
    kinds = kinds_of(folder, capsys)
    assert not KINDS_OF[empty.file] & kinds
    assert "point_degrees" in kinds
