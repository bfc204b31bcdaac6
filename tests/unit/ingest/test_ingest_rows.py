"""A body is cut into the same rows whatever the pieces it arrives in."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.errors import RowErrorCode, UnreadableBodyError
from services.ingest.domain.parse import Row
from services.ingest.domain.rows import MOST_ROW_BYTES, JsonRows, LineRows, RowReader

TOO_LARGE = b'{"text": "' + b"x" * MOST_ROW_BYTES + b'"}'

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
objects = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), values, max_size=4)
blanks = st.text(" \t\r\n", max_size=3)
cuts = st.lists(st.integers(0, 400), max_size=12)


def pieces_of(body: bytes, at: Sequence[int]) -> list[bytes]:
    marks = [0, *sorted(min(one, len(body)) for one in at), len(body)]
    return [body[start:end] for start, end in pairwise(marks)]


def rows_of(reader: RowReader, pieces: Sequence[bytes]) -> list[Row]:
    return [row for piece in pieces for row in reader.feed(piece)] + reader.end()


def bytewise(reader: RowReader, body: bytes) -> list[Row]:
    return rows_of(reader, [body[at : at + 1] for at in range(len(body))])


@given(st.lists(objects, max_size=5), blanks, blanks, st.booleans(), st.booleans(), cuts)
def test_an_array_gives_what_json_gives(
    rows: list[dict[str, Any]], before: str, after: str, ascii_only: bool, mark: bool, at: list[int]
) -> None:
    text = json.dumps(rows, ensure_ascii=ascii_only, indent=len(before) or None)
    body = (b"\xef\xbb\xbf" if mark else b"") + f"{before}{text}{after}".encode()
    assert rows_of(JsonRows(), pieces_of(body, at)) == json.loads(text)


@given(objects, blanks, blanks, st.booleans(), cuts)
def test_one_object_gives_what_json_gives(
    row: dict[str, Any], before: str, after: str, mark: bool, at: list[int]
) -> None:
    body = (b"\xef\xbb\xbf" if mark else b"") + f"{before}{json.dumps(row)}{after}".encode()
    assert rows_of(JsonRows(), pieces_of(body, at)) == [row]


@given(st.lists(objects, min_size=1, max_size=5), st.sampled_from(["\n", "\r\n", "\n \n\n"]), cuts)
def test_lines_give_what_json_gives_for_each(
    rows: list[dict[str, Any]], end: str, at: list[int]
) -> None:
    body = end.join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    assert rows_of(LineRows(), pieces_of(body, at)) == rows


def outcome_of(reader: RowReader, pieces: Sequence[bytes]) -> list[Row] | None:
    try:
        return rows_of(reader, pieces)
    except UnreadableBodyError:
        return None


@given(st.binary(max_size=60), cuts)
def test_any_bytes_give_rows_or_nothing_and_the_cuts_do_not_matter(
    body: bytes, at: list[int]
) -> None:
    for reader in (JsonRows, LineRows):
        assert outcome_of(reader(), pieces_of(body, at)) == outcome_of(reader(), [body])


@given(st.text('[]{},":\\ a1', max_size=40), cuts)
def test_what_looks_like_an_array_gives_rows_or_nothing_and_the_cuts_do_not_matter(
    text: str, at: list[int]
) -> None:
    body = f"[{text}".encode()
    assert outcome_of(JsonRows(), pieces_of(body, at)) == outcome_of(JsonRows(), [body])


@given(st.lists(objects, min_size=1, max_size=3), st.text('[]{},":\\ a1', max_size=20))
def test_rows_before_a_break_stand_and_nothing_is_invented(
    rows: list[dict[str, Any]], broken: str
) -> None:
    body = json.dumps(rows)[:-1] + "," + broken
    found = rows_of(JsonRows(), [body.encode()])
    assert found[: len(rows)] == rows
    try:
        whole = json.loads(body)
    except json.JSONDecodeError:
        assert RowErrorCode.REST_UNREAD in found
        return
    assert RowErrorCode.REST_UNREAD not in found
    assert len(found) == len(whole)
    for got, said in zip(found, whole, strict=True):
        assert got == said or isinstance(got, RowErrorCode)  # a number, a field twice, …


@pytest.mark.parametrize(
    "body",
    [
        '[{"a": 1}, {"b" 2}, {"c": 3}]',
        '[{"a": 1}, {"b": 2} {"c": 3}]',
        '[{"a": 1},, {"c": 3}]',
        '[{"a": 1}, ]',
        '[{"a": 1}, {"b": ]}, {"c": 3}]',
        '[{"a": 1}, {"b": "x}, {"c": "y"}]',
        '[{"a": 1}, {"b": 2',
        '[{"a": 1}, {"b": 2}',
        '[{"a": 1}, ',
        '[{"a": 1}, "\\',
        '[{"a": 1}, }',
        '[{"a": 1}] and more',
        '[{"a": 1}][{"a": 1}]',
    ],
)
def test_behind_a_break_nothing_is_read(body: str) -> None:
    expected = [{"a": 1}, RowErrorCode.REST_UNREAD]
    assert rows_of(JsonRows(), [body.encode()]) == expected
    assert bytewise(JsonRows(), body.encode()) == expected


def test_after_a_break_later_pieces_are_passed_over() -> None:
    reader = JsonRows()
    assert reader.feed(b'[{"a": 1}, oops, ') == [{"a": 1}, RowErrorCode.REST_UNREAD]
    assert reader.feed(b'{"b": 2}]') == []
    assert reader.end() == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \n ",
        "\ufeff",
        "nonsense",
        "42",
        '"text"',
        "null",
        "{",
        "[",
        "[oops]",
        "[}",
        "[,",
        '{"a": 1} x',
    ],
)
def test_where_nothing_can_be_read_the_whole_body_is_refused(body: str) -> None:
    with pytest.raises(UnreadableBodyError):
        bytewise(JsonRows(), body.encode())


def test_a_body_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(UnreadableBodyError):
        rows_of(JsonRows(), [b'{"id": "\xff"}'])


@pytest.mark.parametrize("body", [b"", b"\n\n \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_lines_that_are_all_blank_are_refused(body: bytes) -> None:
    with pytest.raises(UnreadableBodyError):
        bytewise(LineRows(), body)


@pytest.mark.parametrize("body", [b"[]", b" [ \n ] ", b"\xef\xbb\xbf[]"])
def test_an_empty_array_has_no_rows_and_is_no_error(body: bytes) -> None:
    assert bytewise(JsonRows(), body) == []


def test_the_first_line_may_have_a_byte_order_mark() -> None:
    assert bytewise(LineRows(), b'\xef\xbb\xbf{"a": 1}\n{"b": 2}') == [{"a": 1}, {"b": 2}]


def test_a_line_that_cannot_be_read_does_not_harm_the_next() -> None:
    body = b'{"a": 1}\nnonsense\n{"b": "\xff"}\n{"c": 3}\n'
    assert bytewise(LineRows(), body) == [
        {"a": 1},
        RowErrorCode.NOT_JSON,
        RowErrorCode.NOT_UTF8,
        {"c": 3},
    ]


def test_an_element_that_is_not_utf8_does_not_harm_the_next() -> None:
    assert rows_of(JsonRows(), [b'[{"a": 1}, {"b": "\xff"}, {"c": 3}]']) == [
        {"a": 1},
        RowErrorCode.NOT_UTF8,
        {"c": 3},
    ]


@pytest.mark.parametrize("size", [100, 1 << 16, 1 << 30])
def test_a_row_that_is_too_large_does_not_harm_the_next(size: int) -> None:
    lines = b"\n".join([b'{"a": 1}', TOO_LARGE, b'{"b": 2}', TOO_LARGE])
    array = b"[" + b",".join([b'{"a": 1}', TOO_LARGE, b'{"b": 2}', TOO_LARGE]) + b"]"
    for body, reader in ((lines, LineRows()), (array, JsonRows())):
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        assert rows_of(reader, pieces) == [
            {"a": 1},
            RowErrorCode.ROW_TOO_LARGE,
            {"b": 2},
            RowErrorCode.ROW_TOO_LARGE,
        ]


def test_one_object_that_is_too_large_is_a_refused_row() -> None:
    assert rows_of(JsonRows(), [TOO_LARGE]) == [RowErrorCode.ROW_TOO_LARGE]
