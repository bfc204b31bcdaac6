"""`lagesbild bench views`: every cell is there, none is 0, and each is what PostgreSQL adds up."""

import json
import subprocess

from tests.support.stack import LAGESBILD, ROOT


def test_a_small_run_reads_every_level_and_window_and_every_cell_is_right() -> None:
    command = [*LAGESBILD, "bench", "views", "--events", "20000", "--seconds", "2", "--json"]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    lines = run.stdout.splitlines()
    assert len(lines) == 1
    said = json.loads(lines[0])
    assert said["cells"] == (4 + 20 + 100) * 30 * 7
    assert 0 < said["p50_ms"] <= said["p99_ms"] <= said["max_ms"]
    assert 0 < sum(said["parts_p50_ms"].values()) < 1.5 * said["p50_ms"]
    assert (said["right"], said["zeros"]) == (True, 0)
    assert said["load"]["counted"] > 100
    assert said["sql_ratio"] > 1
    assert "Traceback" not in run.stderr
