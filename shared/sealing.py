"""Sealing: a report is never at rest in the clear (DESIGN §4, G3).

One data key per producer and ten minutes, wrapped once with a PyNaCl `SealedBox` to the
anonymizer's public key, and AES-256-GCM with that data key for each report. A `SealedBox` per
report would cost 46 µs, this costs about 1 µs (research/embedded.md §6).

On the wire: value = nonce (12 bytes) + ciphertext and tag; headers `key-id` (8 bytes, the first of
SHA-256 of the public key) and `data-key` (the wrapped data key). The associated data binds topic
and event id, so that a record cannot be moved to another place.
"""

import hashlib
import os
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from shared.errors import DeadReason, RejectedMessage

DATA_KEY_LIFE = timedelta(minutes=10)
NONCE_BYTES = 12
KEPT_DATA_KEYS = 1024  # an anonymizer sees one per producer and ten minutes
KEY_ID_HEADER = "key-id"
DATA_KEY_HEADER = "data-key"

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class SealedValue:
    """What goes to Kafka: the sealed bytes and the headers that say with which key."""

    value: bytes
    headers: Headers


def new_key_pair() -> tuple[str, str]:
    """A fresh X25519 pair as text: (private, public), base64."""
    private = PrivateKey.generate()
    return b64encode(bytes(private)).decode(), b64encode(bytes(private.public_key)).decode()


def key_id(public: PublicKey) -> bytes:
    """Eight bytes that name a public key."""
    return hashlib.sha256(bytes(public)).digest()[:8]


def public_key(text: str) -> PublicKey:
    """The public key from its base64 text.

    Raises:
        ValueError: not base64 of 32 bytes; the text is not repeated.
    """
    return PublicKey(_32_bytes(text))


def private_key(text: str) -> PrivateKey:
    """The private key from its base64 text.

    Raises:
        ValueError: not base64 of 32 bytes; the text is not repeated.
    """
    return PrivateKey(_32_bytes(text))


def _32_bytes(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise ValueError("a key is the base64 of 32 bytes")
    return raw


def associated(topic: str, event: UUID, key: bytes) -> bytes:
    """The associated data of a report: where it belongs."""
    return b"|".join((topic.encode(), event.bytes, key))


class Sealer:
    """Seals reports for one topic; makes a new data key every ten minutes."""

    def __init__(self, public: PublicKey, *, topic: str) -> None:
        self._box = SealedBox(public)
        self._topic = topic
        self._key_id = key_id(public)
        self._born: datetime | None = None
        self._cipher: AESGCM
        self._headers: Headers

    def seal(self, plain: bytes, *, event: UUID, now: datetime) -> SealedValue:
        """The report so that only the anonymizer can read it."""
        if self._born is None or now - self._born >= DATA_KEY_LIFE:
            self._renew(now)
        nonce = os.urandom(NONCE_BYTES)
        bound = associated(self._topic, event, self._key_id)
        return SealedValue(nonce + self._cipher.encrypt(nonce, plain, bound), self._headers)

    def _renew(self, now: datetime) -> None:
        data_key = AESGCM.generate_key(256)
        self._cipher = AESGCM(data_key)
        self._headers = (
            (KEY_ID_HEADER, self._key_id),
            (DATA_KEY_HEADER, self._box.encrypt(data_key)),
        )
        self._born = now


class Opener:
    """Opens reports of one topic in memory; remembers the latest data keys."""

    def __init__(self, private: PrivateKey, *, topic: str) -> None:
        self._box = SealedBox(private)
        self._topic = topic
        self._key_id = key_id(private.public_key)
        self._ciphers: OrderedDict[bytes, AESGCM] = OrderedDict()

    def open(self, value: bytes | None, headers: Iterable[tuple[str, bytes]], event: UUID) -> bytes:
        """The report in the clear, in memory only.

        Raises:
            RejectedMessage: it is not sealed, not to our key, or was changed or moved.
        """
        named = dict(headers)
        wrapped = named.get(DATA_KEY_HEADER)
        if value is None or wrapped is None or len(value) <= NONCE_BYTES:
            raise RejectedMessage(DeadReason.NOT_SEALED)
        if named.get(KEY_ID_HEADER) != self._key_id:
            raise RejectedMessage(DeadReason.UNKNOWN_KEY)
        bound = associated(self._topic, event, self._key_id)
        try:
            cipher = self._cipher(wrapped)
            return cipher.decrypt(value[:NONCE_BYTES], value[NONCE_BYTES:], bound)
        except (CryptoError, InvalidTag, ValueError):
            raise RejectedMessage(DeadReason.NOT_OPENED) from None

    def _cipher(self, wrapped: bytes) -> AESGCM:
        cipher = self._ciphers.get(wrapped)
        if cipher is None:
            cipher = AESGCM(self._box.decrypt(wrapped))
            self._ciphers[wrapped] = cipher
            if len(self._ciphers) > KEPT_DATA_KEYS:
                self._ciphers.popitem(last=False)
        return cipher
