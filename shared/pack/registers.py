"""The registers of a pack: where addresses, property designations and named objects lie.

Source: address parts and designations as in the Swedish property register; one street name may
exist in several localities of a municipality, so the locality belongs to the key.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from shared.language import Text
from shared.pack.mistakes import Mistake
from shared.pack.sheets import read_text

LATITUDES = (54.0, 70.0)  # Sweden with some sea; degrees in EPSG:4326
LONGITUDES = (9.0, 26.0)


@dataclass(frozen=True, slots=True)
class Register:
    """A register's file and columns.

    Shape: `key` are the columns that together name one place, all others are `lat` and `lon` and
    what may be left empty; `lat` and `lon` come last.
    """

    file: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    optional: frozenset[str] = frozenset()


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
REGISTERS = (ADDRESSES, PROPERTIES, OBJECTS)


def register_mistakes(folder: Path, register: Register) -> Iterator[Mistake]:
    """Wrong columns, values that are missing or no coordinates, places that stand twice."""
    text = read_text(folder, register.file)
    if isinstance(text, Mistake):
        yield text
        return
    reader = csv.reader(StringIO(text), strict=True)
    try:
        header = next(reader, [])
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


def _row_mistakes(reader: Iterator[list[str]], register: Register) -> Iterator[Mistake]:
    seen: dict[tuple[str, ...], int] = {}
    for row in reader:
        line: int = reader.line_num  # type: ignore[attr-defined]
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
        first = seen.setdefault(key, line)
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
