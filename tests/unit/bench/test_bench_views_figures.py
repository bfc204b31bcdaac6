"""From what was read to the figures of `lagesbild bench views`, and the town it is read of."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.bench.town import INDICATORS, LEAVES, write_town
from deploy.bench.views_figures import PARTS, ViewFigures
from shared.pack import load_pack
from shared.windows import Window, is_offered


def figures(**changed: Any) -> ViewFigures:
    given: dict[str, Any] = {
        "readings": [(at / 1000, 0.001, 0.002, 0.003, 0.004) for at in range(1, 101)],
        "cells": [840, 4200, 21_000],
        "wanted_cells": [840, 4200, 21_000],
        "zeros": 0,
        "body_bytes": 1,
        "cpu_s": [0.006, 0.007, 0.1],
        "later_s": [0.012],
        "later_cpu_s": [0.011],
        "sql_s": [0.1, 0.2, 0.9],
        "right": True,
        "load": {},
        "load_average": (0.1, 0.2, 0.3),
    }
    return ViewFigures(**given | changed)


def test_the_line_has_the_promised_keys_first() -> None:
    said = json.loads(json.dumps(figures().as_json()))
    assert list(said)[:3] == ["cells", "p50_ms", "p99_ms"]
    assert (said["cells"], said["p50_ms"], said["p99_ms"]) == (26_040, 50.5, 99.01)
    assert said["parts_p50_ms"] == dict(zip(PARTS, (1.0, 2.0, 3.0, 4.0), strict=True))
    assert said["minute_later_p50_ms"] == 12.0
    assert (said["cpu_p50_ms"], said["minute_later_cpu_p50_ms"]) == (7.0, 11.0)
    assert (said["sql_p50_ms"], said["sql_ratio"]) == (200.0, 4.0)
    assert said["budgets"] == {"p50_ms": {"goal": 10.0, "met": False}}


@pytest.mark.parametrize(
    "changed", [{"right": False}, {"zeros": 1}, {"cells": [840, 4200, 20_999]}, {"cells": []}]
)
def test_a_run_with_a_cell_that_is_wrong_missing_or_zero_is_not_ok(changed: dict[str, Any]) -> None:
    assert figures().ok
    assert not figures(**changed).ok


def test_the_town_is_what_the_goal_asks_for(tmp_path: Path) -> None:
    """100 areas and 30 indicators, and every window is offered for each of them."""
    pack = load_pack(write_town(tmp_path / "pack"))
    assert (len(pack.areas), len(pack.indicators)) == (100, 30) == (len(LEAVES), len(INDICATORS))
    assert [len(pack.codes_at(level)) - 1 for level in (1, 2, 3)] == [4, 20, 100]
    (actor,) = pack.actors
    for indicator in pack.indicators.values():
        assert pack.is_cleared(actor, indicator.code, 3)
        assert all(is_offered(window, pack.grain_of(indicator.code)) for window in Window)
