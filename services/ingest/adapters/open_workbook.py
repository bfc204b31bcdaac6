"""Reads one sheet of the workbook on standard input; a program of its own, run by `workbook`.

Shape: the first line is the sheet's name as JSON, or null; what follows is the file. The answer
is JSON in UTF-8, a list of rows; the exit code says how it went. Nothing is written to a file.
"""

import json
import math
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

DONE = 0
TOO_LARGE = 3
UNREADABLE = 4
NO_SUCH_SHEET = 5
NOT_A_WORKBOOK = 6

INSTANT = "i"
DAY = "d"
TIME = "t"

MOST_ROWS = 50_020  # with what may stand above the header
MOST_COLUMNS = 200
MOST_CELLS = 2_000_000
MOST_TEXT = 20_001  # one more than a report may have, so that it is refused for it
MOST_CHARACTERS = 50_000_000
MOST_UNPACKED_BYTES = 100_000_000
MOST_PARTS = 1_000
WORKBOOK = "xl/workbook.xml"
MOST_MEMORY = 1 << 30
MOST_CPU_SECONDS = 20
ONE_DAY = timedelta(days=1)
ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - only its time of day is used
KINDS = {datetime: INSTANT, date: DAY, time: TIME}


def main() -> int:
    """Answer and say how it went."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    name = json.loads(sys.stdin.buffer.readline())
    file = BytesIO(sys.stdin.buffer.read())
    try:
        return _refused(file) or _answered(file, name)
    except MemoryError:
        return TOO_LARGE


def _refused(file: BytesIO) -> int:
    """Why the file is refused by its directory alone; `DONE` if it is not."""
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return UNREADABLE
    if WORKBOOK not in {part.filename for part in parts}:
        return NOT_A_WORKBOOK
    unpacked = sum(part.file_size for part in parts)
    return TOO_LARGE if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES else DONE


def _answered(file: BytesIO, name: str | None) -> int:
    from python_calamine import (  # noqa: PLC0415 - whoever only runs this program needs no reader
        CalamineError,
        CalamineWorkbook,
        SheetTypeEnum,
        WorksheetNotFound,
        ZipError,
    )

    file.seek(0)
    try:
        workbook = CalamineWorkbook.from_filelike(file)
        names = [one.name for one in workbook.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        wanted = [one for one in names if name is None or _folded(one) == _folded(name)]
        if not wanted:
            return NO_SUCH_SHEET
        sheet = workbook.get_sheet_by_name(wanted[0])
    except WorksheetNotFound:
        return NO_SUCH_SHEET
    except (CalamineError, ZipError, ValueError, OSError):
        return UNREADABLE
    height, width = sheet.total_height, sheet.total_width
    if height > MOST_ROWS or width > MOST_COLUMNS or height * width > MOST_CELLS:
        return TOO_LARGE
    return _written(sheet.to_python(skip_empty_area=False))


def _written(rows: list[list[Any]]) -> int:
    """Write the answer, unless its texts are too long together: one may stand in every cell."""
    texts = (cell for row in rows for cell in row if isinstance(cell, str))
    if sum(min(len(text), MOST_TEXT) for text in texts) > MOST_CHARACTERS:
        return TOO_LARGE
    for at, row in enumerate(rows):
        line = json.dumps([_plain(cell) for cell in row], ensure_ascii=False)
        sys.stdout.buffer.write((",\n" if at else "[").encode() + line.encode())
    sys.stdout.buffer.write(b"]" if rows else b"[]")
    return DONE


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _plain(cell: Any) -> Any:
    """A cell as JSON: blank is null, what Excel calls a number need not be one."""
    if isinstance(cell, timedelta) and timedelta() <= cell < ONE_DAY:
        cell = (ANY_DAY + cell).time()  # a duration below a day is a time of day
    if kind := KINDS.get(type(cell)):
        return [kind, cell.isoformat()]
    if isinstance(cell, float) and math.isfinite(cell):
        return cell
    return cell if isinstance(cell, bool | int) else str(cell)[:MOST_TEXT] or None


if __name__ == "__main__":
    sys.exit(main())
