"""The ids of a batch, read from the records' keys in one call."""

from uuid import UUID

import pytest

from services.anonymizer.opening import _event_ids

GOOD = UUID(int=7)


@pytest.mark.parametrize("bad", [None, b"", bytes(15), bytes(17), str(UUID(int=1)).encode()])
def test_a_key_that_is_no_id_has_none_and_the_others_have_theirs(bad: bytes | None) -> None:
    assert _event_ids([GOOD.bytes, bad, GOOD.bytes]) == [GOOD, None, GOOD]


def test_every_id_is_as_uuid_reads_it() -> None:
    ids = [UUID(int=at << 64 | at) for at in range(100)]
    assert _event_ids([one.bytes for one in ids]) == ids
