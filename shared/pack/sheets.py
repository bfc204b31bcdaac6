"""A file of the pack that was read: what it says, and on which line it says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from shared.language import Text
from shared.pack.mistakes import Mistake
from shared.pack.wording import explained

Place = tuple[str | int, ...]
KEY = "[key]"  # pydantic's own word for the key of a mapping, as opposed to its value
Content = TypeVar("Content", bound=BaseModel)
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C is 10 × faster

_PLAIN_TAGS = frozenset(  # days, sets and merges are left out: no file of a pack has them
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null")
)


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Content]):
    """A file with its places. Shape: `lines` maps the keys and indices that lead to a value."""

    file: str
    content: Content
    lines: Mapping[Place, int]

    def mistake(self, place: Place, message: Text) -> Mistake:
        """A mistake at a place of the file."""
        return Mistake(self.file, line_of(self.lines, place), message)


def line_of(lines: Mapping[Place, int], place: Place) -> int:
    """The line of a place, or of what holds it when the place itself is missing."""
    while place not in lines and place:
        place = place[:-1]
    return lines.get(place, 1)


def read_text(folder: Path, file: str) -> str | Mistake:
    """The text of a file, or why there is none."""
    try:
        return (folder / file).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Mistake(file, 1, Text(sv="Filen saknas.", en="The file is missing."))
    except UnicodeDecodeError:
        message = Text(sv="Filen är inte UTF-8-text.", en="The file is not UTF-8 text.")
        return Mistake(file, 1, message)
    except OSError:
        return Mistake(file, 1, Text(sv="Filen går inte att läsa.", en="The file cannot be read."))


def read_sheet(
    folder: Path, file: str, model: type[Content]
) -> tuple[Sheet[Content] | None, list[Mistake]]:
    """A YAML file checked against its model, or every mistake in it."""
    text = read_text(folder, file)
    if isinstance(text, Mistake):
        return None, [text]
    document = _Document(file)
    plain = document.read(text)
    if document.mistakes:
        return None, document.mistakes
    try:
        content = model.model_validate(plain)
    except ValidationError as error:
        return None, [
            Mistake(
                file,
                line_of(document.lines, one["loc"]),
                explained(one, written=document.written.get(one["loc"])),
            )
            for one in error.errors(include_url=False)
        ]
    return Sheet(file, content, document.lines), []


class _Document:
    """A YAML document as plain values, with the line and the written form of each place."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Place, int] = {}
        self.written: dict[Place, str] = {}
        self.mistakes: list[Mistake] = []
        self._seen: set[int] = set()

    def read(self, text: str) -> Any:
        """The values of the text; what cannot be read is in `mistakes`."""
        loader = _LOADER(text)
        try:
            node = loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            return self._refuse(mark.line + 1 if mark else 1, _not_yaml(error.problem))
        except yaml.YAMLError:
            return self._refuse(1, _not_yaml("unreadable characters"))
        finally:
            loader.dispose()
        return self._value(node, ()) if node else self._refuse(1, _EMPTY)

    def _value(self, node: yaml.Node, place: Place) -> Any:
        line = self.lines.setdefault(place, node.start_mark.line + 1)
        if id(node) in self._seen:  # an alias; one that holds itself would never end
            return self._refuse(line, _ALIAS)
        self._seen.add(id(node))
        match node:
            case yaml.MappingNode():
                return self._mapping(node, place)
            case yaml.SequenceNode():
                return [self._value(one, (*place, at)) for at, one in enumerate(node.value)]
            case _:
                self.written[place] = node.value
                return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[Any, Any]:
        values: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(line, _KEY_IS_NOT_A_WORD)
                continue
            key = self._scalar(key_node)
            there = (*place, key)
            if key in values:
                self._refuse(line, _twice(key_node.value))
                continue
            self.lines[there] = line
            self.written[(*there, KEY)] = key_node.value
            values[key] = self._value(value_node, there)
        return values

    def _scalar(self, node: yaml.Node) -> Any:
        if node.tag not in _PLAIN_TAGS:
            return self._refuse(node.start_mark.line + 1, _not_a_value(node.value))
        try:
            return yaml.constructor.SafeConstructor().construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError):
            return self._refuse(node.start_mark.line + 1, _not_a_value(node.value))

    def _refuse(self, line: int, message: Text) -> None:
        self.mistakes.append(Mistake(self.file, line, message))


_ALIAS = Text(sv="Skriv ut värdet i stället för *alias.", en="Write the value, not an *alias.")
_EMPTY = Text(sv="Filen är tom.", en="The file is empty.")
_KEY_IS_NOT_A_WORD = Text(sv="En nyckel ska vara ett ord.", en="A key must be a single word.")


def _not_yaml(problem: str | None) -> Text:
    said = problem or "?"
    return Text(sv=f"Inte giltig YAML ({said}).", en=f"Not valid YAML ({said}).")


def _twice(key: str) -> Text:
    return Text(sv=f"Nyckeln {key} står två gånger.", en=f"The key {key} stands twice.")


def _not_a_value(written: str) -> Text:
    return Text(
        sv=f"Värdet {written} går inte att tolka; sätt det inom citattecken.",
        en=f"The value {written} cannot be read; write it in quotes.",
    )
