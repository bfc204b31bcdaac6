"""What the sender of a request is told: how many reports were accepted, and why others were not."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from services.ingest.domain.errors import ROW_MESSAGES, RowError, RowErrorCode
from services.ingest.domain.parse import Row
from services.ingest.domain.validate import Accepted, RowErrors, Sender, validated
from shared.language import Language

MOST_REJECTED = 100_000  # the receipt is held in memory; nobody mends so many rows by hand


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
        """Take the next rows; those that may be published come back in order.

        Shape: the row after which the receipt is full is refused as `rest_unread`.
        """
        accepted: list[Accepted] = []
        for row in rows:
            if self.is_full:
                break
            outcome = (
                (RowError("", row),)
                if isinstance(row, RowErrorCode)
                else validated(row, sender=sender, now=now)
            )
            if isinstance(outcome, Accepted):
                accepted.append(outcome)
            else:
                self._reject(outcome)
            self._rows += 1
        return accepted

    def as_json(self, language: Language) -> bytes:
        """The body of the answer, `{"accepted", "rejected": [{"row", "errors": […]}]}`."""
        told = {errors: _told(errors, language) for errors in self._known}
        return msgspec.json.encode(
            {
                "accepted": self.accepted,
                "rejected": [
                    {"row": number, "errors": told[errors]} for number, errors in self._rejected
                ],
            }
        )

    def _reject(self, errors: RowErrors) -> None:
        if len(self._rejected) == MOST_REJECTED - 1:
            errors = (RowError("", RowErrorCode.REST_UNREAD),)
        kept = self._known.setdefault(errors, errors)
        self._rejected.append((self._rows, kept))
        self.reasons[errors[0].code] += 1


def _told(errors: RowErrors, language: Language) -> list[Mapping[str, str]]:
    return [
        {
            "field": error.field,
            "code": error.code.value,
            "message": ROW_MESSAGES[error.code].in_(language),
        }
        for error in errors
    ]
