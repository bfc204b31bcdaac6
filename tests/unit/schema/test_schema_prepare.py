"""`lagesbild migrate` understands everything given before it touches anything."""

import json
from typing import Any

import pytest

from deploy.embedded.keys import named_api_keys, new_secrets
from deploy.embedded.up import default_pack
from deploy.schema.prepare import PrepareSettings, prepare
from shared.errors import ConfigurationError
from shared.pack import load_pack

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"  # a test that asks it fails


def keys() -> dict[str, str]:
    return named_api_keys(new_secrets(actors=load_pack(default_pack()).actors).api_keys)


def settings(**given: Any) -> PrepareSettings:
    return PrepareSettings(**given)


async def mistakes_of(api_keys: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        await prepare(NOWHERE, settings(api_keys=api_keys), pack=default_pack())
    return caught.value.mistakes


async def test_a_pack_without_keys_is_refused_for_it_would_revoke_all() -> None:
    assert await mistakes_of(None) == (
        "LAGESBILD_API_KEYS: a pack is registered together with its keys",
    )


@pytest.mark.parametrize("given", ["", "{", "[]", '"lb_key"', "null"])
async def test_keys_that_are_no_object_are_refused(given: str) -> None:
    assert await mistakes_of(given) == ("LAGESBILD_API_KEYS: not a JSON object",)


@pytest.mark.parametrize("name", ["fire/read", "owner"])
async def test_a_missing_key_is_named(name: str) -> None:
    given = keys()
    del given[name]
    assert await mistakes_of(json.dumps(given)) == (f"LAGESBILD_API_KEYS: there is no key {name}",)


async def test_every_wrong_key_is_named_and_none_is_repeated() -> None:
    given: dict[str, Any] = {**keys(), "fire/read": "lb_mistyped", "owner": 7}
    assert sorted(await mistakes_of(json.dumps(given))) == [
        "LAGESBILD_API_KEYS: fire/read is not a key",
        "LAGESBILD_API_KEYS: owner is not a key",
    ]


def test_passwords_are_those_that_are_given() -> None:
    given = settings(ingest_password="one", delivery_password="two", aggregator_password="")
    assert given.passwords() == {"lagesbild_ingest": "one", "lagesbild_delivery": "two"}
