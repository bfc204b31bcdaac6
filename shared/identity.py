"""The event id: the same for every resend, and not to be guessed from the actor's own id.

Source: DESIGN §2 "Ids"; UUID version 8 is RFC 9562 §5.8.
"""

import hashlib
import hmac
from uuid import UUID

SEPARATOR = b"\x1f"  # ids come from outside and may hold "|"; this character is refused in them


def event_id(secret: bytes, *, municipality: str, actor: str, own_id: str) -> UUID:
    """The UUIDv8 of HMAC-SHA256(secret, municipality | actor | the actor's own id).

    Raises:
        ValueError: the secret is shorter than 16 bytes.
    """
    if len(secret) < 16:
        raise ValueError("the installation secret has at least 16 bytes")
    message = SEPARATOR.join((municipality.encode(), actor.encode(), own_id.encode()))
    digest = bytearray(hmac.digest(secret, message, hashlib.sha256)[:16])
    digest[6] = (digest[6] & 0x0F) | 0x80
    digest[8] = (digest[8] & 0x3F) | 0x80
    return UUID(bytes=bytes(digest))


def partition_of(event: UUID, partitions: int) -> int:
    """The partition of every message about the event, the same number on each topic.

    The last eight bytes hold 62 random bits, so the event ids spread evenly.
    """
    return int.from_bytes(event.bytes[8:]) % partitions


def partition_of_key(key: bytes, partitions: int) -> int:
    """The partition of a message that is about no event, by its key; the same for ever."""
    return int.from_bytes(hashlib.sha256(key).digest()[:8]) % partitions
