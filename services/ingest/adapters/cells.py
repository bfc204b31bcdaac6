"""Cells of a sheet as people leave them: numbers for codes, decimal commas, dates in any form."""

import math
import re
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from services.ingest.domain.errors import RowErrorCode
from shared.errors import LagesbildError

Cell: TypeAlias = str | float | bool | date | datetime | time | None
"""What Excel had in a cell. Shape: `None` is blank; a number is a float whatever it meant."""

YES = frozenset({"ja", "j", "x", "sant", "yes", "y", "true", "1"})
NO = frozenset({"nej", "n", "falskt", "no", "false", "0"})
DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's serial numbers know no time zone
MOST_SERIAL = 109_575  # the year 2200; above it a number is digits like 20261123
MOST_NUMERIC_ID = 1e15  # Excel keeps 15 digits: above it, two ids can become one
HALF_A_SECOND = timedelta(milliseconds=500)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


class BadCellError(LagesbildError):
    """A cell does not hold what its column is agreed to hold."""

    def __init__(self, code: RowErrorCode) -> None:
        super().__init__(code.value)
        self.code = code


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing to be seen in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text_of(cell: Cell) -> str:
    """The text of a cell; a whole number has no decimals, so the code 12 is not 12.0.

    Raises:
        BadCellError: it is a date: Excel takes some codes for dates, and they cannot be got back.
    """
    match cell:
        case str():
            return cell.strip()
        case bool() | date() | time() | None:
            raise BadCellError(RowErrorCode.WRONG_TYPE)
        case _:
            return str(int(cell)) if float(cell).is_integer() else repr(cell)


def id_of(cell: Cell) -> str:
    """The actor's own id of a report.

    Raises:
        BadCellError: it is a date, or a number of more digits than Excel keeps.
    """
    if isinstance(cell, float | int) and abs(cell) >= MOST_NUMERIC_ID:
        raise BadCellError(RowErrorCode.OUT_OF_RANGE)
    return text_of(cell)


def note_of(cell: Cell) -> str:
    """Free text, in which anything may stand."""
    return cell.isoformat() if isinstance(cell, date | time) else str(cell).strip()


def code_of(cell: Cell, digits: int | None) -> str:
    """A code; one that Excel made a number gets its leading zeros back.

    Raises:
        BadCellError: it is a date.
    """
    code = text_of(cell)
    return code.zfill(digits) if digits and isinstance(cell, float | int) else code


def number_of(cell: Cell) -> float:
    """A number, also as text with a decimal comma and blanks between thousands.

    Raises:
        BadCellError: it is none.
    """
    match cell:
        case bool():
            raise BadCellError(RowErrorCode.WRONG_TYPE)
        case int() | float():
            return float(cell)
        case str() if _NUMBER.fullmatch(plain := "".join(cell.split())):
            return float(plain.replace(",", "."))
        case _:
            raise BadCellError(RowErrorCode.WRONG_TYPE)


def whole_of(cell: Cell) -> int:
    """A whole number.

    Raises:
        BadCellError: it is none.
    """
    number = number_of(cell)
    if not number.is_integer():
        raise BadCellError(RowErrorCode.WRONG_TYPE)
    return int(number)


def flag_of(cell: Cell) -> bool:
    """Yes or no.

    Raises:
        BadCellError: it is neither.
    """
    if isinstance(cell, bool):
        return cell
    word = note_of(cell).casefold().removesuffix(".0")
    if word in YES or word in NO:
        return word in YES
    raise BadCellError(RowErrorCode.WRONG_TYPE)


def from_serial(number: float) -> datetime | None:
    """The instant of a serial number of Excel; `None` when it is too large or too small for one."""
    if not math.isfinite(number) or not 1 <= number < MOST_SERIAL:
        return None
    return to_second(DAY_ZERO + timedelta(days=number))


def to_second(instant: datetime) -> datetime:
    """The nearest second: 14:05 is a fraction of a day, and comes back as 14:04:59.999997.

    Raises:
        BadCellError: there is none.
    """
    try:
        return (instant + HALF_A_SECOND).replace(microsecond=0)
    except OverflowError:  # the last half second of the year 9999
        raise BadCellError(RowErrorCode.NOT_AN_INSTANT) from None
