"""A body cut into rows while it arrives, in bounded memory and linear time.

Whatever the pieces, the rows are the same. A row that is too large is skipped without being kept,
and a row that cannot be read does not harm the next one, with one exception: broken syntax in an
array makes it a guess where the next row begins, so nothing behind it is read.
"""

import re
from collections.abc import Iterator
from typing import Protocol

from services.ingest.domain.errors import RowErrorCode, UnreadableBodyError
from services.ingest.domain.parse import Row, parsed

MOST_ROW_BYTES = 512 << 10
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANK = b" \t\r\n"


class RowReader(Protocol):
    """Takes a body in pieces, gives its rows in order."""

    def feed(self, piece: bytes) -> list[Row]:
        """The rows that the piece completes.

        Raises:
            UnreadableBodyError: it is certain that nothing can be read.
        """

    def end(self) -> list[Row]:
        """The last rows, once the body has ended.

        Raises:
            UnreadableBodyError: nothing could be read.
        """


class _Text:
    """One row's bytes while they arrive; forgets them when they are too many."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._is_too_large = False

    def add(self, part: bytes) -> None:
        if self._is_too_large:
            return
        self._bytes += part
        if len(self._bytes) > MOST_ROW_BYTES:
            self._is_too_large = True
            self._bytes.clear()

    def is_blank(self) -> bool:
        return not self._is_too_large and not self._bytes.strip(BLANK)

    def without_mark(self) -> None:
        if self._bytes.startswith(BYTE_ORDER_MARK):
            del self._bytes[: len(BYTE_ORDER_MARK)]

    def taken(self) -> Row:
        """The row; the next one begins."""
        if self._is_too_large:
            self._is_too_large = False
            return RowErrorCode.ROW_TOO_LARGE
        text = bytes(self._bytes)
        self._bytes.clear()
        return parsed(text)


class LineRows:
    """NDJSON: a row per line. Blank lines are skipped and have no number."""

    def __init__(self) -> None:
        self._line = _Text()
        self._is_first = True
        self._has_rows = False

    def feed(self, piece: bytes) -> list[Row]:
        """The rows whose line ends in the piece."""
        first, *others = piece.split(b"\n")
        self._line.add(first)
        if not others:
            return []
        rows = self._ended()
        for line in others[:-1]:
            if line.strip(BLANK):
                self._line.add(line)
                rows.append(self._line.taken())
        self._line.add(others[-1])
        self._has_rows = self._has_rows or bool(rows)
        return rows

    def end(self) -> list[Row]:
        """The last line, which needs no line feed.

        Raises:
            UnreadableBodyError: there was no line that is not blank.
        """
        rows = self._ended()
        if not rows and not self._has_rows:
            raise UnreadableBodyError
        return rows

    def _ended(self) -> list[Row]:
        """The line that has been arriving; the very first may hold a byte order mark."""
        if self._is_first:
            self._is_first = False
            self._line.without_mark()
        if not self._line.is_blank():
            return [self._line.taken()]
        self._line = _Text()
        return []


class JsonRows:
    """JSON: an array of rows, or one row. The first character that is not blank decides."""

    def __init__(self) -> None:
        self._start: bytes | None = b""
        self._rows: _ArrayRows | _OneRow | None = None

    def feed(self, piece: bytes) -> list[Row]:
        """The rows that the piece completes.

        Raises:
            UnreadableBodyError: the array is broken in its first row.
        """
        if self._rows is None:
            piece = self._after_start(piece)
            if not piece:
                return []
            is_array = piece.startswith(b"[")
            self._rows = _ArrayRows() if is_array else _OneRow()
            piece = piece[1:] if is_array else piece
        return self._rows.feed(piece)

    def end(self) -> list[Row]:
        """The last row.

        Raises:
            UnreadableBodyError: the body is blank, a scalar, not JSON, or broken in its first row.
        """
        if self._rows is None:
            raise UnreadableBodyError
        return self._rows.end()

    def _after_start(self, piece: bytes) -> bytes:
        """What follows the byte order mark and the blanks, as far as it has arrived."""
        if self._start is not None:
            piece = self._start + piece
            if len(piece) < len(BYTE_ORDER_MARK) and BYTE_ORDER_MARK.startswith(piece):
                self._start = piece
                return b""
            self._start = None
            piece = piece.removeprefix(BYTE_ORDER_MARK)
        return piece.lstrip(BLANK)


class _OneRow:
    """The whole body is one row."""

    _UNREADABLE = (RowErrorCode.NOT_JSON, RowErrorCode.NOT_UTF8, RowErrorCode.NOT_AN_OBJECT)

    def __init__(self) -> None:
        self._text = _Text()

    def feed(self, piece: bytes) -> list[Row]:
        self._text.add(piece)
        return []

    def end(self) -> list[Row]:
        row = self._text.taken()
        if row in self._UNREADABLE:
            raise UnreadableBodyError
        return [row]


_OUTSIDE_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},]', re.DOTALL)
_INSIDE_STRING = re.compile(rb'["\\]')


class _ArrayRows:
    """The elements of an array, found by commas and brackets outside of strings.

    The bytes are those after the opening bracket. Each element is then read like any row, so this
    class only has to be right about where an element of correct JSON ends.
    """

    def __init__(self) -> None:
        self._text = _Text()
        self._depth = 1
        self._in_string = False
        self._is_escaped = False
        self._has_rows = False
        self._is_broken = False

    def feed(self, piece: bytes) -> list[Row]:
        rows: list[Row] = []
        start = 0
        for end in self._ends(piece):
            self._text.add(piece[start:end])
            start = end + 1
            is_empty = not self._depth and not self._has_rows and self._text.is_blank()
            is_broken = not self._depth and piece[end:start] != b"]"
            if is_broken or not is_empty:
                self._add_row(rows, is_broken=is_broken)
            if self._is_broken:
                return rows
        if self._depth:
            self._text.add(piece[start:])
        elif piece[start:].strip(BLANK) and not self._is_broken:
            self._add_row(rows, is_broken=True)  # something stands behind the array
        return rows

    def end(self) -> list[Row]:
        rows: list[Row] = []
        if self._depth and not self._is_broken:
            self._add_row(rows, is_broken=True)
        return rows

    def _add_row(self, rows: list[Row], *, is_broken: bool) -> None:
        row = self._text.taken()
        if is_broken or row is RowErrorCode.NOT_JSON:
            if not self._has_rows:
                raise UnreadableBodyError
            self._is_broken = True
            row = RowErrorCode.REST_UNREAD
        self._has_rows = True
        rows.append(row)

    def _ends(self, piece: bytes) -> Iterator[int]:
        """The places of the commas between elements and of the bracket behind the last."""
        at = 0
        while self._depth and not self._is_broken and at < len(piece):
            if self._is_escaped:
                self._is_escaped = False
                at += 1
                continue
            marks = _INSIDE_STRING if self._in_string else _OUTSIDE_STRINGS
            found = marks.search(piece, at)
            if found is None:
                return
            at = found.end()
            is_whole_string = at - found.start() > 1
            if not is_whole_string and self._is_end(found[0]):
                yield found.start()

    def _is_end(self, mark: bytes) -> bool:
        """Take account of a mark; whether an element ends at it."""
        match mark:
            case b",":
                return self._depth == 1
            case b"{" | b"[":
                self._depth += 1
            case b"}" | b"]":
                self._depth -= 1
                return self._depth == 0
            case b'"':
                self._in_string = not self._in_string
            case _:
                self._is_escaped = True
        return False
