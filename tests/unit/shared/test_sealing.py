"""Sealing: only the anonymizer opens, and only what was not changed, moved or given to another."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.errors import DeadReason, RejectedMessage
from shared.sealing import (
    ACTOR_HEADER,
    DATA_KEY_HEADER,
    KEY_ID_HEADER,
    MUNICIPALITY_HEADER,
    SCHEMA_HEADER,
    Headers,
    Opener,
    Origin,
    SealedValue,
    Sealer,
    SealingKey,
    bound_before,
    new_private_key,
    public_half,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENT = UUID("00000000-0000-8000-8000-000000000001")
OTHER = UUID("00000000-0000-8000-8000-000000000002")
FIRE, POLICE = Origin("9998", "fire"), Origin("9998", "police")
PLAIN = b'{"text": "anything about a person"}'


class Pair:
    """A sealer and an opener with the private keys of a test."""

    def __init__(self, topic: str = "reports") -> None:
        self.privates: dict[bytes, bytes] = {}
        self.key = self.new_key()
        self.sealer = Sealer(topic="reports")
        self.opener = Opener(self.privates.get, topic=topic)

    def new_key(self) -> SealingKey:
        private = new_private_key()
        key = SealingKey.of(public_half(private))
        self.privates[key.id] = private
        return key

    def sealed(
        self,
        *,
        at: datetime = NOW,
        origin: Origin = FIRE,
        event: UUID = EVENT,
        to: SealingKey | None = None,
    ) -> SealedValue:
        return self.sealer.sealing(to or self.key, origin, at).seal(PLAIN, event)

    def opened(
        self,
        sealed: SealedValue,
        *,
        event: bytes = EVENT.bytes,
        headers: Headers | None = None,
    ) -> bytes | DeadReason:
        try:
            return self.opener.open(
                sealed.value, sealed.headers if headers is None else headers, event
            )
        except RejectedMessage as rejection:
            return rejection.reason


def with_header(sealed: SealedValue, name: str, value: bytes) -> Headers:
    return tuple((one, value if one == name else was) for one, was in sealed.headers)


def test_what_was_sealed_can_be_opened_and_is_not_readable_in_between() -> None:
    pair = Pair()
    sealed = pair.sealed()
    assert pair.opened(sealed) == PLAIN
    assert b"person" not in sealed.value


def test_the_same_report_is_never_sealed_to_the_same_bytes() -> None:
    pair = Pair()
    assert pair.sealed().value != pair.sealed().value


def data_key(sealed: SealedValue) -> bytes:
    return dict(sealed.headers)[DATA_KEY_HEADER]


def test_a_data_key_lives_ten_minutes() -> None:
    pair = Pair()
    first = pair.sealed()
    assert data_key(first) == data_key(pair.sealed(at=NOW + timedelta(minutes=9, seconds=59)))
    later = pair.sealed(at=NOW + timedelta(minutes=10))
    assert data_key(first) != data_key(later)
    assert pair.opened(later) == PLAIN


def test_a_clock_that_goes_back_makes_a_new_data_key() -> None:
    pair = Pair()
    assert data_key(pair.sealed()) != data_key(pair.sealed(at=NOW - timedelta(seconds=1)))


def test_a_data_key_is_for_one_public_key() -> None:
    pair = Pair()
    other = pair.new_key()
    first, second = pair.sealed(), pair.sealed(to=other)
    assert data_key(first) != data_key(second)
    assert [dict(one.headers)[KEY_ID_HEADER] for one in (first, second)] == [pair.key.id, other.id]
    assert (pair.opened(first), pair.opened(second)) == (PLAIN, PLAIN)


def test_actors_share_a_data_key_and_have_headers_of_their_own() -> None:
    pair = Pair()
    fire, police = pair.sealed(), pair.sealed(origin=POLICE)
    assert data_key(fire) == data_key(police)
    assert dict(fire.headers)[ACTOR_HEADER] == b"fire"
    assert dict(police.headers)[ACTOR_HEADER] == b"police"
    assert (pair.opened(fire), pair.opened(police)) == (PLAIN, PLAIN)


def test_an_old_data_key_is_unwrapped_again_when_it_was_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.sealing.KEPT_ENVELOPES", 1)
    pair = Pair()
    first, later = pair.sealed(), pair.sealed(at=NOW + timedelta(minutes=10))
    assert [pair.opened(one) for one in (first, later, first)] == [PLAIN] * 3


def flipped(value: bytes) -> bytes:
    return value[:-1] + bytes([value[-1] ^ 1])


CHANGES: dict[str, Callable[[Pair, SealedValue], bytes | DeadReason]] = {
    "its bytes": lambda pair, one: pair.opened(SealedValue(flipped(one.value), one.headers)),
    "its nonce": lambda pair, one: pair.opened(
        SealedValue(bytes([one.value[0] ^ 1]) + one.value[1:], one.headers)
    ),
    "its event": lambda pair, one: pair.opened(one, event=OTHER.bytes),
    "its actor": lambda pair, one: pair.opened(
        one, headers=with_header(one, ACTOR_HEADER, b"police")
    ),
    "its municipality": lambda pair, one: pair.opened(
        one, headers=with_header(one, MUNICIPALITY_HEADER, b"0180")
    ),
    "its schema": lambda pair, one: pair.opened(one, headers=with_header(one, SCHEMA_HEADER, b"2")),
    "its data key": lambda pair, one: pair.opened(
        one, headers=with_header(one, DATA_KEY_HEADER, data_key(pair.sealed(to=pair.new_key())))
    ),
    "its key": lambda pair, one: pair.opened(
        one, headers=with_header(one, KEY_ID_HEADER, pair.new_key().id)
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_report_of_which_anything_was_changed_is_not_opened(what: str) -> None:
    pair = Pair()
    sealed = pair.sealed()
    assert pair.opened(sealed) == PLAIN  # and what opens it is remembered
    assert CHANGES[what](pair, sealed) is DeadReason.NOT_OPENED


def test_a_report_is_bound_to_its_topic() -> None:
    pair = Pair(topic="elsewhere")
    assert pair.opened(pair.sealed()) is DeadReason.NOT_OPENED


def test_no_two_places_have_the_same_associated_data() -> None:
    places = [
        ("reports", b"key", b"12", b"3", b"1"),
        ("reports", b"key", b"1", b"23", b"1"),
        ("reports1", b"key", b"12", b"3", b""),
        ("reports", b"3key", b"12", b"", b"1"),
    ]
    assert len({bound_before(*place) for place in places}) == len(places)


def test_a_report_to_a_key_that_there_is_not_is_named_so() -> None:
    pair = Pair()
    sealed = pair.sealed()
    pair.privates.clear()
    assert pair.opened(sealed) is DeadReason.UNKNOWN_KEY


def test_what_is_forgotten_cannot_be_opened_once_its_private_key_has_gone() -> None:
    pair = Pair()
    sealed = pair.sealed()
    assert pair.opened(sealed) == PLAIN
    pair.privates.clear()
    pair.opener.forget()
    assert pair.opened(sealed) is DeadReason.UNKNOWN_KEY


@pytest.mark.parametrize("value", [None, b"", b"short"])
def test_what_is_not_sealed_is_named_so(value: bytes | None) -> None:
    pair = Pair()
    with pytest.raises(RejectedMessage) as refusal:
        pair.opener.open(value, pair.sealed().headers, EVENT.bytes)
    assert refusal.value.reason is DeadReason.NOT_SEALED


@pytest.mark.parametrize(
    "headers",
    [
        lambda one: (),
        lambda one: one[:-1],
        lambda one: (*one, ("more", b"")),
        lambda one: (*one[:-1], one[0]),
        lambda one: with_header(SealedValue(b"", one), ACTOR_HEADER, b""),
        lambda one: with_header(SealedValue(b"", one), ACTOR_HEADER, b"fire\x00"),
        lambda one: with_header(SealedValue(b"", one), ACTOR_HEADER, b"x" * 65),
        lambda one: tuple((name, None if name == "key-id" else value) for name, value in one),
        lambda one: tuple((name, None if name == "actor" else value) for name, value in one),
    ],
)
def test_headers_that_are_not_ours_are_not_those_of_a_sealed_report(
    headers: Callable[[Headers], Headers],
) -> None:
    pair = Pair()
    sealed = pair.sealed()
    assert pair.opened(sealed, headers=headers(sealed.headers)) is DeadReason.NOT_SEALED


def test_a_public_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SealingKey.of(b"short")
