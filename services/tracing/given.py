"""Stage 1: the fields that came in, what each of them can hold, and their words."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from services.ingest.domain.given import FIELDS, GivenReport
from services.ingest.domain.parse import JsonObject
from services.tracing.stage import Line, Name, Stage, same
from shared.language import Text

FEWEST_CHARACTERS = 4  # shorter words are in everything
HIDDEN = "•••"


class Mark(StrEnum):
    """What a field can hold."""

    PERSONAL = "personal"
    PLACE = "place"
    TIME = "time"
    CODE = "code"


class Type(StrEnum):
    """What a value is in JSON."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    OBJECT = "object"
    NULL = "null"


_MARKS = MappingProxyType(
    {
        "location": Mark.PLACE,
        "occurred_at": Mark.TIME,
        "indicator": Mark.CODE,
        "version": Mark.CODE,
        "withdrawn": Mark.CODE,
        "confirmed": Mark.CODE,
    }
)
"""All others may hold anything about persons: the actor's own id too."""

_MARK_TEXTS = MappingProxyType(
    {
        Mark.PERSONAL: Text("person", "personal"),
        Mark.PLACE: Text("plats", "place"),
        Mark.TIME: Text("tid", "time"),
        Mark.CODE: Text("kod", "code"),
    }
)
_TYPE_TEXTS = MappingProxyType(
    {
        Type.TEXT: Text("text", "text"),
        Type.NUMBER: Text("tal", "number"),
        Type.TRUTH: Text("ja/nej", "yes/no"),
        Type.OBJECT: Text("objekt", "object"),
        Type.NULL: Text("tomt", "null"),
    }
)
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d(?:[ \t./()–-]{0,2}\d){3,}")
_NO_DIGIT = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it came.

    Shape: `name` is ours; of a field that we do not have it is `?1`, `?2`, for its name is the sender's
    word; `value` is JSON.
    """

    name: str
    own_name: str = field(repr=False)
    value: Any = field(repr=False)

    @property
    def mark(self) -> Mark:
        """What it can hold."""
        return _MARKS.get(self.name.partition(".")[0], Mark.PERSONAL)

    @property
    def type(self) -> Type:
        """Of what type it is."""
        match self.value:
            case None:
                return Type.NULL
            case bool():
                return Type.TRUTH
            case str():
                return Type.TEXT
            case int() | float():
                return Type.NUMBER
            case _:
                return Type.OBJECT

    @property
    def length(self) -> int:
        """How long it is. Unit: characters; of an object, how many names and values it has."""
        match self.value:
            case str():
                return len(self.value)
            case None | bool() | int() | float():
                return len(json.dumps(self.value))
            case _:
                return sum(1 for _ in _leaves(self.value))

    def words(self) -> frozenset[str]:
        """Its words that a search can go by: longer than three characters, in lower case.

        A number that is written in groups is one more word, without what stands between.
        """
        found: set[str] = set()
        for leaf in (self.own_name if "?" in self.name else "", *_leaves(self.value)):
            whole = leaf.strip()
            numbers = (_NO_DIGIT.sub("", one) for one in _NUMBER.findall(leaf))
            found.update((whole, *numbers, *_WORD.findall(leaf)))
        return frozenset(one.casefold() for one in found if len(one) >= FEWEST_CHARACTERS)


def fields_of(row: JsonObject) -> tuple[Field, ...]:
    """The fields of a row, those of its location each by itself."""
    return tuple(_fields(row))


def given_stage(fields: tuple[Field, ...], *, actor: str, show_values: bool) -> Stage:
    """What came in; the values only when they are asked for."""
    told = Text(f"{actor}; står inte i rapporten, nyckeln säger det", f"{actor}; told by its key")
    return Stage(
        name=Name.GIVEN,
        kept=[one.name for one in fields],
        facts={
            "actor": actor,
            "fields": [_fact(one, show_values=show_values) for one in fields],
        },
        lines=[
            *(_line(one, show_values=show_values) for one in fields),
            (Text("aktör", "actor"), told),
        ],
    )


def _fact(one: Field, *, show_values: bool) -> dict[str, Any]:
    fact = {
        "field": one.name,
        "mark": one.mark.value,
        "type": one.type.value,
        "length": one.length,
    }
    return {**fact, "name": one.own_name, "value": one.value} if show_values else fact


def _line(one: Field, *, show_values: bool) -> Line:
    shown = HIDDEN
    if show_values:
        value = json.dumps(one.value, ensure_ascii=False)
        shown = printable(f"{one.own_name}: {value}" if "?" in one.name else value)
    mark, kind = _MARK_TEXTS[one.mark], _TYPE_TEXTS[one.type]
    return same(one.name), Text(
        f"{mark.sv:<10}{kind.sv:<8}{one.length:>6}  {shown}",
        f"{mark.en:<10}{kind.en:<8}{one.length:>6}  {shown}",
    )


def printable(words: str) -> str:
    """Words that cannot move the terminal's cursor or turn its writing around."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in words)


def _fields(row: JsonObject) -> Iterator[Field]:
    unknown = 0
    for name, value in row.items():
        if name not in GivenReport.model_fields:
            unknown += 1
            yield Field(f"?{unknown}", name, value)
        elif name == "location" and isinstance(value, dict):
            for part, inner in value.items():
                unknown += part not in FIELDS
                ours = part if part in FIELDS else f"?{unknown}"
                yield Field(f"location.{ours}", part, inner)
        else:
            yield Field(name, name, value)


def _leaves(value: Any) -> Iterator[str]:
    """Every name and value within, as text; true, false and null say nothing."""
    match value:
        case None | bool():
            return
        case dict():
            for name, inner in value.items():
                yield name
                yield from _leaves(inner)
        case list():
            for inner in value:
                yield from _leaves(inner)
        case str():
            yield value
        case _:
            yield json.dumps(value)
