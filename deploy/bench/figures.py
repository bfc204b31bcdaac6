"""From what was seen to figures: rates, shares, the line of JSON. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from deploy.demo.latency import percentile_ms

STAGES = ("ingest", "anonymizer", "aggregator", "pipeline", "raw_kafka")


@dataclass(frozen=True, slots=True)
class Budget:
    """A goal of DESIGN §10. Unit: that of its figure."""

    goal: float
    is_ceiling: bool

    def is_met_by(self, figure: float | None) -> bool | None:
        """Whether the figure keeps the goal; None: there is no figure to judge."""
        if figure is None:
            return None
        return figure <= self.goal if self.is_ceiling else figure >= self.goal


BUDGETS: Mapping[str, Budget] = MappingProxyType(
    {
        "anonymizer": Budget(40_000, is_ceiling=False),
        "aggregator": Budget(80_000, is_ceiling=False),
        "pipeline": Budget(20_000, is_ceiling=False),
        "latency_p50_ms": Budget(25, is_ceiling=True),
        "latency_p99_ms": Budget(120, is_ceiling=True),
        "idle_cpu": Budget(5, is_ceiling=True),
        "rss_mb": Budget(120, is_ceiling=True),
    }
)


class Climb:
    """A counter on its way from nothing to its goal, as it is seen now and then.

    The clock starts at the last look that saw no progress, so a rate is never too high. Unit:
    instants of one monotonic clock, in seconds.
    """

    def __init__(self, *, start: int, goal: int) -> None:
        self._start = start
        self._goal = goal
        self._left_at: float | None = None
        self._seen = start
        self._seen_at = 0.0

    def see(self, count: int, *, at: float) -> None:
        """The counter stands at `count`; what it does after its goal is not of interest."""
        if self.is_over:
            return
        if count <= self._start or self._left_at is None:
            self._left_at = at
        self._seen, self._seen_at = count, at

    @property
    def is_over(self) -> bool:
        """Whether the goal is reached."""
        return self._seen >= self._goal

    @property
    def seen(self) -> int:
        """The last count."""
        return self._seen

    def rate(self) -> float:
        """Per second, from the start to the goal.

        Raises:
            ValueError: the goal is not reached, or its start was not seen.
        """
        if not self.is_over or self._left_at is None:
            raise ValueError("it has not climbed yet")
        return rate(self._goal - self._start, self._seen_at - self._left_at)


def rate(count: int, seconds: float) -> float:
    """Per second.

    Raises:
        ValueError: no time has passed.
    """
    if seconds <= 0:
        raise ValueError("a rate needs time")
    return count / seconds


def percent(cpu_seconds: float, seconds: float) -> float:
    """The share of one core, with one decimal."""
    return round(100 * rate(1, seconds) * cpu_seconds, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The whole way under full load.

    Shape: `cpu_s` by service, server and "generator". Unit: seconds; `seconds` from the first post
    to the last count, `drain_s` of it after the last report was accepted.
    """

    events: int
    seconds: float
    drain_s: float
    cpu_s: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Percent of one core, and microseconds of CPU per event: the latter knows no neighbours."""
        used = self.cpu_s.items()
        return {
            "events": self.events,
            "seconds": round(self.seconds, 2),
            "drain_s": round(self.drain_s, 2),
            "cpu": {name: percent(one, self.seconds) for name, one in used},
            "us_per_event": {name: round(1e6 * one / self.events, 1) for name, one in used},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one run has measured.

    Shape: `rates` by stage (STAGES), `rss_mb` and `idle_cpu` by service, `latency_s` one per
    sample, `load_average` of the machine before the run.
    Unit: events per second; megabytes of 10^6 bytes; percent of one core; seconds.
    """

    rates: Mapping[str, float]
    latency_s: tuple[float, ...]
    rss_mb: Mapping[str, float]
    idle_cpu: Mapping[str, float]
    load: Load
    accepted: int
    counted: int
    load_average: tuple[float, ...]

    @property
    def ok(self) -> bool:
        """Whether every accepted report is counted, and nothing else."""
        return self.accepted == self.counted

    def as_json(self) -> dict[str, Any]:
        """The keys of `lagesbild bench pipeline --json`; a contract (docs/performance.md)."""
        return {
            **{stage: round(self.rates[stage]) for stage in STAGES},
            "latency_ms": self._latency_ms(),
            "rss_mb": dict(self.rss_mb),
            "idle_cpu": dict(self.idle_cpu),
            "load": self.load.as_json(),
            "accepted": self.accepted,
            "counted": self.counted,
            "latency_samples": len(self.latency_s),
            "load_average": list(self.load_average),
            "budgets": self._verdicts(),
        }

    def _latency_ms(self) -> dict[str, float | None]:
        return {f"p{share:.0f}": percentile_ms(self.latency_s, share / 100) for share in (50, 99)}

    def _verdicts(self) -> dict[str, dict[str, float | bool | None]]:
        latency = self._latency_ms()
        measured = {
            **self.rates,
            "latency_p50_ms": latency["p50"],
            "latency_p99_ms": latency["p99"],
            "idle_cpu": round(sum(self.idle_cpu.values()), 1),
            "rss_mb": max(self.rss_mb.values(), default=None),
        }
        return {
            name: {"goal": budget.goal, "met": budget.is_met_by(measured.get(name))}
            for name, budget in BUDGETS.items()
        }
