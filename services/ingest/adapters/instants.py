"""When it happened, as a sheet says it: a serial number, text, date and time apart, local time.

Local time becomes an instant by the agreement's time zone. The hour that the clocks skip in
spring is refused. The hour that comes twice in autumn is taken the first time: nobody can tell,
and the same cell must give the same instant whenever it is read.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from itertools import product
from zoneinfo import ZoneInfo

from services.ingest.adapters.cells import BadCellError, Cell, from_serial, to_second
from services.ingest.domain.errors import RowErrorCode
from shared.pack.model import SheetForm

_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d(?::?\d\d)?)", re.ASCII)
MIDNIGHT = time()
DIGITS_OF_A_DATE = 8
DIGITS_OF_A_TIME = (4, 6)


class Clock:
    """Reads the instants of one agreement."""

    def __init__(self, form: SheetForm) -> None:
        self._zone = ZoneInfo(form.time_zone)
        self._dates = form.dates
        self._times = form.times
        self._both = tuple(
            f"{day}{between}{clock}"
            for day, between, clock in product(form.dates, (" ", "T", ", "), form.times)
        )

    def instant(self, cell: Cell) -> str:
        """ISO 8601 with an offset, of a cell that holds date and time.

        Raises:
            BadCellError: it holds something else, or an hour that there was not.
        """
        if isinstance(cell, str) and _WITH_OFFSET.fullmatch(cell.strip()):
            return cell.strip()
        return self._written(_whole(cell, self._both))

    def joined(self, day: Cell, clock: Cell) -> str:
        """The same of two cells, one for the date and one for the time of day.

        Raises:
            BadCellError: as `instant`.
        """
        return self._written(to_second(datetime.combine(self._day(day), self._time(clock))))

    def _day(self, cell: Cell) -> date:
        match cell:
            case bool():
                raise BadCellError(RowErrorCode.NOT_AN_INSTANT)
            case datetime():
                return cell.date()
            case date():
                return cell
            case str():
                return _parsed(cell.strip(), self._dates).date()
            case float() | int() if (instant := from_serial(float(cell))) is not None:
                return instant.date()
            case float() | int():
                return _parsed(f"{cell:.0f}".zfill(DIGITS_OF_A_DATE), self._dates).date()
            case _:
                raise BadCellError(RowErrorCode.NOT_AN_INSTANT)

    def _time(self, cell: Cell) -> time:
        match cell:
            case bool():
                raise BadCellError(RowErrorCode.NOT_AN_INSTANT)
            case datetime():
                return cell.time()
            case time():
                return cell
            case str():
                return _parsed(cell.strip(), self._times).time()
            case float() | int() if 0 <= cell < 1:
                instant = from_serial(1 + float(cell))
                return instant.time() if instant else MIDNIGHT
            case float() | int() if float(cell).is_integer():
                texts = [f"{cell:.0f}".zfill(digits) for digits in DIGITS_OF_A_TIME]
                return _first_parsed(texts, self._times).time()
            case _:
                raise BadCellError(RowErrorCode.NOT_AN_INSTANT)

    def _written(self, local: datetime) -> str:
        """The instant of a local time.

        Raises:
            BadCellError: the clocks skipped it.
        """
        try:
            instant = local.replace(tzinfo=self._zone).astimezone(UTC)
        except (OverflowError, ValueError):
            raise BadCellError(RowErrorCode.NOT_AN_INSTANT) from None
        if instant.astimezone(self._zone).replace(tzinfo=None) != local:
            raise BadCellError(RowErrorCode.NO_SUCH_HOUR)
        return instant.isoformat()


def _whole(cell: Cell, patterns: Sequence[str]) -> datetime:
    match cell:
        case bool():  # which Python takes for a number
            raise BadCellError(RowErrorCode.NOT_AN_INSTANT)
        case datetime():
            return to_second(cell)
        case str():
            return _parsed(cell.strip(), patterns)
        case float() | int() if (instant := from_serial(float(cell))) is not None:
            return instant
        case _:
            raise BadCellError(RowErrorCode.NOT_AN_INSTANT)


def _parsed(text: str, patterns: Sequence[str]) -> datetime:
    return _first_parsed([text], patterns)


def _first_parsed(texts: Sequence[str], patterns: Sequence[str]) -> datetime:
    for found in _attempts(texts, patterns):
        return found
    raise BadCellError(RowErrorCode.NOT_AN_INSTANT)


def _attempts(texts: Sequence[str], patterns: Sequence[str]) -> Iterator[datetime]:
    for text, pattern in product(texts, patterns):
        try:
            yield datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is the agreement's
        except ValueError:
            continue
