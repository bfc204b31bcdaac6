"""`lagesbild bench pipeline`: the figures have their shape, and nothing is lost on the way."""

import json
import subprocess

import pytest

from tests.support.stack import LAGESBILD, ROOT, SERVICES

RATES = {"ingest", "anonymizer", "aggregator", "pipeline", "raw_kafka"}


@pytest.fixture(scope="module")
def bench() -> "subprocess.CompletedProcess[str]":
    command = [*LAGESBILD, "bench", "pipeline", "--events", "2000", "--seconds", "1", "--json"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )


def test_a_small_run_measures_everything_and_every_report_is_counted(
    bench: "subprocess.CompletedProcess[str]",
) -> None:
    assert bench.returncode == 0, bench.stderr[-3000:]
    lines = bench.stdout.splitlines()
    assert len(lines) == 1
    said = json.loads(lines[0])
    assert all(said[stage] > 0 for stage in RATES)
    assert said["accepted"] == said["counted"] > 2000
    assert 0 < said["latency_ms"]["p50"] <= said["latency_ms"]["p99"]
    assert said["latency_samples"] >= 75
    assert set(said["rss_mb"]) == set(said["idle_cpu"]) == set(SERVICES)
    assert all(30 < used < 300 for used in said["rss_mb"].values())
    assert set(said["load"]["cpu"]) == {*SERVICES, "kafka", "postgres", "generator"}


def test_progress_is_told_beside_the_figures(bench: "subprocess.CompletedProcess[str]") -> None:
    assert "pipeline: " in bench.stderr
    assert "Traceback" not in bench.stderr
