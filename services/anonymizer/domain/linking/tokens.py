"""Tokens: cells sealed with the key of a day, a whole batch in one call of AES.

A token is AES-256 of the cell's sixteen bytes, which were XORed with the event's id before. Event
ids are keyed digests, so no two blocks are equal: not even that two reports share a cell can be
read from their tokens. Whoever has the key opens them; when it is destroyed, nobody does.
Source: DESIGN §5 "Anonymizer" (a batch of tokens is one AES call over packed blocks).
"""

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from typing import Protocol

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from numpy.typing import NDArray

from services.anonymizer.domain.linking.cells import CELL, FORM, Cells

TOKEN_BYTES = 16
KEY_BYTES = 32


class DayKeys(Protocol):
    """The keys of days, each destroyed 48 hours after its day began; never in a database."""

    def key_of(self, day: date) -> bytes | None:
        """The 32 bytes of a UTC day; `None`: destroyed, or not yet made for a day to come."""
        ...


def sealed(cells: Cells, event_ids: Sequence[bytes], key: bytes) -> list[bytes]:
    """The token of each cell. Shape: ids of 16 bytes, in the order of the cells."""
    mixed = _blocks(cells.tobytes()) ^ _blocks(b"".join(event_ids))
    encryptor = _cipher(key).encryptor()
    tokens = encryptor.update(mixed.tobytes()) + encryptor.finalize()
    return [tokens[at : at + TOKEN_BYTES] for at in range(0, len(tokens), TOKEN_BYTES)]


def opened(
    tokens: Sequence[bytes], event_ids: Sequence[bytes], key: bytes
) -> tuple[Cells, NDArray[np.bool_]]:
    """The cell of each token, and which of them have the form of one: others have another key."""
    decryptor = _cipher(key).decryptor()
    mixed = decryptor.update(b"".join(tokens)) + decryptor.finalize()
    plain = _blocks(mixed) ^ _blocks(b"".join(event_ids))
    cells: Cells = plain.reshape(-1).view(CELL)
    return cells, cells["form"] == FORM


def incident_id(founder: bytes, version: int, key: bytes) -> bytes:
    """A UUIDv8 from a keyed digest of the founder: nothing of an event can be derived from it."""
    made = bytearray(blake2b(founder + version.to_bytes(8), key=key, digest_size=16).digest())
    made[6] = (made[6] & 0x0F) | 0x80
    made[8] = (made[8] & 0x3F) | 0x80
    return bytes(made)


def _cipher(key: bytes) -> "Cipher[ECB]":
    if len(key) != KEY_BYTES:
        raise ValueError("the key of a day has 32 bytes")
    return Cipher(AES(key), ECB())  # noqa: S305 - every block is another one: see above


def _blocks(raw: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(raw, np.uint8).reshape(-1, TOKEN_BYTES)
