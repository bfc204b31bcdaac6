"""Which keys an installation has, and which of them it may lack."""

import pytest

from deploy.embedded.keys import api_keys_of, named_api_keys, new_secrets

ACTORS = ("fire", "police")


def test_every_actor_gets_a_key_of_its_own_for_each_purpose() -> None:
    named = named_api_keys(new_secrets(actors=ACTORS).api_keys)
    assert set(named) == {
        *("fire/report", "fire/read", "fire/history"),
        *("police/report", "police/read", "police/history"),
        "owner",
    }
    assert len(set(named.values())) == len(named)


def test_an_installation_may_lack_keys_for_history() -> None:
    named = named_api_keys(new_secrets(actors=ACTORS).api_keys)
    del named["police/history"]
    keys = api_keys_of(named, actors=ACTORS)
    assert set(keys.actors["police"]) == {"report", "read"}
    assert set(keys.actors["fire"]) == {"report", "read", "history"}
    assert named_api_keys(keys) == named


@pytest.mark.parametrize("name", ["police/report", "police/read", "owner"])
def test_an_installation_may_lack_no_other_key(name: str) -> None:
    named = named_api_keys(new_secrets(actors=ACTORS).api_keys)
    del named[name]
    with pytest.raises(KeyError, match=name):
        api_keys_of(named, actors=ACTORS)
