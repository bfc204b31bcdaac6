"""The process that opens Excel files, and what it may do to the service: nothing."""

import asyncio
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeAlias

import pytest
import structlog

from services.ingest.adapters import open_workbook, workbook
from services.ingest.adapters.workbook import cells_of
from services.ingest.domain.errors import RefusedFileError
from tests.support.workbooks import a_workbook

Put: TypeAlias = Callable[[str], None]
READ = "import os, sys, time\nsys.stdin.buffer.read()\n"
A_FILE = a_workbook([["å", "\U0001f525 x"], [1.5, True]])


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Put:
    """Puts a program in the place of ours."""
    file = tmp_path / "program.py"
    monkeypatch.setattr(open_workbook, "__file__", str(file))

    def write(program: str) -> None:
        file.write_text(program)

    return write


async def refusal_of(file: bytes) -> str:
    async with asyncio.timeout(60):
        with pytest.raises(RefusedFileError) as refused:
            await cells_of(file, sheet=None)
    return refused.value.code.value


async def test_every_letter_comes_back() -> None:
    assert await cells_of(A_FILE, sheet=None) == [["å", "\U0001f525 x"], [1.5, True]]
    assert await cells_of(a_workbook([]), sheet=None) == []


async def test_a_text_is_cut_where_it_is_too_long_for_any_report() -> None:
    ((text,),) = await cells_of(a_workbook([["å" * 30_000]]), sheet=None)
    assert text == "å" * 20_001


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("sys.exit(1)", "unreadable_workbook"),
        ("raise ValueError", "unreadable_workbook"),
        ("os.abort()", "file_too_large"),
    ],
)
async def test_a_reader_that_crashes_leaves_its_exit_code_in_the_log_and_nothing_else(
    put: Put, end: str, code: str
) -> None:
    put(f"{READ}{end}")
    with structlog.testing.capture_logs() as lines:
        assert await refusal_of(A_FILE) == code
    (line,) = lines
    assert line == {
        "event": "workbook_reader_crashed",
        "log_level": "warning",
        "status": -6 if "abort" in end else 1,
    }


async def test_a_reader_that_answers_without_end_is_stopped(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ANSWER_BYTES", 1 << 20)
    put(f"{READ}while True: os.write(1, bytes(1 << 16))")
    assert await refusal_of(A_FILE) == "file_too_large"


@pytest.mark.parametrize(
    "program",
    [
        f"{READ}time.sleep(600)",
        "import time; time.sleep(600)",
        f"{READ}os.write(1, bytes(1 << 25)); time.sleep(600)",
        "import os\nwhile True: os.write(1, bytes(1 << 16))",
    ],
    ids=["says nothing", "reads nothing", "stops in the midst", "talks without listening"],
)
async def test_a_reader_that_does_not_end_is_stopped(
    put: Put, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(workbook, "MOST_SECONDS", 0.3)
    put(program)
    assert await refusal_of(A_FILE + bytes(1 << 20)) == "file_too_large"


async def test_the_reader_knows_no_secret_of_the_service(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGESBILD_MASTER_KEY", "not for the reader")
    put(f"{READ}import json; print(json.dumps([list(os.environ)]))")
    (names,) = await cells_of(A_FILE, sheet=None)
    assert "LAGESBILD_MASTER_KEY" not in names


async def test_the_service_itself_never_opens_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("opened on the event loop")

    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    assert len(await cells_of(A_FILE, sheet=None)) == 2


async def test_a_directory_of_too_many_parts_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("xl/workbook.xml", "")
        for at in range(1_500):
            packed.writestr(f"{at}", "")
    assert await refusal_of(target.getvalue()) == "file_too_large"
