"""`Authorization: Bearer KEY`, the one way to show a key."""

SCHEME = "bearer"


def bearer_key(authorization: str | None) -> str | None:
    """The key of an Authorization header; `None` means that it names none."""
    scheme, _, key = (authorization or "").strip().partition(" ")
    if scheme.lower() != SCHEME or not key.strip():
        return None
    return key.strip()
