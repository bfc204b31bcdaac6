"""Announcements: who has not the root key can announce nothing, nor change what was announced."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.announcements import (
    SIGNATURE_HEADER,
    Announcement,
    ForgedAnnouncement,
    KeyState,
    checked,
    signed,
)
from shared.root_key import RootKey, announcement_key
from shared.sealing import key_id, new_private_key, public_half

HOUR = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROOT = RootKey.new()
CHECKING = announcement_key(ROOT.announcement_key())


def an_announcement(state: KeyState = KeyState.USABLE) -> Announcement:
    return Announcement(public_half(new_private_key()), HOUR, HOUR + timedelta(hours=25), state)


@pytest.mark.parametrize("state", KeyState)
def test_what_was_announced_is_believed(state: KeyState) -> None:
    said = an_announcement(state)
    key, value, headers = signed(said, ROOT.announcing())
    assert key == key_id(said.public)
    assert checked(key, value, headers, CHECKING) == said


def test_what_somebody_else_has_signed_is_not() -> None:
    key, value, headers = signed(an_announcement(), RootKey.new().announcing())
    with pytest.raises(ForgedAnnouncement):
        checked(key, value, headers, CHECKING)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [(b"usable", b"retired"), (b"T12:", b"T13:"), (b'"state"', b' "state"'), (b"24T", b"25T")],
)
def test_what_was_changed_is_not(was: bytes, becomes: bytes) -> None:
    key, value, headers = signed(an_announcement(), ROOT.announcing())
    assert was in value
    with pytest.raises(ForgedAnnouncement):
        checked(key, value.replace(was, becomes), headers, CHECKING)


def test_what_stands_under_another_key_is_not() -> None:
    _, value, headers = signed(an_announcement(), ROOT.announcing())
    for key in (key_id(an_announcement().public), b"", None):
        with pytest.raises(ForgedAnnouncement):
            checked(key, value, headers, CHECKING)


@pytest.mark.parametrize(
    "headers", [(), ((SIGNATURE_HEADER, b""),), ((SIGNATURE_HEADER, b"x" * 64),), (("a", b"b"),)]
)
def test_what_has_no_signature_is_not(headers: tuple[tuple[str, bytes], ...]) -> None:
    key, value, _ = signed(an_announcement(), ROOT.announcing())
    with pytest.raises(ForgedAnnouncement):
        checked(key, value, headers, CHECKING)


@pytest.mark.parametrize(
    "said",
    [
        Announcement(b"short", HOUR, HOUR, KeyState.USABLE),
        Announcement(
            public_half(new_private_key()), HOUR.replace(tzinfo=None), HOUR, KeyState.USABLE
        ),
    ],
)
def test_what_is_signed_but_makes_no_sense_is_not(said: Announcement) -> None:
    key, value, headers = signed(said, ROOT.announcing())
    with pytest.raises(ForgedAnnouncement):
        checked(key, value, headers, CHECKING)
