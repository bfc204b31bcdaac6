"""Which keys of reports are made: this hour's, and those of the hours ahead (decision 0022)."""

from collections.abc import Callable
from datetime import datetime

import structlog

from services.anonymizer.domain.lifetimes import Purpose, hours_wanted
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.index import State

AGAIN_SECONDS = 600.0

log = structlog.get_logger()


class Making:
    """Makes what is missing. `monotonic` gives seconds that never go back.

    A key ahead that is gone already is not made again, and this hour's not more often than each ten minutes:
    two instances whose clocks are far apart would else take each other's keys away for ever, and each is
    remembered for days. Ingest seals to the nearest one meanwhile.
    """

    def __init__(
        self,
        folder: KeyFolder,
        *,
        monotonic: Callable[[], float],
        on_again: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._monotonic = monotonic
        self._on_again = on_again
        self._again_at = float("-inf")

    def make_missing(self, now: datetime) -> None:
        """Make what is missing by this clock."""
        this, *ahead = hours_wanted(now)
        reports = [one for one in self._folder.entries if one.purpose is Purpose.REPORT]
        known = {one.start for one in reports}
        if this not in known:
            self._folder.make(Purpose.REPORT, this)
        elif (this, State.USABLE) not in {(one.start, one.state) for one in reports}:
            self._make_again(this)
        for hour in ahead:
            if hour not in known:
                self._folder.make(Purpose.REPORT, hour)

    def _make_again(self, this: datetime) -> None:
        if self._monotonic() - self._again_at < AGAIN_SECONDS:
            return
        self._again_at = self._monotonic()
        self._folder.make(Purpose.REPORT, this)
        self._on_again()
        log.warning("key_made_again")
