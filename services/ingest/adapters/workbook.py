"""An Excel file becomes the cells of one sheet, in memory alone.

The file is opened by a process of its own (`open_workbook`) that has little memory and little
time: a few hundred bytes can claim a sheet of 17 thousand million cells, and the library believes
them. What goes wrong there harms nothing here, and the event loop is free meanwhile.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import structlog

from services.ingest.adapters import open_workbook
from services.ingest.adapters.cells import Cell
from services.ingest.domain.errors import RefusedFileError, RequestErrorCode

MOST_SECONDS = 30.0
MOST_ANSWER_BYTES = 200_000_000
PIECE_BYTES = 1 << 20
ZIP = b"PK\x03\x04"


async def cells_of(file: bytes, *, sheet: str | None) -> Sequence[Sequence[Cell]]:
    """The cells of the named sheet, or of the first, from A1 on.

    Raises:
        RefusedFileError: it is no workbook, damaged, too large, or lacks the sheet.
    """
    if not file.startswith(ZIP):
        raise RefusedFileError(RequestErrorCode.NOT_A_WORKBOOK)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(Path(open_workbook.__file__)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={},  # our secrets are none of its business
    )
    try:
        async with asyncio.timeout(MOST_SECONDS):
            answer = await _answer(process, msgspec.json.encode(sheet) + b"\n", file)
            code = await process.wait()
    except TimeoutError:
        raise RefusedFileError(RequestErrorCode.FILE_TOO_LARGE) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()  # `wait` would never end while its answer is unread
    if code != open_workbook.DONE:
        raise _refusal(code, sheet)
    return await asyncio.to_thread(_cells, answer)  # a second for a million cells


async def _answer(process: Process, *asked: bytes) -> bytearray:
    """What it answers; it does so only after it has read everything.

    Raises:
        RefusedFileError: the answer does not end where it should.
    """
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both are pipes")
    with suppress(BrokenPipeError, ConnectionResetError):  # its exit code says why
        process.stdin.writelines(asked)
        await process.stdin.drain()
    process.stdin.close()
    answer = bytearray()
    while piece := await process.stdout.read(PIECE_BYTES):
        answer += piece
        if len(answer) > MOST_ANSWER_BYTES:
            raise RefusedFileError(RequestErrorCode.FILE_TOO_LARGE)
    return answer


def _refusal(code: int, sheet: str | None) -> RefusedFileError:
    """Why there is no answer. Shape: a negative code is the signal that the process died of."""
    match code:
        case open_workbook.UNREADABLE:
            return RefusedFileError(RequestErrorCode.UNREADABLE_WORKBOOK)
        case open_workbook.NOT_A_WORKBOOK:
            return RefusedFileError(RequestErrorCode.NOT_A_WORKBOOK)
        case open_workbook.NO_SUCH_SHEET:
            return RefusedFileError(RequestErrorCode.MISSING_SHEET, [sheet] if sheet else [])
        case open_workbook.TOO_LARGE:
            return RefusedFileError(RequestErrorCode.FILE_TOO_LARGE)
        case _:
            structlog.get_logger().warning("workbook_reader_crashed", status=code)
            has_met_limit = code < 0  # of memory or of time
            return RefusedFileError(
                RequestErrorCode.FILE_TOO_LARGE
                if has_met_limit
                else RequestErrorCode.UNREADABLE_WORKBOOK
            )


def _cells(answer: bytearray) -> list[list[Cell]]:
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
