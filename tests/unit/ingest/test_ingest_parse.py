"""No JSON can harm: what the standard leaves open is refused."""

import pytest

from services.ingest.domain.errors import RowErrorCode
from services.ingest.domain.parse import MOST_DEPTH, parsed


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


def test_an_object_is_read() -> None:
    assert parsed('{"å": [1, 2.5, null, true]}\r'.encode()) == {"å": [1, 2.5, None, True]}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"a": "\xff"}', RowErrorCode.NOT_UTF8),
        (b'{"a": "\xed\xa0\x80"}', RowErrorCode.NOT_UTF8),
        (b"nonsense", RowErrorCode.NOT_JSON),
        (b'{"a": 1} {"b": 2}', RowErrorCode.NOT_JSON),
        (b'{"a": "\n"}', RowErrorCode.NOT_JSON),
        (b"[1]", RowErrorCode.NOT_AN_OBJECT),
        (b"null", RowErrorCode.NOT_AN_OBJECT),
        (b'{"a": 1, "a": 2}', RowErrorCode.DUPLICATE_FIELD),
        (b'{"a": {"b": 1, "\\u0062": 2}}', RowErrorCode.DUPLICATE_FIELD),
        (b'{"a": NaN}', RowErrorCode.BAD_NUMBER),
        (b'{"a": [-Infinity]}', RowErrorCode.BAD_NUMBER),
        (b'{"a": 1e999}', RowErrorCode.BAD_NUMBER),
        (b'{"a": ' + b"9" * 5000 + b"}", RowErrorCode.BAD_NUMBER),
        (nested(MOST_DEPTH + 1), RowErrorCode.TOO_DEEP),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", RowErrorCode.TOO_DEEP),
        (b"[" * 100_000, RowErrorCode.TOO_DEEP),
    ],
)
def test_what_cannot_be_trusted_is_refused(text: bytes, reason: RowErrorCode) -> None:
    assert parsed(text) is reason


def test_the_deepest_nesting_that_is_allowed_is_read() -> None:
    assert isinstance(parsed(nested(MOST_DEPTH)), dict)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert isinstance(parsed(b'{"a": [' + b",".join([b"{}"] * 200) + b"]}"), dict)
