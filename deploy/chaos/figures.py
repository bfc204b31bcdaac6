"""The outcome of a run, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from deploy.chaos.compare import Comparison
from deploy.chaos.views import Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that a run found.

    Shape: `faults` and the recoveries by kind; `overlapping` of `writes` moves of a partition were
    not its owner's; `incidents_found` by linking are in the log, `incidents_halved` of them with
    one event alone, and `decided_again` versions of events were given two. Unit: `reports` rows that ingest acknowledged, `linked` events written onto
    the log, times in seconds.
    """

    reports: int
    linked: int
    incidents_found: int
    incidents_halved: int
    decided_again: int
    moves: Mapping[str, int]
    faults: Mapping[str, int]
    fencings: int
    overlapping: int
    writes: int
    drained: bool
    comparison: Comparison
    recovery_s: Mapping[str, float]
    recovery_alone_s: Mapping[str, float]
    failovers_s: Sequence[float]
    views: Sighting
    read: Mapping[int, int]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether everything was counted, every cell and answer is right, and nobody wrote for another.

        A witness who saw nothing proves nothing, so it must have been asked.
        """
        return (
            self.drained
            and self.comparison.cells > 0
            and self.comparison.wrong == 0
            and self.overlapping == 0
            and self.writes > 0
            and self.views.cells > 0
            and self.views.wrong == 0
            and self.decided_again == 0
            and self.incidents_halved == 0
        )

    def as_json(self) -> dict[str, Any]:
        """The keys of the answer; a contract (docs/operations.md)."""
        comparison = self.comparison
        failovers = [round(seconds, 2) for seconds in self.failovers_s]
        return {
            "ok": self.ok,
            "reports": self.reports,
            "faults": dict(sorted(self.faults.items())),
            "fencings": self.fencings,
            "overlapping_owners": self.overlapping,
            "cells_checked": comparison.cells,
            "lost": comparison.lost,
            "doubled": comparison.doubled,
            "recovery_s": dict(self.recovery_s),
            "recovery_alone_s": dict(self.recovery_alone_s),
            "failover_s": max(failovers, default=None),
            "failovers_s": failovers,
            "cells_wrong": comparison.wrong,
            "views_checked": self.views.cells,
            "views_read": self.read.get(HTTPStatus.OK, 0),
            "views_wrong": self.views.wrong,
            "by_tier": {
                f"{tier}.{measure}": {"lost": tally.lost, "doubled": tally.doubled}
                for (tier, measure), tally in sorted(comparison.tallies.items())
            },
            "linked_events": self.linked,
            "incidents_found": self.incidents_found,
            "incidents_halved": self.incidents_halved,
            "decided_again": self.decided_again,
            "sent": dict(sorted(self.moves.items())),
            "partition_writes": self.writes,
            "drained": self.drained,
            "seconds": round(self.seconds, 1),
        }
