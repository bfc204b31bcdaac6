"""The keys by which actors and the data owner show who they are.

A key is `lb_`, 30 random characters and 6 characters that are the CRC-32 of everything before
them, all of base 62. The checksum lets a service refuse a mistyped key without asking the
database, and lets a search through files find keys that were left lying about. Databases hold
the fingerprint only.
"""

import hashlib
import re
import secrets
import string
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PREFIX = "lb_"
RANDOM_CHARACTERS = 30  # 178 bits
CHECK_CHARACTERS = 6  # 62**6 is more than 2**32

Purpose: TypeAlias = Literal["report", "read", "history"]
PURPOSES: tuple[Purpose, ...] = ("report", "read", "history")
OPTIONAL_PURPOSES: frozenset[Purpose] = frozenset({"history"})
"""What an actor may lack a key for: whoever never loads history needs no key to it."""

_FORM = re.compile(
    rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_CHARACTERS}}}(?P<check>[0-9A-Za-z]{{{CHECK_CHARACTERS}}})"
)


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """Every key of one municipality: those of each actor, and the data owner's. Its repr shows none."""

    actors: Mapping[str, Mapping[Purpose, str]] = field(repr=False)
    owner: str = field(repr=False)


def new_key() -> str:
    """A key that nobody has had before."""
    body = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return body + _check(body)


def is_well_formed(key: str) -> bool:
    """Whether the text can be a key at all: its form and its checksum are right."""
    found = _FORM.fullmatch(key)
    return found is not None and _check(key[:-CHECK_CHARACTERS]) == found["check"]


def fingerprint(key: str) -> bytes:
    """What is kept of a key: its SHA-256, 32 bytes. A random key needs no slow hash."""
    return hashlib.sha256(key.encode()).digest()


def _check(body: str) -> str:
    rest = zlib.crc32(body.encode())
    characters = []
    for _ in range(CHECK_CHARACTERS):
        rest, digit = divmod(rest, len(ALPHABET))
        characters.append(ALPHABET[digit])
    return "".join(reversed(characters))
