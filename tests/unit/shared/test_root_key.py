"""The root key: from a text or a file that nobody else may read, and one key for each use."""

import os
from pathlib import Path

import pytest
from nacl.exceptions import BadSignatureError

from shared.root_key import RootKey, announcement_key


def a_file(folder: Path, *, mode: int = 0o600, text: str | None = None) -> Path:
    file = folder / "root.key"
    file.write_text(RootKey.new().as_text() + "\n" if text is None else text)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_it_is_read_from_a_file_that_nobody_else_may_read(tmp_path: Path, mode: int) -> None:
    file = a_file(tmp_path, mode=mode)
    assert RootKey.in_file(file).as_text() == file.read_text().strip()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666, 0o700, 0o440])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ValueError, match="mode must be 0600 or 0400"):
        RootKey.in_file(a_file(tmp_path, mode=mode))


def test_a_file_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = a_file(tmp_path)
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    with pytest.raises(ValueError, match="must belong"):
        RootKey.in_file(file)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        RootKey.in_file(tmp_path / "none")
    with pytest.raises(ValueError, match=r"not a file|cannot be read"):
        RootKey.in_file(tmp_path)


@pytest.mark.parametrize("text", ["", "not base64!", "c2hvcnQ="])
def test_a_bad_key_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    for read in (
        RootKey.of,
        announcement_key,
        lambda it: RootKey.in_file(a_file(tmp_path, text=it)),
    ):
        with pytest.raises(ValueError, match="base64 of 32 bytes") as refusal:
            read(text)
        assert not text or text not in str(refusal.value)


def test_each_use_has_a_key_of_its_own_and_always_the_same() -> None:
    root = RootKey.new()
    derived = [root.derived(use) for use in ("a", "b", "ab")]
    assert len({*derived, root.derived("a"), RootKey.new().derived("a")}) == 4
    assert RootKey.of(root.as_text()).derived("a") == derived[0]


def test_its_repr_shows_nothing() -> None:
    root = RootKey.new()
    assert root.as_text() not in repr(root)
    assert str(root._raw) not in repr(root)


def test_only_the_root_key_signs_what_its_announcement_key_checks() -> None:
    root, other = RootKey.new(), RootKey.new()
    checking = announcement_key(root.announcement_key())
    signed = root.announcing().sign(b"word")
    assert checking.verify(signed) == b"word"
    with pytest.raises(BadSignatureError):
        checking.verify(other.announcing().sign(b"word"))
