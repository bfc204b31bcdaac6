"""What goes from the simulator to the senders, and what of it the truth may know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deploy.demo import sheets


class Kind(StrEnum):
    """What a row is in the life of its event."""

    FRESH = "fresh"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    REVIVAL = "revival"  # a newer version after the withdrawal
    RESEND = "resend"  # the newest version again, byte for byte
    STALE = "stale"  # an older version again
    EARLY = "early"  # a newer version on its way before the first
    CARELESS = "careless"  # other content under a version that was used already
    CLOSING = "closing"  # the last words of a run
    BAD = "bad"


class Form(StrEnum):
    """How an actor packs its rows into a request."""

    ONE = "one"
    ARRAY = "array"
    NDJSON = "ndjson"
    EXCEL = "excel"


@dataclass(frozen=True, slots=True)
class Telling:
    """One version of an event, as its actor means it.

    Shape: a withdrawal has neither indicator, instant nor area. `area` is a leaf code, known by
    construction; `location` is what is sent for it. Unit: `occurred_at` aware, with the offset
    that the actor writes.
    """

    actor: str
    own_id: str
    version: int
    indicator: str | None = None
    occurred_at: datetime | None = None
    area: str | None = None
    location: Mapping[str, object] | None = None

    @property
    def is_live(self) -> bool:
        """Whether it tells of an event, not of a withdrawal."""
        return self.indicator is not None


@dataclass(frozen=True, slots=True)
class Draft:
    """One row. Shape: `line` is its JSON as sent; a bad row has no telling, for it must not count.

    Of a sheet it is title to cell, as `sheets.line` makes it.
    """

    kind: Kind
    line: bytes
    telling: Telling | None

    @property
    def is_good(self) -> bool:
        """Whether ingest must accept it."""
        return self.telling is not None


@dataclass(frozen=True, slots=True)
class Request:
    """What an actor sends at once. Shape: `drafts` is never empty; form ONE has exactly one."""

    actor: str
    form: Form
    drafts: Sequence[Draft]

    @property
    def path(self) -> str:
        """Where it goes."""
        return "/v1/deliveries" if self.form is Form.EXCEL else "/v1/reports"

    @property
    def first_row(self) -> int:
        """The number that ingest gives the first row; in a sheet the header is row 1."""
        return 2 if self.form is Form.EXCEL else 0

    @property
    def content_type(self) -> str:
        """The media type of the body."""
        match self.form:
            case Form.EXCEL:
                return sheets.CONTENT_TYPE
            case Form.NDJSON:
                return "application/x-ndjson"
            case _:
                return "application/json"

    @property
    def body(self) -> bytes:
        """The bytes of the body; the same for every try."""
        lines = [draft.line for draft in self.drafts]
        match self.form:
            case Form.ONE:
                return lines[0]
            case Form.ARRAY:
                return b"[" + b",".join(lines) + b"]"
            case Form.NDJSON:
                return b"\n".join(lines) + b"\n"
            case Form.EXCEL:
                return sheets.form_of(sheets.workbook(lines))
