"""The same words in other signs: as word processors, spreadsheets and web pages write them.

It shares nothing with the tripwire. The weights are an assumption; nobody has counted.
"""

import unicodedata
from collections.abc import Callable
from random import Random

SHARE = 0.2
"""Of all texts, those that are typeset."""

_FULL_WIDTH = str.maketrans("0123456789-@:.", "０１２３４５６７８９－＠：．")


def _with_unseen(text: str) -> str:
    """A zero-width space wherever a line could be broken."""
    return text.replace(" ", " \u200b").replace("-", "-\u200b").replace("@", "\u200b@")


_WAYS: tuple[tuple[int, Callable[[str], str]], ...] = (
    (40, lambda text: text.replace(" ", "\u00a0")),
    (25, lambda text: text.replace("-", "\u2011")),
    (10, lambda text: text.replace("-", "\u2010").replace(" ", "\u00a0")),
    (5, lambda text: text.replace("-", "\u2212")),
    (5, lambda text: text.replace(" ", "\u202f")),
    (5, lambda text: text.replace(" ", "\t")),
    (5, _with_unseen),
    (3, lambda text: text.translate(_FULL_WIDTH)),
    (2, lambda text: unicodedata.normalize("NFD", text)),
)


def typeset(text: str, chance: Random) -> str:
    """The text in one of the ways; one that had nothing to change is as it was."""
    (way,) = chance.choices([one for _, one in _WAYS], [weight for weight, _ in _WAYS])
    return way(text)
