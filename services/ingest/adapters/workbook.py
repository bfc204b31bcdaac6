"""An Excel file becomes the cells of one sheet, in memory alone.

The file is opened by a process of its own (`open_workbook`) that has little memory and little
time: a few hundred bytes can claim a sheet of 17 thousand million cells, and the library believes
them. What goes wrong there harms nothing here, and the event loop is free meanwhile.
"""

import asyncio
import sys
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from services.ingest.adapters import open_workbook
from services.ingest.adapters.cells import Cell
from services.ingest.domain.errors import RefusedFileError, RequestErrorCode

MOST_UNPACKED_BYTES = 100_000_000
MOST_PARTS = 2_000
MOST_SECONDS = 30.0
ZIP = b"PK\x03\x04"
WORKBOOK = "xl/workbook.xml"


async def cells_of(file: bytes, *, sheet: str | None) -> Sequence[Sequence[Cell]]:
    """The cells of the named sheet, or of the first, from A1 on.

    Raises:
        RefusedFileError: it is no workbook, damaged, too large, or lacks the sheet.
    """
    require_workbook(file)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(Path(open_workbook.__file__)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    asked = msgspec.json.encode(sheet) + b"\n"
    try:
        async with asyncio.timeout(MOST_SECONDS):
            answer, _ = await process.communicate(asked + file)
    except TimeoutError:
        raise RefusedFileError(RequestErrorCode.FILE_TOO_LARGE) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    match process.returncode:
        case open_workbook.DONE:
            return await asyncio.to_thread(_cells, answer)  # a second for a million cells
        case open_workbook.UNREADABLE:
            raise RefusedFileError(RequestErrorCode.UNREADABLE_WORKBOOK)
        case open_workbook.NO_SUCH_SHEET:
            raise RefusedFileError(RequestErrorCode.MISSING_SHEET, [sheet] if sheet else [])
        case _:  # it said so, or died of it
            raise RefusedFileError(RequestErrorCode.FILE_TOO_LARGE)


def require_workbook(file: bytes) -> None:
    """Refuse what is no xlsx file, or would be too large, by its directory alone.

    Raises:
        RefusedFileError: so it is.
    """
    if not file.startswith(ZIP):
        raise RefusedFileError(RequestErrorCode.NOT_A_WORKBOOK)
    try:
        with zipfile.ZipFile(BytesIO(file)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise RefusedFileError(RequestErrorCode.UNREADABLE_WORKBOOK) from None
    if WORKBOOK not in {part.filename for part in parts}:
        raise RefusedFileError(RequestErrorCode.NOT_A_WORKBOOK)
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES:
        raise RefusedFileError(RequestErrorCode.FILE_TOO_LARGE)


def _cells(answer: bytes) -> list[list[Cell]]:
    rows: list[list[Any]] = msgspec.json.decode(answer)
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(cell: Any) -> Cell:
    """A cell; dates and times come as a letter and their ISO form."""
    if not isinstance(cell, list):
        plain: Cell = cell
        return plain
    kind, text = cell
    match kind:
        case open_workbook.INSTANT:
            return datetime.fromisoformat(text)
        case open_workbook.DAY:
            return date.fromisoformat(text)
        case _:
            return time.fromisoformat(text)
