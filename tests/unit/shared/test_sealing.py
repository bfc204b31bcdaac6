"""Sealing: only the anonymizer opens, and only what was not changed or moved."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.errors import DeadReason, RejectedMessage
from shared.sealing import (
    DATA_KEY_HEADER,
    Opener,
    Sealer,
    new_key_pair,
    private_key,
    public_key,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENT = UUID("00000000-0000-8000-8000-000000000001")
OTHER = UUID("00000000-0000-8000-8000-000000000002")
PLAIN = b'{"text": "anything about a person"}'


def a_pair() -> tuple[Sealer, Opener]:
    private, public = new_key_pair()
    return (
        Sealer(public_key(public), topic="reports"),
        Opener(private_key(private), topic="reports"),
    )


def test_what_was_sealed_can_be_opened_and_is_not_readable_in_between() -> None:
    sealer, opener = a_pair()
    sealed = sealer.seal(PLAIN, event=EVENT, now=NOW)
    assert opener.open(sealed.value, sealed.headers, EVENT) == PLAIN
    assert b"person" not in sealed.value


def test_the_same_report_is_never_sealed_to_the_same_bytes() -> None:
    sealer, _ = a_pair()
    first, second = (sealer.seal(PLAIN, event=EVENT, now=NOW).value for _ in range(2))
    assert first != second


def test_a_data_key_lives_ten_minutes() -> None:
    sealer, opener = a_pair()
    first = sealer.seal(PLAIN, event=EVENT, now=NOW)
    same = sealer.seal(PLAIN, event=EVENT, now=NOW + timedelta(minutes=9))
    later = sealer.seal(PLAIN, event=EVENT, now=NOW + timedelta(minutes=10))
    assert dict(first.headers)[DATA_KEY_HEADER] == dict(same.headers)[DATA_KEY_HEADER]
    assert dict(first.headers)[DATA_KEY_HEADER] != dict(later.headers)[DATA_KEY_HEADER]
    assert opener.open(later.value, later.headers, EVENT) == PLAIN


def test_an_old_data_key_is_unwrapped_again_when_it_was_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.sealing.KEPT_DATA_KEYS", 1)
    sealer, opener = a_pair()
    first = sealer.seal(PLAIN, event=EVENT, now=NOW)
    later = sealer.seal(PLAIN, event=EVENT, now=NOW + timedelta(minutes=10))
    for sealed in (first, later, first):
        assert opener.open(sealed.value, sealed.headers, EVENT) == PLAIN


def test_a_report_that_was_changed_or_moved_is_not_opened() -> None:
    sealer, opener = a_pair()
    sealed = sealer.seal(PLAIN, event=EVENT, now=NOW)
    changed = sealed.value[:-1] + bytes([sealed.value[-1] ^ 1])
    for value, event in ((changed, EVENT), (sealed.value, OTHER)):
        with pytest.raises(RejectedMessage) as refusal:
            opener.open(value, sealed.headers, event)
        assert refusal.value.reason is DeadReason.NOT_OPENED


def test_a_report_to_another_key_is_named_so() -> None:
    sealer, _ = a_pair()
    _, other = a_pair()
    sealed = sealer.seal(PLAIN, event=EVENT, now=NOW)
    with pytest.raises(RejectedMessage) as refusal:
        other.open(sealed.value, sealed.headers, EVENT)
    assert refusal.value.reason is DeadReason.UNKNOWN_KEY


@pytest.mark.parametrize("value", [None, b"", b"short"])
def test_what_is_not_sealed_is_named_so(value: bytes | None) -> None:
    sealer, opener = a_pair()
    sealed = sealer.seal(PLAIN, event=EVENT, now=NOW)
    with pytest.raises(RejectedMessage) as refusal:
        opener.open(value, sealed.headers, EVENT)
    assert refusal.value.reason is DeadReason.NOT_SEALED


@pytest.mark.parametrize("text", ["", "not base64!", "c2hvcnQ="])
def test_a_bad_key_is_refused_without_repeating_it(text: str) -> None:
    for read in (public_key, private_key):
        with pytest.raises(ValueError, match="base64 of 32 bytes") as refusal:
            read(text)
        assert not text or text not in str(refusal.value)
