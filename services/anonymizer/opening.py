"""From records to opened reports, in memory: what can be opened, what never could, what no longer can."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol, cast
from uuid import UUID

import msgspec

from services.anonymizer.domain.anonymize import Opened
from services.anonymizer.domain.lost import LostReport
from shared.errors import DeadReason, RejectedMessage
from shared.records import LogRecord
from shared.sealing import EVENT_BYTES, Opener, envelope_of


class Keys(Protocol):
    """The private keys that there are."""

    def follow(self, changed: Callable[[], None]) -> None:
        """Call this after every change that is heard of; an idle process hears of them, too."""

    def refresh(self) -> None:
        """Look whether somebody else has changed them."""

    def private_of(self, key: bytes) -> bytes | None:
        """The private key that an id names, if there is one."""

    def is_destroyed(self, key: bytes) -> bool:
        """Whether there was one once."""


class Batch(NamedTuple):
    """A poll, opened. Shape: `opened` stands beside `records`; `lost` are the rest of them."""

    records: Sequence[LogRecord]
    opened: Sequence[Opened | DeadReason]
    lost: Sequence[LostReport]


class Opening:
    """Opens batches with the keys of now: what one instance destroys, no other opens after."""

    def __init__(self, keys: Keys, *, topic: str) -> None:
        self._keys = keys
        self._opener = Opener(keys.private_of, topic=topic)
        keys.follow(self._opener.forget)

    def open(self, records: Sequence[LogRecord]) -> Batch:
        """Open the records of one poll.

        Raises:
            OSError: the keys cannot be read.
        """
        self._keys.refresh()
        ids = _event_ids([record.key for record in records])
        opened = self._opened
        outcomes = [opened(record, event) for record, event in zip(records, ids, strict=True)]
        lost = [one for one in outcomes if isinstance(one, LostReport)]
        if not lost:
            return Batch(records, cast("Sequence[Opened | DeadReason]", outcomes), ())
        kept = [
            (record, one)
            for record, one in zip(records, outcomes, strict=True)
            if not isinstance(one, LostReport)
        ]
        return Batch([record for record, _ in kept], [one for _, one in kept], lost)

    def _opened(self, record: LogRecord, event: UUID | None) -> Opened | DeadReason | LostReport:
        key = record.key
        if key is None or event is None:
            return DeadReason.NOT_OPENED
        try:
            return Opened(event, self._opener.open(record.value, record.headers, key))
        except RejectedMessage as rejection:
            if rejection.reason is DeadReason.UNKNOWN_KEY:
                return self._lost(record, key) or rejection.reason
            return rejection.reason

    def _lost(self, record: LogRecord, key: bytes) -> LostReport | None:
        """Whom to tell, if there was a key once: nothing can be opened, nobody can do anything more."""
        envelope = envelope_of(record.headers)
        if not self._keys.is_destroyed(envelope.key):
            return None
        return LostReport(
            *envelope.origin, UUID(bytes=key), datetime.fromtimestamp(record.timestamp / 1000, UTC)
        )


def _event_ids(keys: Sequence[bytes | None]) -> Sequence[UUID | None]:
    """The id that each key is, all in one call: one at a time costs a microsecond each."""
    if None not in keys and {len(key) for key in keys if key is not None} == {EVENT_BYTES}:
        return msgspec.convert(keys, list[UUID])
    return [UUID(bytes=key) if key and len(key) == EVENT_BYTES else None for key in keys]
