"""What an installation keeps in its folder: secrets, ports, the lock."""

import os
import socket
from pathlib import Path

import pytest

from deploy.embedded.errors import CannotStart
from deploy.embedded.keys import ROOT_FILE, SERVICE_ROLES, secrets_in
from deploy.embedded.lock import hold
from deploy.embedded.ports import is_free, remembered_in, settled
from shared.api_keys import is_well_formed
from shared.root_key import RootKey


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    first = secrets_in(tmp_path, actors=["fire", "police"])
    second = secrets_in(tmp_path, actors=["fire", "police"])

    assert first == second
    assert set(first.passwords) == {"lagesbild_owner", *SERVICE_ROLES.values()}
    assert len(bytes.fromhex(first.installation)) == 32
    assert len(set(first.passwords.values())) == len(first.passwords)


def test_the_root_key_stands_alone_in_a_file_that_the_anonymizer_takes(tmp_path: Path) -> None:
    found = secrets_in(tmp_path, actors=[])

    assert RootKey.in_file(tmp_path / ROOT_FILE) == found.root


@pytest.mark.parametrize("text", ["", "c2hvcnQ="])
def test_a_damaged_root_key_stops_the_start_and_is_not_replaced(tmp_path: Path, text: str) -> None:
    secrets_in(tmp_path, actors=[])
    (tmp_path / ROOT_FILE).write_text(text)

    with pytest.raises(CannotStart, match=r"root\.key"):
        secrets_in(tmp_path, actors=[])

    assert (tmp_path / ROOT_FILE).read_text() == text


def test_every_actor_has_three_keys_and_the_owner_one(tmp_path: Path) -> None:
    keys = secrets_in(tmp_path, actors=["fire", "police"]).api_keys
    every = [key for pair in keys.actors.values() for key in pair.values()] + [keys.owner]

    assert {actor: set(pair) for actor, pair in keys.actors.items()} == {
        "fire": {"report", "read", "history"},
        "police": {"report", "read", "history"},
    }
    assert len(set(every)) == 7
    assert all(is_well_formed(key) for key in every)


def test_a_new_actor_gets_keys_and_the_others_keep_theirs(tmp_path: Path) -> None:
    before = secrets_in(tmp_path, actors=["fire"]).api_keys
    after = secrets_in(tmp_path, actors=["fire", "social"]).api_keys

    assert after.actors["fire"] == before.actors["fire"]
    assert after.owner == before.owner
    assert set(after.actors) == {"fire", "social"}


def test_an_actor_that_comes_back_finds_its_keys_again(tmp_path: Path) -> None:
    before = secrets_in(tmp_path, actors=["fire", "social"]).api_keys

    assert set(secrets_in(tmp_path, actors=["fire"]).api_keys.actors) == {"fire"}
    assert secrets_in(tmp_path, actors=["fire", "social"]).api_keys == before


def test_only_the_owner_may_read_the_secrets(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        secrets_in(tmp_path, actors=["fire"])
    finally:
        os.umask(before)

    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"secret": 7}'])
def test_a_damaged_file_stops_the_start_and_is_not_replaced(tmp_path: Path, text: str) -> None:
    secrets_in(tmp_path, actors=["fire"])
    damaged = tmp_path / "installation.json"
    damaged.write_text(text)

    with pytest.raises(CannotStart, match=r"installation\.json"):
        secrets_in(tmp_path, actors=["fire"])

    assert damaged.read_text() == text


def test_a_second_stack_on_a_folder_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    first = hold(tmp_path / "lock")

    with pytest.raises(CannotStart, match=f"{tmp_path}.*{os.getpid()}"):
        hold(tmp_path / "lock")

    first.close()
    hold(tmp_path / "lock").close()


async def test_an_installation_finds_its_ports_again(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    given = {"LAGESBILD_PORT_INGEST": "11420"}
    await settled(["ingest"], environment=given, file=file, any_free=False)

    assert remembered_in(file) == {"ingest": 11420}
    assert await settled(["ingest"], environment={}, file=file, any_free=False) == {"ingest": 11420}


async def test_a_port_that_is_given_up_within_the_second_is_no_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        given = {"LAGESBILD_PORT_INGEST": str(port)}
        with pytest.raises(CannotStart, match=str(port)):
            await settled(["ingest"], environment=given, file=tmp_path / "p", any_free=False)
        assert not is_free(port)

    ports = await settled(["ingest"], environment=given, file=tmp_path / "p", any_free=False)
    assert ports == {"ingest": port}
