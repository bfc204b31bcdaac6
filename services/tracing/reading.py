"""A file becomes one row, as ingest would read it; more than one is refused."""

import sys
from pathlib import Path

from services.ingest.domain.errors import UnreadableBodyError
from services.ingest.domain.parse import Row
from services.ingest.domain.rows import (
    BLANK,
    BYTE_ORDER_MARK,
    MOST_ROW_BYTES,
    JsonRows,
    LineRows,
    RowReader,
)
from shared.errors import ConfigurationError
from shared.language import Language, Text

STANDARD_INPUT = "-"
MOST_BYTES = 4 * MOST_ROW_BYTES  # a single report is never larger, however it is laid out

_TOO_LARGE = Text("Filen är för stor för en rapport.", "The file is too large for one report.")
_NOTHING = Text(
    "Filen har ingen rapport: den är tom eller inte JSON.",
    "The file has no report: it is empty or not JSON.",
)
_SEVERAL = Text(
    "Filen har flera rapporter. Ge en åt gången.",
    "The file has several reports. Give one at a time.",
)


def content_of(name: str, language: Language) -> bytes:
    """The bytes of a file, or of standard input.

    Raises:
        ConfigurationError: there is no such file, it cannot be read, or it is too large.
    """
    try:
        if name == STANDARD_INPUT:
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(MOST_BYTES + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        said = Text(f"Filen kan inte läsas: {why}.", f"The file cannot be read: {why}.")
        raise _refused(said, language) from None
    if len(content) > MOST_BYTES:
        raise _refused(_TOO_LARGE, language)
    return content


def row_of(content: bytes, language: Language) -> Row:
    """The one row of a body; a row that ingest cannot read comes as its reason.

    Raises:
        ConfigurationError: there is none, or more than one.
    """
    rows = _rows(JsonRows(), content)
    if rows is None:  # not one document; several lines that each are one would be NDJSON
        lines = [one for one in _rows(LineRows(), content) or () if isinstance(one, dict)]
        raise _refused(_SEVERAL if len(lines) > 1 else _NOTHING, language)
    if len(rows) > 1:
        raise _refused(_SEVERAL, language)
    if not rows:
        raise _refused(_NOTHING, language)
    return rows[0]


def _rows(reader: RowReader, content: bytes) -> list[Row] | None:
    """The rows of a body, `None` if it cannot be read at all."""
    if not content.removeprefix(BYTE_ORDER_MARK).strip(BLANK):
        return None
    try:
        return [*reader.feed(content), *reader.end()]
    except UnreadableBodyError:
        return None


def _refused(why: Text, language: Language) -> ConfigurationError:
    """Why the file cannot be walked through; not a word of it."""
    return ConfigurationError([why.in_(language)])
