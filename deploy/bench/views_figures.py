"""The line of JSON of `lagesbild bench views`. Values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deploy.bench.figures import Budget

PARTS = ("follow", "sum", "compose", "encode")
GOAL_MS = Budget(10.0, is_ceiling=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewFigures:
    """What one run has measured.

    Shape: `readings` has a row for each: seconds of all, and of PARTS. `cells` by level, all of
    the last reading, `zeros` of them are 0; `wanted_cells` by level, if none were missing. `cpu_s` is
    the reader's own; `later_s` of readings each a minute after the one before.
    """

    readings: Sequence[Sequence[float]]
    cells: Sequence[int]
    wanted_cells: Sequence[int]
    zeros: int
    body_bytes: int
    cpu_s: Sequence[float]
    later_s: Sequence[float]
    later_cpu_s: Sequence[float]
    sql_s: Sequence[float]
    right: bool
    load: Mapping[str, Any]
    load_average: tuple[float, ...]

    @property
    def ok(self) -> bool:
        """Whether every cell was there, none was 0, and all were what PostgreSQL adds up."""
        return self.right and not self.zeros and list(self.cells) == list(self.wanted_cells)

    def as_json(self) -> dict[str, Any]:
        """The keys of `lagesbild bench views --json`; a contract (docs/performance.md)."""
        table = np.array(self.readings) * 1000
        p50, p99 = (round(float(np.percentile(table[:, 0], part)), 2) for part in (50, 99))
        sql = float(np.median(self.sql_s)) * 1000
        return {
            "cells": sum(self.cells),
            "p50_ms": p50,
            "p99_ms": p99,
            "max_ms": round(float(table[:, 0].max()), 2),
            "parts_p50_ms": {
                name: round(float(np.median(table[:, at])), 2)
                for at, name in enumerate(PARTS, start=1)
            },
            "minute_later_p50_ms": _median_ms(self.later_s),
            "cpu_p50_ms": _median_ms(self.cpu_s),
            "minute_later_cpu_p50_ms": _median_ms(self.later_cpu_s),
            "readings": len(table),
            "cells_by_level": list(self.cells),
            "body_bytes": self.body_bytes,
            "sql_p50_ms": round(sql, 1),
            "sql_ratio": round(sql / p50, 1),
            "right": self.right,
            "zeros": self.zeros,
            "load": dict(self.load),
            "load_average": list(self.load_average),
            "budgets": {"p50_ms": {"goal": GOAL_MS.goal, "met": GOAL_MS.is_met_by(p50)}},
        }


def _median_ms(seconds: Sequence[float]) -> float:
    return round(float(np.median(seconds)) * 1000, 2)
