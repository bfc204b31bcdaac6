from hypothesis import given
from hypothesis import strategies as st

from shared import api_keys
from shared.api_keys import ApiKeys, fingerprint, is_well_formed, new_key


def test_a_new_key_is_well_formed_and_39_characters_long() -> None:
    key = new_key()

    assert is_well_formed(key)
    assert len(key) == 39
    assert key.startswith("lb_")


def test_no_two_new_keys_are_equal() -> None:
    assert len({new_key() for _ in range(1000)}) == 1000


@given(st.integers(0, 38), st.sampled_from(api_keys.ALPHABET))
def test_a_key_with_one_other_character_is_refused(position: int, character: str) -> None:
    key = "lb_000000000000000000000000000000"
    key += api_keys._check(key)
    changed = key[:position] + character + key[position + 1 :]

    assert is_well_formed(changed) == (changed == key)


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    assert not is_well_formed(text)


def test_a_key_with_a_newline_after_it_is_refused() -> None:
    assert not is_well_formed(new_key() + "\n")


def test_a_fingerprint_has_32_bytes_and_is_the_same_every_time() -> None:
    key = new_key()

    assert len(fingerprint(key)) == 32
    assert fingerprint(key) == fingerprint(key) != fingerprint(new_key())


def test_the_repr_of_the_keys_shows_none_of_them() -> None:
    keys = ApiKeys({"fire": {"report": "lb_one", "read": "lb_two"}}, owner="lb_three")

    assert "lb_" not in repr(keys)
