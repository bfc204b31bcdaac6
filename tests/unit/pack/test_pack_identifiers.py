"""Codes and names of a pack against the tripwire: what is refused, what may be, what is said."""

from pathlib import Path

import pytest

from shared.pack import check, load_pack

PERSON = "198803200016"


def renamed(folder: Path, name: str) -> None:
    path = folder / "areas.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace("Granbacken", name), encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    ["Vasagatan", "Vasagatan 1–9", "Norra Berga 4:12", "BAS 101", "Kvarteret Björnen 3", "E4 norr"],
)
def test_a_place_may_be_named_after_a_street_or_a_property(small_folder: Path, name: str) -> None:
    renamed(small_folder, name)
    assert check(small_folder) == []
    assert load_pack(small_folder).name_of("112") == name


def test_what_looks_like_an_identifier_is_never_repeated(small_folder: Path) -> None:
    renamed(small_folder, f"Hos {PERSON}, 070-123 45 67")
    mistakes = check(small_folder)
    assert len(mistakes) == 2
    assert not any(PERSON in f"{one.message.sv}{one.message.en}" for one in mistakes)


def test_registers_never_leave_so_they_may_be_what_they_are(small_folder: Path) -> None:
    path = small_folder / "objects.csv"
    path.write_text("name,kind,lat,lon\nStorgatan 12,shop,59.0500,17.0500\n", encoding="utf-8")
    assert check(small_folder) == []
