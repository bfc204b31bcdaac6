"""The rows of a sheet become reports by the actor's agreement."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from types import MappingProxyType

import msgspec

from services.ingest.adapters.cells import (
    BadCellError,
    Cell,
    code_of,
    flag_of,
    id_of,
    is_blank,
    note_of,
    number_of,
    text_of,
    whole_of,
)
from services.ingest.adapters.instants import Clock
from services.ingest.domain.errors import (
    RefusedFileError,
    RequestErrorCode,
    RowError,
    RowErrorCode,
)
from services.ingest.domain.parse import JsonObject
from services.ingest.domain.receipt import NumberedRow
from shared.pack.model import Agreement, SheetForm, folded

Cells = Sequence[Cell]

ROWS_BEFORE_HEADER = 20  # titles and logotypes that people put above the table
PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "wgs84": ("lat", "lon"),
        "grid": ("e", "n"),
        "nyko": ("nyko",),
        "property": ("property",),
        "address": ("address",),
        "object": ("object",),
    }
)
"""The ways to say where, the most exact first: of several in one row the first that is filled."""


class SheetReader:
    """Reads one delivery of one actor. A second delivery needs a second reader."""

    def __init__(self, agreement: Agreement, form: SheetForm) -> None:
        self._agreement = agreement
        self._form = form
        self._clock = Clock(form)
        self._seen: Counter[bytes] = Counter()
        self._numeric_words = {
            word.lstrip("0"): code for word, code in agreement.words.items() if word.isdecimal()
        }

    @property
    def titles(self) -> dict[str, str]:
        """The column that each field of a report comes from, for messages."""
        columns = self._form.columns
        named = {
            f"location.{name}" if any(name in fields for fields in PLACES.values()) else name: title
            for name, title in columns.items()
        }
        if "date" in columns:
            named["occurred_at"] = f"{named.pop('date')} + {named.pop('time')}"
        return named

    def rows(self, sheet: Sequence[Cells]) -> Iterator[NumberedRow]:
        """The rows below the header that are not blank, numbered from 1 as Excel does.

        Raises:
            RefusedFileError: the header lacks agreed columns, or has one twice.
        """
        header, places = self._header(sheet)
        for number, cells in enumerate(sheet[header + 1 :], start=header + 2):
            given = {
                name: cells[at]
                for name, at in places.items()
                if at < len(cells) and not is_blank(cells[at])
            }
            if given:
                yield self._report(number, given)

    def _header(self, sheet: Sequence[Cells]) -> tuple[int, Mapping[str, int]]:
        """The row of the titles, from 0, and the place of each agreed column in it."""
        wanted = {name: folded(title) for name, title in self._form.columns.items()}
        best: tuple[int, list[str]] = (-1, [])
        for number, cells in enumerate(sheet[:ROWS_BEFORE_HEADER]):
            titles = [folded(cell) if isinstance(cell, str) else "" for cell in cells]
            found = [name for name, title in wanted.items() if title in titles]
            if len(found) > len(best[1]):
                best = (number, found)
        number, found = best
        lacking = [self._form.columns[name] for name in wanted if name not in found]
        if lacking:
            raise RefusedFileError(RequestErrorCode.MISSING_COLUMNS, lacking)
        titles = [folded(cell) if isinstance(cell, str) else "" for cell in sheet[number]]
        twice = [self._form.columns[name] for name in wanted if titles.count(wanted[name]) > 1]
        if twice:
            raise RefusedFileError(RequestErrorCode.REPEATED_COLUMNS, twice)
        return number, {name: titles.index(title) for name, title in wanted.items()}

    def _report(self, number: int, given: Mapping[str, Cell]) -> NumberedRow:
        errors: list[RowError] = []
        report: JsonObject = {}
        readings: tuple[tuple[str, Callable[[Cell], object]], ...] = (
            ("id", id_of),
            ("version", whole_of),
            ("withdrawn", flag_of),
            ("indicator", self._code),
            ("occurred_at", self._clock.instant),
            ("confirmed", flag_of),
            ("text", note_of),
        )
        for name, read in readings:
            if name in given:
                with _noted(name, errors):
                    report[name] = read(given[name])
        self._add_joined(given, report, errors)
        if "indicator" not in self._form.columns:
            report["indicator"] = self._agreement.codes[0]
        report["location"] = self._location(given, errors)
        if "id" not in self._form.columns:
            report["id"] = self._derived_id(report, counts=not errors)
        elif report.get("withdrawn") is True:  # of which nothing else is read
            errors = [error for error in errors if error.field in ("id", "version")]
        return NumberedRow(number, report, tuple(errors))

    def _add_joined(
        self, given: Mapping[str, Cell], report: JsonObject, errors: list[RowError]
    ) -> None:
        """The instant of an agreement that has date and time in two columns; both or nothing."""
        if "date" not in given or "time" not in given:
            return
        with _noted("occurred_at", errors):
            report["occurred_at"] = self._clock.joined(given["date"], given["time"])

    def _code(self, cell: Cell) -> str:
        """The indicator that the actor's word means; without words the cell holds the code."""
        written = text_of(cell)
        words = self._agreement.words
        if not words:
            return written
        code = words.get(folded(written))
        if code is None and not isinstance(cell, str):
            code = self._numeric_words.get(written)
        if code is None:
            raise BadCellError(RowErrorCode.UNKNOWN_WORD)
        return code

    def _location(self, given: Mapping[str, Cell], errors: list[RowError]) -> JsonObject | None:
        for fields in PLACES.values():
            if any(name in given for name in fields):
                location = self._place(fields, given, errors)
                return location if "e" not in fields else location | {"crs": self._form.crs}
        return None

    def _place(
        self, fields: Sequence[str], given: Mapping[str, Cell], errors: list[RowError]
    ) -> JsonObject:
        location: JsonObject = {}
        for name in fields:
            if name not in given:
                continue
            with _noted(f"location.{name}", errors):
                match name:
                    case "lat" | "lon" | "e" | "n":
                        location[name] = number_of(given[name])
                    case "nyko":
                        location[name] = code_of(given[name], self._form.nyko_digits)
                    case _:
                        location[name] = text_of(given[name])
        return location

    def _derived_id(self, report: JsonObject, *, counts: bool) -> str:
        """An id for an actor that has none: what the row says, and which time the file says it.

        The same file again, or one that overlaps it, gives the same ids; two equal rows of one
        file give two. A refused row does not count: mended, it must not move the ids of others.
        """
        said = sha256(msgspec.json.encode(report, order="sorted")).digest()
        self._seen[said] += counts
        return f"row-{said.hex()}-{self._seen[said]}"


@contextmanager
def _noted(name: str, errors: list[RowError]) -> Iterator[None]:
    """A cell that cannot be read is an error of its row, and the other rows are read."""
    try:
        yield
    except BadCellError as error:
        errors.append(RowError(name, error.code))
    except (ValueError, TypeError, ArithmeticError):  # something that nobody has thought of
        errors.append(RowError(name, RowErrorCode.WRONG_TYPE))
