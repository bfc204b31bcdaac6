"""What is told of a stage: to people as lines, to programs as facts. Never a value of a report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared.language import Text

Line = tuple[Text, Text]
"""A label and what is said of it."""


class Name(StrEnum):
    """The stages, in their order."""

    GIVEN = "given"
    INGEST = "ingest"
    SEALED = "sealed"
    READ = "read"
    LOCATED = "located"
    COARSENED = "coarsened"
    TRIPWIRE = "tripwire"
    LINKING = "linking"
    LEAVING = "leaving"
    COUNTED = "counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage.

    Shape: `kept` and `removed` are names of fields; `facts` is JSON; a stage that the report did not
    come to is not `reached` and has nothing else.
    """

    name: Name
    reached: bool = True
    kept: Sequence[str] = ()
    removed: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[Line] = ()

    @property
    def number(self) -> int:
        """Its place in the walk, from 1."""
        return list(Name).index(self.name) + 1

    def as_json(self) -> dict[str, Any]:
        """The stage for `--json`."""
        return {
            "stage": self.name.value,
            "number": self.number,
            "reached": self.reached,
            "kept": list(self.kept),
            "removed": list(self.removed),
            **self.facts,
        }


def same(words: str) -> Text:
    """What is written the same in both languages: a code, a number, names of fields."""
    return Text(words, words)


def listed(names: Iterable[str]) -> Text:
    """Names one after the other, or a dash."""
    return same(", ".join(names) or "–")
