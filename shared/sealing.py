"""Sealing: a report is never at rest in the clear (DESIGN §4, G3; decisions 0006 and 0022).

A data key per sealer, ten minutes and public key, wrapped once with a PyNaCl `SealedBox`, and
AES-256-GCM with that data key for each report. A `SealedBox` per report would cost 46 µs, this costs
about 1 µs (research/embedded.md §6).

On the wire: value = nonce (12 bytes) + ciphertext and tag; headers `key-id` (8 bytes, the first of
SHA-256 of the public key), `data-key` (the wrapped data key), and in the clear `municipality`,
`actor` and `schema`, which name an organisation and never a person: whoever opens the report must
know them before. The associated data binds all of it and the event id, so that a record can be
neither moved to another place nor given to another actor.
"""

import hashlib
import os
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from shared.errors import DeadReason, RejectedMessage

DATA_KEY_LIFE = timedelta(minutes=10)
NONCE_BYTES = 12
KEY_ID_BYTES = 8
EVENT_BYTES = 16
KEPT_ENVELOPES = 4096  # an anonymizer sees one per producer, actor and ten minutes
KEY_ID_HEADER = "key-id"
DATA_KEY_HEADER = "data-key"
MUNICIPALITY_HEADER = "municipality"
ACTOR_HEADER = "actor"
SCHEMA_HEADER = "schema"
SCHEMA = b"1"  # of the report inside; another one is another format

_HEADERS = (KEY_ID_HEADER, DATA_KEY_HEADER, MUNICIPALITY_HEADER, ACTOR_HEADER, SCHEMA_HEADER)
_CODE = re.compile(rb"[0-9A-Za-z_.-]{1,64}")  # what a municipality and an actor may be called

Headers = tuple[tuple[str, bytes], ...]


class Origin(NamedTuple):
    """Who a sealed report is from: codes of the pack, of organisations."""

    municipality: str
    actor: str


@dataclass(frozen=True, slots=True)
class SealedValue:
    """What goes to Kafka: the sealed bytes and the headers that say with which key."""

    value: bytes
    headers: Headers


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A public key to seal to. Shape: `id` are the 8 bytes that name it."""

    id: bytes
    public: PublicKey

    @classmethod
    def of(cls, public: bytes) -> "SealingKey":
        """The key from its 32 bytes.

        Raises:
            ValueError: not so many bytes.
        """
        if len(public) != PublicKey.SIZE:
            raise ValueError("a public key is 32 bytes")
        return cls(key_id(public), PublicKey(public))


def new_private_key() -> bytes:
    """A fresh X25519 private key, 32 bytes."""
    return bytes(PrivateKey.generate())


def public_half(private: bytes) -> bytes:
    """The public key of a private one, 32 bytes each."""
    return bytes(PrivateKey(private).public_key)


def key_id(public: bytes) -> bytes:
    """Eight bytes that name a public key."""
    return hashlib.sha256(public).digest()[:KEY_ID_BYTES]


def bound_before(topic: str, key: bytes, municipality: bytes, actor: bytes, schema: bytes) -> bytes:
    """The associated data up to the event id, which is always the last 16 bytes.

    Each part has its length before it, so that no two places have the same associated data.
    """
    parts = (topic.encode(), schema, municipality, actor, key)
    return b"".join(len(part).to_bytes(4) + part for part in parts)


class Sealing:
    """Seals the reports of one origin with one data key."""

    __slots__ = ("_bound", "_encrypt", "_headers")

    def __init__(self, cipher: AESGCM, bound: bytes, headers: Headers) -> None:
        self._encrypt = cipher.encrypt
        self._bound = bound
        self._headers = headers

    def seal(self, plain: bytes, event: UUID) -> SealedValue:
        """The report so that only the anonymizer can read it."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._encrypt(nonce, plain, self._bound + event.bytes)
        return SealedValue(nonce + sealed, self._headers)


class _DataKey(NamedTuple):
    """A data key. Shape: `to` names the public key that it is wrapped with."""

    to: bytes
    born: datetime
    cipher: AESGCM
    wrapped: bytes

    def is_for(self, to: bytes, now: datetime) -> bool:
        return self.to == to and timedelta() <= now - self.born < DATA_KEY_LIFE


class Sealer:
    """Makes the sealings for one topic, and a new data key every ten minutes and for every key."""

    def __init__(self, *, topic: str) -> None:
        self._topic = topic
        self._data_key: _DataKey | None = None
        self._by_origin: dict[Origin, Sealing] = {}

    def sealing(self, to: SealingKey, origin: Origin, now: datetime) -> Sealing:
        """What seals reports of `origin` now."""
        data_key = self._data_key
        if data_key is None or not data_key.is_for(to.id, now):
            data_key = self._renewed(to, now)
        found = self._by_origin.get(origin)
        if found is None:
            found = self._by_origin[origin] = self._made(data_key, origin)
        return found

    def forget_old(self, now: datetime) -> None:
        """Forget the data key if it would not be used any more: it opens what it has sealed."""
        if self._data_key is not None and not self._data_key.is_for(self._data_key.to, now):
            self._data_key = None
            self._by_origin.clear()

    def _renewed(self, to: SealingKey, now: datetime) -> _DataKey:
        key = AESGCM.generate_key(256)
        self._by_origin.clear()
        self._data_key = _DataKey(to.id, now, AESGCM(key), SealedBox(to.public).encrypt(key))
        return self._data_key

    def _made(self, data_key: _DataKey, origin: Origin) -> Sealing:
        municipality, actor = origin.municipality.encode(), origin.actor.encode()
        headers = (
            (KEY_ID_HEADER, data_key.to),
            (DATA_KEY_HEADER, data_key.wrapped),
            (MUNICIPALITY_HEADER, municipality),
            (ACTOR_HEADER, actor),
            (SCHEMA_HEADER, SCHEMA),
        )
        bound = bound_before(self._topic, data_key.to, municipality, actor, SCHEMA)
        return Sealing(data_key.cipher, bound, headers)


class Envelope(NamedTuple):
    """What the headers of a sealed record say."""

    key: bytes
    wrapped: bytes
    municipality: bytes
    actor: bytes
    schema: bytes

    @property
    def origin(self) -> Origin:
        """Who it says it is from; nothing vouches for it before the record was opened."""
        return Origin(self.municipality.decode(), self.actor.decode())


def envelope_of(headers: Headers) -> Envelope:
    """What the headers say.

    Raises:
        RejectedMessage: they are not those of a sealed report.
    """
    named = dict(headers)
    if len(headers) != len(_HEADERS) or set(named) != set(_HEADERS):
        raise RejectedMessage(DeadReason.NOT_SEALED)
    envelope = Envelope(*(named[name] for name in _HEADERS))
    codes = (envelope.municipality, envelope.actor)
    if not all(one is not None and _CODE.fullmatch(one) for one in codes):
        raise RejectedMessage(DeadReason.NOT_SEALED)
    if any(one is None for one in envelope):
        raise RejectedMessage(DeadReason.NOT_SEALED)
    return envelope


_Known = tuple[Callable[[bytes, bytes, bytes | None], bytes], bytes]


class Opener:
    """Opens reports of one topic in memory; remembers what opens the latest data keys.

    `private_of` gives the private key that an id names, None for one that there is not (any more).
    """

    def __init__(self, private_of: Callable[[bytes], bytes | None], *, topic: str) -> None:
        self._private_of = private_of
        self._topic = topic
        self._known: OrderedDict[Headers, _Known] = OrderedDict()

    def forget(self) -> None:
        """Forget every data key: private keys have gone, and nothing may open what was sealed to them."""
        self._known.clear()

    def open(self, value: bytes | None, headers: Headers, event: bytes) -> bytes:
        """The report in the clear, in memory only. Shape: `event` are the 16 bytes of its id.

        Raises:
            RejectedMessage: it is not sealed, not to a key that there is, or was changed or moved.
        """
        known = self._known.get(headers)
        if known is None:
            known = self._learnt(headers)
        if value is None or len(value) <= NONCE_BYTES or len(event) != EVENT_BYTES:
            raise RejectedMessage(DeadReason.NOT_SEALED)
        decrypt, bound = known
        try:
            return decrypt(value[:NONCE_BYTES], value[NONCE_BYTES:], bound + event)
        except (InvalidTag, ValueError):
            raise RejectedMessage(DeadReason.NOT_OPENED) from None

    def _learnt(self, headers: Headers) -> _Known:
        envelope = envelope_of(headers)
        if envelope.schema != SCHEMA:
            raise RejectedMessage(DeadReason.NOT_OPENED)
        private = self._private_of(envelope.key)
        if private is None:
            raise RejectedMessage(DeadReason.UNKNOWN_KEY)
        try:
            cipher = AESGCM(SealedBox(PrivateKey(private)).decrypt(envelope.wrapped))
        except (CryptoError, ValueError):
            raise RejectedMessage(DeadReason.NOT_OPENED) from None
        bound = bound_before(
            self._topic, envelope.key, envelope.municipality, envelope.actor, envelope.schema
        )
        self._known[headers] = (cipher.decrypt, bound)
        if len(self._known) > KEPT_ENVELOPES:
            self._known.popitem(last=False)
        return self._known[headers]
