"""What is known of each key besides the key: `index.json` in the key folder. No secret is in it."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from services.anonymizer.domain.lifetimes import Purpose, goes_at
from shared.errors import ConfigurationError
from shared.topics import REPORTS

FILE = "index.json"
MOST_DESTROYED = {Purpose.REPORT: 1000, Purpose.DEAD_LETTER: 60, Purpose.LINKING: 60}
"""So many destroyed keys stay known: for reports many more than the records of 14 days can name."""
KEPT = REPORTS.kept
"""And as long as a record can name one: else what is lost would be a dead letter, which nobody hears of."""


class State(StrEnum):
    """Where a key is in its life."""

    USABLE = "usable"
    RETIRED = "retired"
    DESTROYED = "destroyed"


class Announced(StrEnum):
    """The newest word about a key that Kafka has acknowledged."""

    NOTHING = "nothing"
    USABLE = "usable"
    RETIRED = "retired"
    GONE = "gone"


class KeyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One key. Shape: `id` in hexadecimal; `ends` by partition number, what must be processed first.

    Unit: `start` is the beginning of its UTC hour or day. What its drain and its grace have had already
    is written down, so that a process that dies young does not begin anew with them.
    """

    id: str
    purpose: Purpose
    start: datetime
    made_at: datetime
    public: bytes = b""
    state: State = State.USABLE
    announced: Announced = Announced.NOTHING
    ends: tuple[int, ...] | None = None
    retired_at: datetime | None = None
    destroyed_at: datetime | None = None
    seconds_overdue: float = 0.0
    seconds_of_grace: float = 0.0

    @property
    def goes_at(self) -> datetime:
        """When it must be gone at the latest."""
        return goes_at(self.purpose, self.start)


class Index(msgspec.Struct, frozen=True):
    """Every key that is or was, oldest first."""

    keys: tuple[KeyEntry, ...] = ()

    def with_entry(self, entry: KeyEntry, now: datetime) -> "Index":
        """The index with the entry in place of the one with its id, or at the end."""
        known = [entry if one.id == entry.id else one for one in self.keys]
        if entry not in known:
            known.append(entry)
        return Index(tuple(_pruned(known, now)))


def read(folder: Path) -> Index:
    """The index of a key folder; needs no root key.

    Raises:
        ConfigurationError: there is none, or it cannot be read.
    """
    try:
        return decoded((folder / FILE).read_bytes())
    except OSError as error:
        raise ConfigurationError([f"{folder / FILE}: {error.strerror}"]) from None
    except msgspec.MsgspecError:
        raise ConfigurationError([f"{folder / FILE}: cannot be read"]) from None


def decoded(raw: bytes) -> Index:
    """The index from its file.

    Raises:
        msgspec.MsgspecError: it is not one.
    """
    return _decoder.decode(raw)


def encoded(index: Index) -> bytes:
    """The index as it stands in its file."""
    return msgspec.json.format(_encoder.encode(index), indent=1) + b"\n"


def _pruned(keys: list[KeyEntry], now: datetime) -> list[KeyEntry]:
    """Without the destroyed ones of long ago; by number as well as age, for clocks jump."""
    kept: list[KeyEntry] = []
    left = dict(MOST_DESTROYED)
    for one in reversed(keys):
        if one.state is State.DESTROYED:
            left[one.purpose] -= 1
        if left[one.purpose] >= 0 or now - (one.destroyed_at or now) < KEPT:
            kept.append(one)
    return kept[::-1]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Index)
