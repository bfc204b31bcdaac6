"""The registers of a pack: where addresses, designations, objects, places and roads lie.

Source: address parts and designations as in the Swedish property register; one street name may
exist in several localities of a municipality, so the locality belongs to the key. Places and roads
are optional: a pack without them has no such file.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shared.language import Text
from shared.pack.mistakes import Mistake, PackError, in_reading_order
from shared.pack.sheets import read_text

LATITUDES = (54.0, 70.0)  # Sweden with some sea; degrees in EPSG:4326
LONGITUDES = (9.0, 26.0)


@dataclass(frozen=True, slots=True)
class Register:
    """A register's file and columns.

    Shape: `key` are the columns that together name one place, all others are `lat` and `lon` and
    what may be left empty; `lat` and `lon` come last; `forms` are the patterns that some columns
    must follow; a register that `is_optional` may have no file.
    """

    file: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    forms: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    is_optional: bool = False


ADDRESSES = Register(
    file="addresses.csv",
    columns=("street", "number", "letter", "locality", "lat", "lon"),
    key=("street", "number", "letter", "locality"),
    optional=frozenset({"letter"}),
)
PROPERTIES = Register(
    file="properties.csv", columns=("designation", "lat", "lon"), key=("designation",)
)
OBJECTS = Register(file="objects.csv", columns=("name", "kind", "lat", "lon"), key=("name", "kind"))
PLACES = Register(
    file="places.csv", columns=("name", "lat", "lon"), key=("name",), is_optional=True
)
ROADS = Register(  # a road is some points along it, close enough to be in every area it passes
    file="roads.csv",
    columns=("road", "lat", "lon"),
    key=("road", "lat", "lon"),
    forms=MappingProxyType(
        {"road": re.compile(r"E[1-9][0-9]{0,2}|[1-9][0-9]{0,3}(\.[0-9]{1,2})?")}
    ),
    is_optional=True,
)
REGISTERS = (ADDRESSES, PROPERTIES, OBJECTS, PLACES, ROADS)

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registers:
    """The rows of a pack's registers. Shape: each row as its register's `columns`."""

    addresses: Iterable[Row] = ()
    properties: Iterable[Row] = ()
    objects: Iterable[Row] = ()
    places: Iterable[Row] = ()
    roads: Iterable[Row] = ()


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """The rows of one register, read from its file anew each time: they are many and large."""

    path: Path

    def __iter__(self) -> Iterator[Row]:
        """The rows below the first line; none without a file."""
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            next(reader, None)
            for row in reader:
                yield tuple(row)


def load_registers(folder: Path) -> Registers:
    """The registers of a pack, checked; their rows are read when they are asked for.

    Raises:
        PackError: something in them is wrong; it lists everything.
    """
    found = [one for register in REGISTERS for one in register_mistakes(folder, register)]
    if found:
        raise PackError(in_reading_order(found))
    return Registers(*(RegisterFile(folder / register.file) for register in REGISTERS))


def register_mistakes(folder: Path, register: Register) -> Iterator[Mistake]:
    """Wrong columns, values that are missing or no coordinates, places that stand twice."""
    if register.is_optional and not (folder / register.file).exists():
        return
    text = read_text(folder, register.file)
    if isinstance(text, Mistake):
        yield text
        return
    del text  # it is only known now that it can be read; read line by line it takes no room
    with (folder / register.file).open(encoding="utf-8-sig", newline="") as lines:
        yield from _table_mistakes(csv.reader(lines, strict=True), register)


def _table_mistakes(reader: Any, register: Register) -> Iterator[Mistake]:
    """What is wrong in the rows that a CSV reader gives, its first line among them."""
    try:
        header: list[str] = next(reader, [])
        if tuple(header) != register.columns:
            expected = ",".join(register.columns)
            message = Text(
                sv=f"Första raden ska vara {expected}", en=f"The first line must be {expected}"
            )
            yield Mistake(register.file, 1, message)
            return
        yield from _row_mistakes(reader, register)
    except csv.Error:
        message = Text(sv="Raden är inte giltig CSV.", en="The line is not valid CSV.")
        yield Mistake(register.file, max(reader.line_num, 1), message)


def _row_mistakes(reader: Any, register: Register) -> Iterator[Mistake]:
    seen: dict[int, int] = {}  # by the keys' hashes, which cost a tenth of the keys
    for row in reader:
        line: int = reader.line_num
        if len(row) != len(register.columns):
            message = Text(
                sv=f"Raden har {len(row)} värden, inte {len(register.columns)}.",
                en=f"The line has {len(row)} values, not {len(register.columns)}.",
            )
            yield Mistake(register.file, line, message)
            continue
        values = dict(zip(register.columns, row, strict=True))
        for message in _value_messages(values, register):
            yield Mistake(register.file, line, message)
        key = tuple(values[column].casefold() for column in register.key)
        first = seen.setdefault(hash(key), line)
        if first != line:
            message = Text(
                sv=f"Samma plats finns redan på rad {first}.",
                en=f"The same place is already on line {first}.",
            )
            yield Mistake(register.file, line, message)


def _value_messages(values: dict[str, str], register: Register) -> Iterator[Text]:
    for column in register.key:
        value = values[column]
        if value != value.strip():
            yield Text(
                sv=f"{column} har blanksteg först eller sist.",
                en=f"{column} has a blank first or last.",
            )
        elif not value and column not in register.optional:
            yield Text(sv=f"{column} saknas.", en=f"{column} is missing.")
        elif column in register.forms and register.forms[column].fullmatch(value) is None:
            yield Text(
                sv=f"{column} ska skrivas som {register.forms[column].pattern}.",
                en=f"{column} must be written as {register.forms[column].pattern}.",
            )
    for column, limits in (("lat", LATITUDES), ("lon", LONGITUDES)):
        if not _is_within(values[column], limits):
            low, high = limits
            yield Text(
                sv=f"{column} ska vara grader i WGS 84 mellan {low:g} och {high:g}.",
                en=f"{column} must be degrees in WGS 84 between {low:g} and {high:g}.",
            )


def _is_within(written: str, limits: Sequence[float]) -> bool:
    try:
        degrees = float(written)
    except ValueError:
        return False
    return limits[0] <= degrees <= limits[1]
