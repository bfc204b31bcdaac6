"""Excel files for tests, and the forms that they are handed in with."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

BOUNDARY = "a-boundary-of-a-test"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def a_workbook(*sheets: Sequence[Sequence[object]], names: Sequence[str] = ()) -> bytes:
    """A workbook with these rows from A1 on; `None` leaves a cell out, `=…` is a formula."""
    buffer = BytesIO()
    formats = {"datetime": "yyyy-mm-dd hh:mm", "date": "yyyy-mm-dd", "time": "hh:mm"}
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        styles = {name: book.add_format({"num_format": form}) for name, form in formats.items()}
        for at, rows in enumerate(sheets):
            sheet = book.add_worksheet(names[at] if names else None)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    _write(sheet, (row, column), cell, styles)
    return buffer.getvalue()


def _write(sheet: Any, at: tuple[int, int], cell: object, styles: Mapping[str, Any]) -> None:
    match cell:
        case None:
            return
        case datetime() | date() | time():
            sheet.write_datetime(*at, cell, styles[type(cell).__name__])
        case tuple():
            sheet.write_formula(*at, cell[0], None, cell[1])
        case str():
            sheet.write_string(*at, cell)
        case _:
            sheet.write(*at, cell)


def a_form_with(*files: bytes, fields: Mapping[str, str] | None = None) -> bytes:
    """The multipart body."""
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in (fields or {}).items()
    ]
    parts += [
        b'Content-Disposition: form-data; name="file"; filename="lista.xlsx"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + file
        for file in files
    ]
    edge = f"--{BOUNDARY}".encode()
    return b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
