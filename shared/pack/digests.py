"""Codes as short numbers, for what has room for no more (decision 0026)."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from shared.language import Text


def digest_of(code: str) -> int:
    """A code as a number of two bytes, the same in every process."""
    return int.from_bytes(blake2b(code.encode(), digest_size=2).digest())


def confused(codes: Sequence[str]) -> Iterator[tuple[int, Text]]:
    """Codes whose number is that of another before, and what to say of it.

    Two actors with one number would never be linked, two indicators would be bounded as one.
    """
    first: dict[int, str] = {}
    for at, code in enumerate(codes):
        other = first.setdefault(digest_of(code), code)
        if other != code:
            message = Text(
                sv=f"{code} går inte att skilja från {other} när dubbletter söks; välj en annan.",
                en=f"{code} cannot be told from {other} when duplicates are sought; choose another.",
            )
            yield at, message
