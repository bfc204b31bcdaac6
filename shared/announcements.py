"""What the anonymizer announces on `anonymizer.keys.v1`: its current public keys, signed.

One record per key, by its id; the newest holds. The signature (Ed25519, by a key derived from the root
key) covers the value byte for byte, and the value names its key, so that nobody without the root
key can announce one, change one or put one in another's place (decision 0022).
"""

from datetime import datetime
from enum import StrEnum

import msgspec
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from shared.errors import LagesbildError
from shared.sealing import SealingKey, key_id

SIGNATURE_HEADER = "signature"
_DOMAIN = b"lagesbild/1/announcement\x00"

Headers = tuple[tuple[str, bytes], ...]


class KeyState(StrEnum):
    """Whether a key may be sealed to; one that is retired will soon be destroyed."""

    USABLE = "usable"
    RETIRED = "retired"


class Announcement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key. Unit: `hour` is the beginning of its hour, nobody seals to it after `not_after`."""

    public: bytes
    hour: datetime
    not_after: datetime
    state: KeyState

    @property
    def key(self) -> SealingKey:
        """The key itself."""
        return SealingKey.of(self.public)


class ForgedAnnouncement(LagesbildError):  # noqa: N818 - a fact about the record, not a fault of ours
    """The record is not what the anonymizer has announced."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Announcement)


def signed(announcement: Announcement, signing: SigningKey) -> tuple[bytes, bytes, Headers]:
    """Key, value and headers of the record that announces it."""
    value = _encoder.encode(announcement)
    signature = signing.sign(_DOMAIN + value).signature
    return key_id(announcement.public), value, ((SIGNATURE_HEADER, signature),)


def checked(
    key: bytes | None, value: bytes, headers: Headers, verifying: VerifyKey
) -> Announcement:
    """What a record announces.

    Raises:
        ForgedAnnouncement: it is not signed by the anonymizer, or was changed or moved.
    """
    signature = dict(headers).get(SIGNATURE_HEADER) or b""
    try:
        verifying.verify(_DOMAIN + value, signature)
        announcement = _decoder.decode(value)
        if announcement.key.id != key:
            raise ForgedAnnouncement
    except (CryptoError, ValueError, TypeError):
        raise ForgedAnnouncement from None
    if announcement.hour.tzinfo is None or announcement.not_after.tzinfo is None:
        raise ForgedAnnouncement
    return announcement
