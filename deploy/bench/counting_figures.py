"""The line of JSON of `lagesbild bench aggregator`. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from deploy.bench.figures import BUDGETS, Budget
from deploy.bench.peer import PeerResult
from deploy.bench.samples import SIZES, Course

AGGREGATOR = "aggregator"
GOALS: Mapping[str, Budget] = MappingProxyType(
    {
        "events_per_s": BUDGETS[AGGREGATOR],
        "ratio": Budget(4, is_ceiling=False),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingFigures:
    """What one run has measured.

    Shape: `load` describes the log (mix, cells). `wrong` sums that are not what they must be.
    """

    course: Course
    peer: PeerResult | None
    load: Mapping[str, Any]
    wrong: int
    load_average: tuple[float, ...]

    @property
    def ok(self) -> bool:
        """Whether everything is counted as the generator knows it must be."""
        return not self.wrong

    def as_json(self) -> dict[str, Any]:
        """The keys of `lagesbild bench aggregator --json`; a contract (docs/performance.md)."""
        course = self.course
        costs = {str(size): course.us_per_event_at(size) for size in SIZES}
        figures: dict[str, float | None] = {
            "events_per_s": round(course.per_second),
            "peer_events_per_s": round(self.peer.per_second) if self.peer else None,
            "ratio": round(course.per_second / self.peer.per_second, 2) if self.peer else None,
        }
        return {
            **figures,
            "rss_mb": course.rss_mb_most(AGGREGATOR),
            "us_per_event_at": costs,
            "us_per_event_missing": {
                size: f"needs --events {size}" for size, cost in costs.items() if cost is None
            },
            "rss_mb_at": {
                **{str(size): course.rss_mb_at(size, AGGREGATOR) for size in SIZES[1:]},
                "end": course.last.rss_mb.get(AGGREGATOR),
            },
            "rss_mb_most": {name: course.rss_mb_most(name) for name in course.last.rss_mb},
            "cpu_us_per_event": course.cpu_us,
            "seconds": round(course.last.at - course.first.at, 2),
            "load": dict(self.load),
            "counted_right": self.ok,
            "wrong_sums": self.wrong,
            "peer": self.peer.as_json() if self.peer else None,
            "load_average": list(self.load_average),
            "budgets": {
                name: {"goal": goal.goal, "met": goal.is_met_by(figures[name])}
                for name, goal in GOALS.items()
            },
        }
