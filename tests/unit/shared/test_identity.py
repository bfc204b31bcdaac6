"""Event ids: stable, keyed, and spread over the partitions."""

from collections import Counter
from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import event_id, partition_of

SECRET = b"a secret of the installation"


@given(st.text(min_size=1))
def test_a_resend_has_the_same_id_and_another_secret_another(own_id: str) -> None:
    try:
        own_id.encode()
    except UnicodeEncodeError:
        return  # lone surrogates are refused by ingest
    first = event_id(SECRET, municipality="9998", actor="fire", own_id=own_id)
    assert first == event_id(SECRET, municipality="9998", actor="fire", own_id=own_id)
    assert first != event_id(b"x" * 16, municipality="9998", actor="fire", own_id=own_id)
    assert (first.version, first.variant) == (8, RFC_4122)


def test_two_actors_or_municipalities_never_share_an_id() -> None:
    ids = {
        event_id(SECRET, municipality=municipality, actor=actor, own_id="1")
        for municipality in ("9998", "9999")
        for actor in ("fire", "police")
    }
    assert len(ids) == 4


def test_a_separator_inside_an_id_cannot_imitate_another_actor() -> None:
    one = event_id(SECRET, municipality="9998", actor="a", own_id="b|c")
    other = event_id(SECRET, municipality="9998", actor="a|b", own_id="c")
    assert one != other


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        event_id(b"short", municipality="9998", actor="fire", own_id="1")


def test_partitions_are_used_evenly() -> None:
    used = Counter(
        partition_of(event_id(SECRET, municipality="9998", actor="fire", own_id=str(n)), 8)
        for n in range(8000)
    )
    assert set(used) == set(range(8))
    assert max(used.values()) < 1200
