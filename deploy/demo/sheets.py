"""The Excel file of an actor that sends nothing else: as people leave such files.

Dates are real dates or text, coordinates have points or commas, words have stray blanks, and there
is a column about persons that nobody agreed on.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import xlsxwriter

from shared.pack.model import Agreement, SheetForm

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
BOUNDARY: Final = "lagesbild-demo-file"
CONTENT_TYPE: Final = f"multipart/form-data; boundary={BOUNDARY}"
NOT_AGREED: Final = "Anmälare"
A_DATE: Final = "date"  # a real date among the cells of a line
FIRST_YEAR: Final = 2000
MADE: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - the same file has the same bytes

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Whoever fills in an actor's sheet."""

    agreement: Agreement
    form: SheetForm

    def line(self, body: Body, rng: Random) -> bytes:
        """A row as the JSON of title to cell; every column is there, blank or not."""
        cells: dict[str, object] = dict.fromkeys(self.form.columns.values())
        for name, value in self._fields(body, rng).items():
            cells[self.form.columns[name]] = value
        cells[NOT_AGREED] = json.dumps(body["extra"], ensure_ascii=False) if "extra" in body else ""
        return json.dumps(cells, ensure_ascii=False).encode()

    def _fields(self, body: Body, rng: Random) -> dict[str, object]:
        location = body.get("location")
        places = dict(location) if isinstance(location, Mapping) else {}
        places.pop("crs", None)
        plain = {name: body[name] for name in ("id", "version", "text") if name in body}
        fields = plain | {name: _place(name, value, rng) for name, value in places.items()}
        if "indicator" in body:
            fields["indicator"] = self._word(str(body["indicator"]), rng)
        if "occurred_at" in body:
            fields["occurred_at"] = _moment(str(body["occurred_at"]), rng)
        for name in ("confirmed", "withdrawn"):
            if name in body:
                fields[name] = _answer(body[name])
        return fields

    def _word(self, code: str, rng: Random) -> str:
        words = [word for word, meant in self.agreement.words.items() if meant == code]
        if not words:
            return code
        word = rng.choice(words)
        return rng.choice((word.capitalize(), word, f"{word.upper()} "))


def _place(name: str, value: object, rng: Random) -> object:
    if isinstance(value, float) and rng.random() < 0.3:
        return str(value).replace(".", ",")
    is_whole_code = name == "nyko" and len(str(value)) == 3 and str(value).isdecimal()
    return int(str(value)) if is_whole_code and rng.random() < 0.5 else value


def _moment(text: str, rng: Random) -> object:
    """Local time, except where it would say another instant; what is no instant stays."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text
    local = instant.astimezone(STOCKHOLM) if instant.tzinfo else instant
    if instant.tzinfo is None or local.fold or local.year < FIRST_YEAR:
        return text
    match rng.randrange(4):
        case 0:
            return f"{local:%Y-%m-%d %H:%M}"
        case 1:
            return f"{local:%d/%m/%Y %H:%M:%S}"
        case _:
            return {A_DATE: local.replace(tzinfo=None, microsecond=0).isoformat()}


def _answer(value: object) -> object:
    return {True: "Ja", False: "Nej"}[value] if isinstance(value, bool) else value


def workbook(lines: Sequence[bytes]) -> bytes:
    """A workbook of lines that were made with one agreement, its header in the first row."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": MADE})
        date = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet = book.add_worksheet("Störningsjouren")
        for column, title in enumerate(rows[0]):
            sheet.write_string(0, column, title)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row.values()):
                if isinstance(cell, dict):
                    at = datetime.fromisoformat(cell[A_DATE])
                    sheet.write_datetime(number, column, at, date)
                elif isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write(number, column, cell)
    return buffer.getvalue()


def form_of(file: bytes) -> bytes:
    """The multipart body that hands in one file."""
    head = (
        f"--{BOUNDARY}\r\n"
        'Content-Disposition: form-data; name="file"; filename="storningar.xlsx"\r\n'
        "Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\r\n\r\n"
    )
    return head.encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()
