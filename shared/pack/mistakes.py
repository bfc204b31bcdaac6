"""A mistake in a pack: where it is and what is wrong, in words for the person who mends it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.errors import ConfigurationError
from shared.language import Text


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake.

    Shape: `file` is relative to the pack's folder, with forward slashes; `line` counts from 1
    and is 1 when the file as a whole is meant.
    """

    file: str
    line: int
    message: Text


class PackError(ConfigurationError):
    """The pack cannot be used; `found` lists every mistake, `mistakes` the same as lines."""

    def __init__(self, found: Sequence[Mistake]) -> None:
        super().__init__([f"{one.file}:{one.line}: {one.message.en}" for one in found])
        self.found = tuple(found)


def in_reading_order(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """The mistakes by file and line, each once."""
    return sorted(dict.fromkeys(mistakes), key=lambda one: (one.file, one.line, one.message.en))
