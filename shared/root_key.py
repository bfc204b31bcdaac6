"""The root key: the one secret from which the anonymizer's other secrets are derived.

It comes from the environment or from a file that only its owner may read, and is never stored with
what it protects. Each use has a key of its own by HKDF-SHA256 (RFC 5869) with the use in the info, so
that no two of them can be confused.
"""

import os
import secrets
import stat
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.signing import SigningKey, VerifyKey

KEY_BYTES = 32
PRIVATE_MODES = (0o600, 0o400)
_INFO = b"lagesbild/1/"


@dataclass(frozen=True, slots=True)
class RootKey:
    """32 secret bytes; its repr shows none of them."""

    _raw: bytes = field(repr=False)

    @classmethod
    def new(cls) -> "RootKey":
        """A fresh one."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def of(cls, text: str) -> "RootKey":
        """The root key from its text.

        Raises:
            ValueError: not base64 of 32 bytes; the text is not repeated.
        """
        return cls(_32_bytes(text))

    @classmethod
    def in_file(cls, file: Path) -> "RootKey":
        """The root key from a file that is ours and that nobody else may read.

        Raises:
            ValueError: there is no such file, others may read it, or it holds no key.
        """
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ValueError(f"the file cannot be read: {error.strerror}") from None
        try:
            _refuse_what_others_read(os.fstat(descriptor))  # of what is open, not of what comes
            raw = os.read(descriptor, 1024)
        finally:
            os.close(descriptor)
        return cls.of(raw.decode("ascii", errors="replace").strip())

    def as_text(self) -> str:
        """Base64, as it is written down."""
        return b64encode(self._raw).decode()

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one use."""
        kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_INFO + purpose.encode())
        return kdf.derive(self._raw)

    def announcing(self) -> SigningKey:
        """The Ed25519 key that signs announcements."""
        return SigningKey(self.derived("announcements"))

    def announcement_key(self) -> str:
        """The public half, base64: what ingest checks announcements with."""
        return b64encode(bytes(self.announcing().verify_key)).decode()


def announcement_key(text: str) -> VerifyKey:
    """The key that checks announcements, from its text.

    Raises:
        ValueError: not base64 of 32 bytes; the text is not repeated.
    """
    return VerifyKey(_32_bytes(text))


def _refuse_what_others_read(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("not a file")
    if stat.S_IMODE(found.st_mode) not in PRIVATE_MODES:
        raise ValueError("the file's mode must be 0600 or 0400")
    if found.st_uid != os.geteuid():
        raise ValueError("the file must belong to the user that runs the program")


def _32_bytes(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ValueError("a key is the base64 of 32 bytes")
    return raw
