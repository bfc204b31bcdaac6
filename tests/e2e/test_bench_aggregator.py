"""`lagesbild bench aggregator`: the figures have their shape, and every sum is as generated."""

import json
import subprocess

from tests.support.stack import LAGESBILD, ROOT


def test_a_small_run_without_a_peer_counts_right_and_has_every_key() -> None:
    command = [*LAGESBILD, "bench", "aggregator", "--events", "5000", "--no-peer", "--json"]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    lines = run.stdout.splitlines()
    assert len(lines) == 1
    said = json.loads(lines[0])
    assert said["events_per_s"] > 0
    assert said["peer_events_per_s"] is said["ratio"] is None
    assert said["us_per_event_at"]["0"] > 0
    assert said["us_per_event_at"]["1000000"] is said["us_per_event_at"]["10000000"] is None
    assert said["counted_right"] is True
    assert said["load"]["records"] > said["load"]["events"] >= 5000
    assert {"aggregator", "postgres", "kafka"} <= said["cpu_us_per_event"].keys()
    assert "Traceback" not in run.stderr
