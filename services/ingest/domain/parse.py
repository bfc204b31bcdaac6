"""One row's JSON, read so that no input can harm: not by depth, size of numbers or tricks."""

import json
import math
from typing import Any, NoReturn, TypeAlias

from services.ingest.domain.errors import RowErrorCode

MOST_DEPTH = 50

JsonObject: TypeAlias = dict[str, Any]
Row: TypeAlias = JsonObject | RowErrorCode
"""A row that was read, or why it was not."""


def parsed(text: bytes) -> Row:
    """Read one row; everything that JSON leaves open is refused.

    Shape: one object, nested at most `MOST_DEPTH` levels, no field twice, finite numbers. A lone
    surrogate is still possible in a string: whoever takes the string refuses it.
    """
    try:
        characters = text.decode()
        value = _DECODER.decode(characters)
    except (ValueError, RecursionError, _RefusedError) as error:
        return _reason(error)
    if not isinstance(value, dict):
        return RowErrorCode.NOT_AN_OBJECT
    if characters.count("{") + characters.count("[") > MOST_DEPTH and _is_too_deep(value):
        return RowErrorCode.TOO_DEEP
    return value


def _reason(error: Exception) -> RowErrorCode:
    match error:
        case _RefusedError():
            return error.code
        case UnicodeDecodeError():
            return RowErrorCode.NOT_UTF8
        case json.JSONDecodeError():
            return RowErrorCode.NOT_JSON
        case RecursionError():
            return RowErrorCode.TOO_DEEP
        case _:  # an integer of more digits than Python is willing to read
            return RowErrorCode.BAD_NUMBER


class _RefusedError(Exception):
    """Ends the reading of a row from within the decoder."""

    def __init__(self, code: RowErrorCode) -> None:
        super().__init__(code.value)
        self.code = code


def _unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _RefusedError(RowErrorCode.DUPLICATE_FIELD)
    return made


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _RefusedError(RowErrorCode.BAD_NUMBER)
    return number


def _no_number(_name: str) -> NoReturn:
    raise _RefusedError(RowErrorCode.BAD_NUMBER)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_number
)


def _is_too_deep(value: JsonObject) -> bool:
    level: list[Any] = [value]
    for _ in range(MOST_DEPTH):
        level = [child for one in level for child in _children(one)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
