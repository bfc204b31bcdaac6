"""Blocks of the history as the anonymizer would write them: the same bytes, made many at a time.

A test holds every record against `shared.messages.codec.encode`. What has one width is filled in
columns of one table of bytes; that makes a record in a microsecond.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.bench import mix
from deploy.bench.history import Block, Bytes, Columns, Flags, History, Numbers
from deploy.bench.instants import ascii_rows, written
from shared.kafka import Outgoing
from shared.messages.event import Placement

Words = NDArray[np.uint64]

_MUNICIPALITIES: Final = ascii_rows(list(mix.MUNICIPALITIES))
_AREAS: Final = ascii_rows(list(mix.AREAS))
_INDICATORS: Final = ascii_rows(list(mix.INDICATORS))
_HEX: Final = ascii_rows([f"{byte:02x}" for byte in range(256)])
_GROUPS: Final = (slice(0, 8), slice(8, 12), slice(12, 16), slice(16, 20), slice(20, 32))


class Records:
    """Writes blocks as records; the seed makes the event ids."""

    def __init__(self, history: History, *, seed: int, partitions: int) -> None:
        self._history = history
        self._seed = seed
        self._partitions = partitions

    def of(self, block: Block) -> dict[int, list[Outgoing]]:
        """The records by partition, in the order of the log."""
        ids = event_ids(block.numbers, seed=self._seed)
        keys = [bytes(key) for key in ids.view("V16").ravel().tolist()]
        values = self._values(block, ids)
        moments = block.at_ms.tolist()
        parted = partition_of_each(ids, self._partitions)
        return {
            partition: [
                Outgoing(keys[at], values[at], moments[at])
                for at in np.flatnonzero(parted == partition).tolist()
            ]
            for partition in range(self._partitions)
        }

    def _values(self, block: Block, ids: Bytes) -> list[bytes]:
        columns = block.columns
        texts = uuid_texts(ids)
        by_code = is_placed_by_code(block.numbers)
        found = np.empty(len(block), dtype=object)
        for some, placement in (
            (columns.live & by_code, Placement.NYKO),
            (columns.live & ~by_code, Placement.COORDINATES),
        ):
            if some.any():
                found[some] = self._live(columns, texts, some, placement)
        gone = ~columns.live
        found[gone] = _withdrawn(columns, texts, gone)
        values: list[bytes] = found.tolist()
        return values

    def _live(
        self, columns: Columns, texts: Bytes, some: Flags, placement: Placement
    ) -> NDArray[np.object_]:
        rows = columns.of(np.flatnonzero(some))
        return _table(
            len(rows.version),
            (
                b'{"event_id":"',
                texts[some],
                b'","version":',
                _digits(rows),
                b',"municipality":"',
                _MUNICIPALITIES[rows.municipality],
                b'","indicator":"',
                _INDICATORS[rows.indicator],
                b'","area":"',
                _AREAS[rows.area],
                b'","occurred_at":"',
                written(self._history.occurred(rows)),
                f'","placement":"{placement.value}"}}'.encode(),
            ),
        )


def event_ids(numbers: Numbers, *, seed: int) -> Bytes:
    """UUIDv8 of each event, as keyed digests look: one row of 16 bytes; never twice the same."""
    start = np.uint64(seed * 0xD1342543DE82EF95 % 2**64)
    words = start + np.stack((2 * numbers, 2 * numbers + 1), axis=1).astype(np.uint64)
    mixed = _mixed(words)
    mixed[:, 0] = mixed[:, 0] & ~np.uint64(0xF000) | np.uint64(0x8000)
    mixed[:, 1] = mixed[:, 1] & np.uint64((1 << 62) - 1) | np.uint64(1 << 63)
    return mixed.astype(">u8").view(np.uint8).reshape(-1, 16)


def _mixed(words: Words) -> Words:
    """Spread neighbouring numbers over all 64 bits, one to one (the finalizer of SplitMix64)."""
    words = words * np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def partition_of_each(ids: Bytes, partitions: int) -> Numbers:
    """The rule of shared/identity.py for many ids."""
    last = np.ascontiguousarray(ids[:, 8:]).view(">u8").ravel()
    return (last % np.uint64(partitions)).astype(np.int64)


def uuid_texts(ids: Bytes) -> Bytes:
    """The ids as 36 characters each."""
    digits = _HEX[ids].reshape(-1, 32)
    dash = np.full((len(ids), 1), ord("-"), dtype=np.uint8)
    parts = [digits[:, _GROUPS[0]]]
    for group in _GROUPS[1:]:
        parts += [dash, digits[:, group]]
    return np.hstack(parts)


def is_placed_by_code(numbers: Numbers) -> Flags:
    """Whether an event's actor gave a code instead of coordinates; it does so in every version."""
    return _mixed(numbers.astype(np.uint64)) % np.uint64(1000) < np.uint64(1000 * mix.NYKO_SHARE)


def _withdrawn(columns: Columns, texts: Bytes, some: Flags) -> NDArray[np.object_]:
    rows = columns.of(np.flatnonzero(some))
    return _table(
        len(rows.version),
        (
            b'{"event_id":"',
            texts[some],
            b'","version":',
            _digits(rows),
            b',"municipality":"',
            _MUNICIPALITIES[rows.municipality],
            b'","live":false}',
        ),
    )


def _digits(rows: Columns) -> Bytes:
    return (rows.version + ord("0")).astype(np.uint8)[:, np.newaxis]


def _table(rows: int, parts: Sequence[bytes | Bytes]) -> NDArray[np.object_]:
    """Fixed texts and columns side by side, cut into one value per row."""
    columns = [
        np.broadcast_to(np.frombuffer(part, dtype=np.uint8), (rows, len(part)))
        if isinstance(part, bytes)
        else part
        for part in parts
    ]
    table = np.hstack(columns)
    values = np.empty(rows, dtype=object)
    values[:] = table.view(f"S{table.shape[1]}").ravel().tolist()  # "}" ends each: no NUL is cut
    return values
