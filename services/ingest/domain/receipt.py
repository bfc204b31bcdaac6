"""What the sender of a request is told: how many reports were accepted, and why others were not."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import msgspec
from typing_extensions import TypeIs

from services.ingest.domain.errors import RowError, RowErrorCode, row_message
from services.ingest.domain.parse import JsonObject, Row
from services.ingest.domain.validate import Accepted, RowErrors, Sender, validated
from shared.language import Language, Text

Kept = TypeVar("Kept")

MOST_REJECTED = 100_000  # the receipt is held in memory; nobody mends so many rows by hand


NO_TITLES: Mapping[str, str] = MappingProxyType({})


class NumberedRow(NamedTuple):
    """A row that knows its number, and what an adapter could not make of it."""

    number: int
    row: JsonObject
    errors: RowErrors

    def explains(self, error: RowError) -> bool:
        """Whether an error of the report follows from one of the adapter's."""
        return any(
            error.field == known.field
            or error.field.startswith(f"{known.field}.")
            or known.field.startswith(f"{error.field}.")
            for known in self.errors
        )


class Receipt:
    """The rows of one request in order: numbers the rows, counts them and keeps their errors."""

    def __init__(self) -> None:
        self._rows = 0
        self._rejected: list[tuple[int, RowErrors]] = []
        self._known: dict[RowErrors, RowErrors] = {}
        self.reasons: Counter[RowErrorCode] = Counter()
        """Refused rows by their first error."""

    @property
    def accepted(self) -> int:
        """The number of rows that were accepted."""
        return self._rows - len(self._rejected)

    @property
    def is_full(self) -> bool:
        """Whether it can hold no more refused rows; rows that come now are not looked at."""
        return len(self._rejected) >= MOST_REJECTED

    def sort_out(self, rows: Iterable[Row], *, sender: Sender, now: datetime) -> list[Accepted]:
        """Take the next rows of reports; those that may be published come back in order."""
        return self.sort(rows, partial(validated, sender=sender, now=now))

    def sort(
        self, rows: Iterable[Row], validate: Callable[[JsonObject], Kept | RowErrors]
    ) -> list[Kept]:
        """Take the next rows; what `validate` makes of the good ones comes back in order.

        Shape: the row after which the receipt is full is refused as `rest_unread`.
        """
        accepted: list[Kept] = []
        for row in rows:
            if self.is_full:
                break
            outcome = (RowError("", row),) if isinstance(row, RowErrorCode) else validate(row)
            if _are_errors(outcome):
                self._reject(outcome)
            else:
                accepted.append(outcome)
            self._rows += 1
        return accepted

    def judge(self, numbered: NumberedRow, *, sender: Sender, now: datetime) -> Accepted | None:
        """Take one row that has its own number and may have errors already, as a sheet's has."""
        outcome = validated(numbered.row, sender=sender, now=now)
        if numbered.errors:
            more = () if isinstance(outcome, Accepted) else outcome
            outcome = (*numbered.errors, *(one for one in more if not numbered.explains(one)))
        self._rows += 1
        if isinstance(outcome, Accepted):
            return outcome
        self._reject(outcome, number=numbered.number)
        return None

    def as_json(
        self,
        language: Language,
        *,
        titles: Mapping[str, str] = NO_TITLES,
        horizon: timedelta | None = None,
    ) -> bytes:
        """The body of the answer, `{"accepted", "rejected": [{"row", "errors": […]}]}`.

        Shape: `titles` maps a field to the column that it came from, to be named in the message;
        `horizon` is how far back the sender may report, to be named too.
        """
        told = {
            errors: [_told(error, language, titles, horizon=horizon) for error in errors]
            for errors in self._known
        }
        return msgspec.json.encode(
            {
                "accepted": self.accepted,
                "rejected": [
                    {"row": number, "errors": told[errors]} for number, errors in self._rejected
                ],
            }
        )

    def _reject(self, errors: RowErrors, *, number: int | None = None) -> None:
        if len(self._rejected) == MOST_REJECTED - 1:
            errors = (RowError("", RowErrorCode.REST_UNREAD),)
        kept = self._known.setdefault(errors, errors)
        self._rejected.append((self._rows if number is None else number, kept))
        self.reasons[errors[0].code] += 1


def _are_errors(outcome: Kept | RowErrors) -> TypeIs[RowErrors]:
    """Whether a row was refused; what is accepted is a type of its own and no bare tuple."""
    return type(outcome) is tuple


def _told(
    error: RowError, language: Language, titles: Mapping[str, str], *, horizon: timedelta | None
) -> Mapping[str, str]:
    return {
        "field": error.field,
        "code": error.code.value,
        "message": _column(titles.get(error.field), language)
        + row_message(error.code, horizon=horizon).in_(language),
    }


def _column(title: str | None, language: Language) -> str:
    if title is None:
        return ""
    return Text(f"Kolumnen ”{title}”: ", f"Column “{title}”: ").in_(language)
