"""The one file of a multipart/form-data body, taken out while it arrives and kept in memory.

Frameworks put large files into temporary ones on disk, in the clear; this must never happen here
(DESIGN §4, G3).
"""

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.ingest.domain.errors import RefusedFileError, RequestErrorCode

MOST_FILE_BYTES = 20_000_000
MOST_PARTS = 20


class FileForm:
    """Takes a body in pieces, gives the file. Parts that are no files are passed over."""

    def __init__(self, content_type: str) -> None:
        """Read the type of the body.

        Raises:
            RefusedFileError: it is not multipart/form-data, or its boundary is too long.
        """
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind.lower() != b"multipart/form-data" or not boundary:
            raise RefusedFileError(RequestErrorCode.NOT_A_FILE_FORM)
        self._file = bytearray()
        self._files = 0
        self._parts = 0
        self._is_file = False
        self._is_whole = False
        self._header = bytearray()
        self._value = bytearray()
        self._parser = self._new_parser(boundary)

    def feed(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            RefusedFileError: it is no form, or the file is too large.
        """
        try:
            self._parser.write(piece)
        except FormParserError:
            raise RefusedFileError(RequestErrorCode.NOT_ONE_FILE) from None

    def file(self) -> bytes:
        """The file, once the body has ended.

        Raises:
            RefusedFileError: the form was cut off, or had no file, or several.
        """
        if not self._is_whole or self._files != 1:
            raise RefusedFileError(RequestErrorCode.NOT_ONE_FILE)
        return bytes(self._file)

    def _new_parser(self, boundary: bytes) -> MultipartParser:
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda piece, start, end: self._header.extend(
                        piece[start:end]
                    ),
                    "on_header_value": lambda piece, start, end: self._value.extend(
                        piece[start:end]
                    ),
                    "on_header_end": self._end_header,
                    "on_part_data": self._add,
                    "on_end": self._end,
                },
            )
        except FormParserError:
            raise RefusedFileError(RequestErrorCode.NOT_ONE_FILE) from None

    def _begin(self) -> None:
        self._is_file = False
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise RefusedFileError(RequestErrorCode.NOT_ONE_FILE)

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self._is_file = b"filename" in options or b"filename*" in options
            self._files += self._is_file
        self._header.clear()
        self._value.clear()

    def _add(self, piece: bytes, start: int, end: int) -> None:
        if not self._is_file:
            return
        self._file += piece[start:end]
        if len(self._file) > MOST_FILE_BYTES:
            raise RefusedFileError(RequestErrorCode.FILE_TOO_LARGE)

    def _end(self) -> None:
        self._is_whole = True
