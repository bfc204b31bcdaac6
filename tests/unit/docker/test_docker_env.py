"""The file of secrets for compose."""

import json
import stat
from pathlib import Path

import pytest

from deploy.docker.env import main, make
from deploy.embedded.keys import api_keys_of
from deploy.embedded.up import default_pack
from shared.api_keys import is_well_formed
from shared.pack import load_pack
from shared.root_key import RootKey
from tests.support.compose import variables_in


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert make(file, pack=default_pack())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [".env"]


def test_a_file_that_is_there_is_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ".env"
    file.write_text("MINE=1\n")
    assert main(["--file", str(file)]) == 0
    assert file.read_text() == "MINE=1\n"
    assert str(file) in capsys.readouterr().out


def test_what_it_says_on_the_terminal_holds_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ".env"
    main(["--file", str(file)])
    said = "".join(capsys.readouterr())
    assert not [one for one in variables_in(file).values() if one in said]


def test_every_secret_is_made_anew_and_is_one(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    make(first, pack=default_pack())
    make(second, pack=default_pack())
    one, other = variables_in(first), variables_in(second)

    assert [name for name in one if one[name] == other[name]] == ["LAGESBILD_PACK"]
    assert all(len(value) >= 22 for name, value in one.items() if name != "LAGESBILD_PACK")
    root = RootKey.of(one["LAGESBILD_ROOT_KEY"])
    assert root.announcement_key() == one["LAGESBILD_ANNOUNCEMENT_KEY"]


def test_every_actor_of_the_pack_and_the_owner_get_keys(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    make(file, pack=default_pack())
    actors = load_pack(default_pack()).actors

    keys = api_keys_of(json.loads(variables_in(file)["LAGESBILD_API_KEYS"]), actors=actors)

    given = [key for by_purpose in keys.actors.values() for key in by_purpose.values()]
    assert len({*given, keys.owner}) == 3 * len(actors) + 1
    assert all(is_well_formed(key) for key in (*given, keys.owner))


def test_a_pack_below_the_working_folder_is_named_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(default_pack().parent)
    make(tmp_path / "below", pack=Path(default_pack().name))
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "elsewhere", pack=default_pack())

    assert variables_in(tmp_path / "below")["LAGESBILD_PACK"] == "./demo"
    assert variables_in(tmp_path / "elsewhere")["LAGESBILD_PACK"] == str(default_pack())


def test_a_wrong_pack_makes_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / ".env"
    assert main(["--file", str(file), "--pack", str(tmp_path / "nothing")]) == 2
    assert not file.exists()
    assert capsys.readouterr().err
