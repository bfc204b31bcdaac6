"""The part of a report that an event is made of; the rest never becomes a value here."""

from datetime import datetime

import msgspec

from shared.errors import DeadReason, RejectedMessage
from shared.messages.codec import decoder
from shared.messages.report import Location

MOST_VERSION = 2**63 - 1  # what the log's readers can hold


class Essentials(msgspec.Struct, frozen=True, gc=False):
    """Fields of `shared.messages.report.Report`, with its names, types and defaults.

    Shape: free text and extra fields are left out on purpose: the decoder skips their bytes. The
    actor is here for linking, since one actor reports an incident once; no event has it.
    """

    municipality: str
    actor: str
    version: int
    withdrawn: bool = False
    indicator: str | None = None
    occurred_at: datetime | None = None
    confirmed: bool = True
    location: Location | None = None


class EssentialsReader:
    """Reads the essentials of reports."""

    def __init__(self) -> None:
        self._decoder = decoder(Essentials)

    def read(self, plain: bytes) -> Essentials:
        """The essentials of one report.

        Raises:
            RejectedMessage: it is not a report, or not one that ingest can have accepted.
        """
        try:
            found = self._decoder.decode(plain)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise RejectedMessage(DeadReason.NOT_A_REPORT) from None
        if not 1 <= found.version <= MOST_VERSION:
            raise RejectedMessage(DeadReason.NOT_A_REPORT)
        return found
