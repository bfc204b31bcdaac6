"""The key folder: every key of the anonymizer, each encrypted in a file of its own.

All instances of the anonymizer share one folder. Whoever changes it holds its lock; whoever reads
looks first whether the index is another one than before, so that a key which one instance destroys
is a key to none. On the disk a key is AES-256-GCM ciphertext under a key derived from the root key
for its purpose, bound to its id.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.anonymizer.domain.lifetimes import Purpose, goes_at, period_of
from services.anonymizer.keys import files, index
from services.anonymizer.keys.index import Index, KeyEntry, State
from shared.errors import ConfigurationError
from shared.root_key import RootKey
from shared.sealing import (
    KEY_ID_BYTES,
    NONCE_BYTES,
    SealingKey,
    key_id,
    new_private_key,
    public_half,
)

LOCK = "lock"
ENDING = ".key"
SECRET_BYTES = 32
AHEAD = timedelta(hours=1)  # no key is made for a day that begins later than this


class KeyFolder:
    """The keys of one installation. `now` gives aware UTC."""

    def __init__(self, path: Path, root: RootKey, *, now: Callable[[], datetime]) -> None:
        self.path = path
        self._now = now
        self._ciphers = {one: AESGCM(root.derived(f"at-rest/{one}")) for one in Purpose}
        self._raw = b""
        self._index = Index()
        self._by_id: dict[str, KeyEntry] = {}
        self._linking: dict[date, bytes] = {}
        self._letters: dict[datetime, SealingKey] = {}
        self._followers: list[Callable[[], None]] = []
        self._open()

    @property
    def entries(self) -> tuple[KeyEntry, ...]:
        """Every key, as of the last look."""
        return self._index.keys

    def follow(self, changed: Callable[[], None]) -> None:
        """Call this after every change that we hear of: the life of keys looks in each round."""
        self._followers.append(changed)

    def refresh(self) -> None:
        """Look whether anybody has changed the folder.

        Raises:
            OSError: the folder cannot be read.
        """
        raw = (self.path / index.FILE).read_bytes()
        if raw != self._raw:
            self._take(raw)

    def make(self, purpose: Purpose, start: datetime) -> KeyEntry:
        """The usable key of a period, which is made if there is none."""
        found = self._usable(purpose, start)
        if found is not None:
            return found
        with self._changing():
            return self._usable(purpose, start) or self._made(purpose, start)

    def change(self, entry: KeyEntry, **news: object) -> KeyEntry:
        """Take note of something about a key that is not destroyed, or only of its announcement."""
        with self._changing():
            known = self._by_id[entry.id]
            if known.state is State.DESTROYED:
                news = {name: one for name, one in news.items() if name == "announced"}
            changed = msgspec.structs.replace(known, **news)
            self._write(self._index.with_entry(changed, self._now()))
            return changed

    def destroy(self, entry: KeyEntry) -> None:
        """Destroy the key for good, then take note of it: in between only a sweep is needed."""
        with self._changing():
            self._destroy(entry)

    def sweep(self) -> None:
        """Finish what a killed process has begun: no key without its entry, no entry without its key."""
        with self._changing():
            live = {one.id for one in self.entries if one.state is not State.DESTROYED}
            for file in self.path.iterdir():
                stray = file.name.endswith(ENDING) and file.name.removesuffix(ENDING) not in live
                if stray or file.name.endswith((files.UNFINISHED, files.GOING)):
                    files.destroy(file)
            for entry in self.entries:
                if entry.id in live and not self._file(entry).exists():
                    self._destroy(entry)

    def private_of(self, key: bytes) -> bytes | None:
        """The private key that an id names; None if it was destroyed, or never was here."""
        entry = self._by_id.get(key.hex())
        return None if entry is None else self._secret(entry)

    def is_destroyed(self, key: bytes) -> bool:
        """Whether the id names a key that was here and is no more."""
        entry = self._by_id.get(key.hex())
        return entry is not None and self._secret(entry) is None

    def letter_key(self) -> SealingKey:
        """What dead letters are sealed to today."""
        today = period_of(Purpose.DEAD_LETTER, self._now())
        if today not in self._letters:
            public = self.make(Purpose.DEAD_LETTER, today).public
            self._letters[today] = SealingKey.of(public)
        return self._letters[today]

    def key_of(self, day: date) -> bytes | None:
        """The linking key of a UTC day, 32 bytes, the same for all instances; made when first asked for.

        None: it has been destroyed, or the day is too long ago or ahead to make one.
        """
        self.refresh()
        start = datetime.combine(day, time(), UTC)
        if day not in self._linking:
            entry = self._linking_entry(start)
            found = None if entry is None else self._secret(entry)
            if found is None:
                return None
            self._linking[day] = found
        return self._linking[day]

    def _linking_entry(self, start: datetime) -> KeyEntry | None:
        known = [
            one for one in self.entries if (one.purpose, one.start) == (Purpose.LINKING, start)
        ]
        if known:
            return known[-1]
        now = self._now()
        if not start - AHEAD <= now < goes_at(Purpose.LINKING, start):
            return None
        return self.make(Purpose.LINKING, start)

    def _open(self) -> None:
        """Make the folder if it is new, and see that it is ours alone and of our root key."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self.path.stat()
        if found.st_uid != os.geteuid():
            raise ConfigurationError([f"{self.path}: must belong to the user that runs this"])
        self.path.chmod(0o700)
        with files.locked(self.path / LOCK, wait=True):
            if not (self.path / index.FILE).exists():
                files.write(self.path / index.FILE, index.encoded(Index()))
        try:
            self.refresh()
            self.sweep()
            for entry in self.entries:
                self._secret(entry)
        except msgspec.MsgspecError:
            raise ConfigurationError([f"{self.path / index.FILE}: cannot be read"]) from None
        except InvalidTag:
            raise ConfigurationError(
                [f"{self.path}: its keys were made with another root key"]
            ) from None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Short: it waits, and nothing in it does."""
        with files.locked(self.path / LOCK, wait=True):
            self.refresh()
            yield

    def _usable(self, purpose: Purpose, start: datetime) -> KeyEntry | None:
        for one in reversed(self.entries):
            if (one.purpose, one.start, one.state) == (purpose, start, State.USABLE):
                return one
        return None

    def _made(self, purpose: Purpose, start: datetime) -> KeyEntry:
        """The key's file first: an entry without one would mean that the key was destroyed."""
        if purpose is Purpose.LINKING:
            secret, public, name = secrets.token_bytes(SECRET_BYTES), b"", os.urandom(KEY_ID_BYTES)
        else:
            secret = new_private_key()
            public = public_half(secret)
            name = key_id(public)
        entry = KeyEntry(
            id=name.hex(), purpose=purpose, start=start, made_at=self._now(), public=public
        )
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[purpose].encrypt(nonce, secret, entry.id.encode())
        files.write(self._file(entry), nonce + sealed)
        self._write(self._index.with_entry(entry, self._now()))
        return entry

    def _destroy(self, entry: KeyEntry) -> None:
        files.destroy(self._file(entry))
        known = self._by_id[entry.id]
        if known.state is not State.DESTROYED:
            gone = msgspec.structs.replace(known, state=State.DESTROYED, destroyed_at=self._now())
            self._write(self._index.with_entry(gone, self._now()))

    def _secret(self, entry: KeyEntry) -> bytes | None:
        """The key itself, None once it was destroyed.

        Raises:
            InvalidTag: it was made with another root key, or the file is not what was written.
        """
        if entry.state is State.DESTROYED:
            return None
        try:
            raw = self._file(entry).read_bytes()
        except FileNotFoundError:
            return None  # destroyed, and whoever did it has not come to say so
        sealed = raw[NONCE_BYTES:]
        return self._ciphers[entry.purpose].decrypt(raw[:NONCE_BYTES], sealed, entry.id.encode())

    def _write(self, changed: Index) -> None:
        raw = index.encoded(changed)
        files.write(self.path / index.FILE, raw)
        self._take(raw)

    def _take(self, raw: bytes) -> None:
        self._index = index.decoded(raw)
        self._by_id = {one.id: one for one in self._index.keys}
        self._raw = raw
        self._linking.clear()
        self._letters.clear()
        for changed in self._followers:
            changed()

    def _file(self, entry: KeyEntry) -> Path:
        return self.path / f"{entry.id}{ENDING}"
