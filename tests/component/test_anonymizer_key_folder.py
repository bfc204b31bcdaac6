"""The key folder: what lies on the disk, who can read it, and what is left of a destroyed key."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.anonymizer.domain.lifetimes import Purpose
from services.anonymizer.keys import files, index
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.index import Index, KeyEntry, State
from shared.errors import ConfigurationError
from shared.root_key import RootKey
from shared.sealing import public_half
from shared.topics import REPORTS

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MIDNIGHT = NOON.replace(hour=0)
DAY = timedelta(days=1)
ROOT = RootKey.new()


class Clock:
    now = NOON


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def opened(path: Path, clock: Clock, root: RootKey = ROOT) -> KeyFolder:
    return KeyFolder(path, root, now=lambda: clock.now)


def secret_of(folder: KeyFolder, entry: KeyEntry) -> bytes:
    found = folder.private_of(bytes.fromhex(entry.id))
    assert found is not None
    return found


def test_a_key_is_made_once_and_found_by_every_instance(path: Path, clock: Clock) -> None:
    first, second = opened(path, clock), opened(path, clock)
    made = first.make(Purpose.REPORT, NOON)
    assert second.make(Purpose.REPORT, NOON) == made
    assert secret_of(first, made) == secret_of(second, made)
    assert public_half(secret_of(first, made)) == made.public
    assert first.make(Purpose.REPORT, NOON + timedelta(hours=1)).id != made.id


def test_folder_and_files_are_the_owners_alone(path: Path, clock: Clock) -> None:
    before = os.umask(0)
    try:
        opened(path, clock).make(Purpose.REPORT, NOON)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in path.iterdir()} == {0o600}


@pytest.mark.parametrize("purpose", Purpose)
def test_no_secret_is_on_the_disk_in_the_clear(path: Path, clock: Clock, purpose: Purpose) -> None:
    folder = opened(path, clock)
    secret = secret_of(folder, folder.make(purpose, MIDNIGHT))
    for content in (one.read_bytes() for one in path.iterdir()):
        assert secret not in content
        assert secret.hex().encode() not in content


def test_another_root_key_is_refused(path: Path, clock: Clock) -> None:
    opened(path, clock).make(Purpose.REPORT, NOON)
    with pytest.raises(ConfigurationError, match="another root key"):
        opened(path, clock, RootKey.new())


def test_a_key_file_cannot_stand_for_another(path: Path, clock: Clock) -> None:
    folder = opened(path, clock)
    one, other = folder.make(Purpose.REPORT, NOON), folder.make(Purpose.REPORT, MIDNIGHT)
    (path / f"{other.id}.key").write_bytes((path / f"{one.id}.key").read_bytes())
    with pytest.raises(ConfigurationError, match="another root key"):
        opened(path, clock)


def test_a_destroyed_key_is_gone_for_all_and_is_remembered_as_such(
    path: Path, clock: Clock
) -> None:
    folder, other = opened(path, clock), opened(path, clock)
    entry = folder.make(Purpose.REPORT, NOON)
    key = bytes.fromhex(entry.id)
    file = path / f"{entry.id}.key"
    ciphertext = file.read_bytes()
    held = file.open("rb")  # its content is overwritten, not only its name removed
    folder.destroy(entry)
    with held:
        assert held.read() != ciphertext
    assert not file.exists()
    other.refresh()
    for one in (folder, other, opened(path, clock)):
        assert one.private_of(key) is None
        assert one.is_destroyed(key)
        (kept,) = one.entries
        assert (kept.state, kept.destroyed_at) == (State.DESTROYED, NOON)
    assert not folder.is_destroyed(b"8 others")


def test_a_key_whose_file_has_gone_is_destroyed_even_before_the_index_says_so(
    path: Path, clock: Clock
) -> None:
    folder = opened(path, clock)
    entry = folder.make(Purpose.REPORT, NOON)
    files.destroy(path / f"{entry.id}.key")
    assert folder.is_destroyed(bytes.fromhex(entry.id))
    folder.sweep()
    assert folder.entries[0].state is State.DESTROYED


def test_what_a_killed_process_left_behind_is_swept_away(path: Path, clock: Clock) -> None:
    folder = opened(path, clock)
    kept = folder.make(Purpose.REPORT, NOON)
    (path / "0123456789abcdef.key").write_bytes(b"made, but the index never knew")
    (path / "0123456789abcdef.key.unfinished").write_bytes(b"half")
    (path / "0123456789abcdee.key.going").write_bytes(b"half overwritten")
    opened(path, clock)
    assert {one.name for one in path.iterdir()} == {f"{kept.id}.key", "index.json", "lock"}


def test_a_folder_without_its_index_is_an_error_and_not_a_loss(path: Path, clock: Clock) -> None:
    folder = opened(path, clock)
    folder.make(Purpose.REPORT, NOON)
    (path / index.FILE).unlink()
    with pytest.raises(FileNotFoundError):
        folder.refresh()


def test_a_damaged_index_is_refused(path: Path, clock: Clock) -> None:
    opened(path, clock)
    (path / index.FILE).write_text("{")
    with pytest.raises(ConfigurationError, match=r"index\.json"):
        opened(path, clock)
    with pytest.raises(ConfigurationError, match=r"index\.json"):
        index.read(path)


def test_the_index_is_read_without_a_root_key_and_holds_no_secret(path: Path, clock: Clock) -> None:
    made = opened(path, clock).make(Purpose.REPORT, NOON)
    assert index.read(path) == Index((made,))
    assert set(json.loads((path / index.FILE).read_bytes())["keys"][0]) == {
        *(name for name in KeyEntry.__struct_fields__)
    }


def test_only_so_many_destroyed_keys_are_remembered(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(index.MOST_DESTROYED, Purpose.REPORT, 3)
    folder = opened(path, clock)
    made = [folder.make(Purpose.REPORT, NOON + at * timedelta(hours=1)) for at in range(6)]
    for entry in made[:5]:
        folder.destroy(entry)
    clock.now += REPORTS.kept
    folder.make(Purpose.LINKING, clock.now)
    assert [one.id for one in folder.entries] == [
        *(one.id for one in made[2:]),
        folder.entries[-1].id,
    ]


def test_destroyed_keys_are_remembered_as_long_as_a_record_can_name_them(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(index.MOST_DESTROYED, Purpose.REPORT, 3)
    folder = opened(path, clock)
    made = [folder.make(Purpose.REPORT, NOON + at * timedelta(hours=1)) for at in range(6)]
    for entry in made:
        folder.destroy(entry)
    clock.now += REPORTS.kept - timedelta(microseconds=1)
    folder.make(Purpose.LINKING, clock.now)
    assert all(folder.is_destroyed(bytes.fromhex(one.id)) for one in made)


def test_a_frozen_instance_with_the_lock_stops_the_others_aloud_and_does_not_freeze_them(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "HELD_SECONDS", 0.05)
    folder = opened(path, clock)
    with files.locked(path / "lock", wait=True), pytest.raises(files.FolderHeldError):
        folder.make(Purpose.REPORT, NOON)
    assert folder.make(Purpose.REPORT, NOON)


def test_a_days_linking_key_is_the_same_for_all_instances(path: Path, clock: Clock) -> None:
    first, second = opened(path, clock), opened(path, clock)
    today = first.key_of(NOON.date())
    assert today == second.key_of(NOON.date()) == first.key_of(NOON.date())
    assert today is not None
    assert len(today) == 32
    assert first.key_of((NOON - DAY).date()) not in (None, today)


def test_a_linking_key_is_gone_48_hours_after_its_day_began(path: Path, clock: Clock) -> None:
    folder = opened(path, clock)
    day = NOON.date()
    assert folder.key_of(day)
    clock.now = MIDNIGHT + 2 * DAY - timedelta(seconds=1)
    assert folder.key_of(day)
    assert opened(path, clock).key_of((NOON + 2 * DAY).date()) is not None  # in a moment
    clock.now = MIDNIGHT + 2 * DAY
    folder.destroy(folder.entries[0])
    assert folder.key_of(day) is None


@pytest.mark.parametrize(("days", "is_made"), [(-2, False), (-1, True), (0, True), (1, False)])
def test_no_linking_key_is_made_for_a_day_too_long_ago_or_ahead(
    path: Path, clock: Clock, days: int, is_made: bool
) -> None:
    assert (opened(path, clock).key_of((NOON + days * DAY).date()) is not None) is is_made


def test_another_instance_destroys_a_linking_key_and_nobody_uses_it(
    path: Path, clock: Clock
) -> None:
    folder, other = opened(path, clock), opened(path, clock)
    assert folder.key_of(NOON.date())
    other.refresh()
    other.destroy(other.entries[0])
    folder.refresh()  # somebody else of this process has looked already
    assert folder.key_of(NOON.date()) is None


def test_dead_letters_have_a_key_a_day(path: Path, clock: Clock) -> None:
    folder = opened(path, clock)
    first = folder.letter_key()
    assert folder.letter_key() == first
    clock.now += DAY
    assert folder.letter_key().id != first.id
    assert [one.purpose for one in folder.entries] == [Purpose.DEAD_LETTER] * 2


def test_a_lost_report_can_be_named_for_14_days() -> None:
    assert REPORTS.kept == index.KEPT == 14 * DAY
