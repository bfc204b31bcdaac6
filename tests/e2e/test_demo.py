"""`lagesbild demo`: what a new user sees first, judged by its own summary and exit code."""

import json
import subprocess
import time

import pytest

from tests.support.stack import LAGESBILD, ROOT, SERVERS

KEYS = {
    *("ok", "reports_accepted", "reports_rejected", "events_counted", "cells_checked"),
    *("cells_wrong", "pushes", "pushes_verified", "first_push_s", "latency_ms"),
}


@pytest.fixture(scope="module")
def demo() -> "subprocess.CompletedProcess[str]":
    command = [*LAGESBILD, "demo", "--seconds", "6", "--json", "--seed", "3"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )


def test_a_demo_of_some_seconds_counts_every_report_once(
    demo: "subprocess.CompletedProcess[str]",
) -> None:
    assert demo.returncode == 0, demo.stderr[-3000:]
    lines = demo.stdout.splitlines()
    assert len(lines) == 1
    summary = json.loads(lines[0])
    assert set(summary) == KEYS
    assert summary["ok"] is True
    assert summary["cells_wrong"] == 0
    assert summary["reports_accepted"] > 500
    assert summary["reports_rejected"] > 10
    assert summary["cells_checked"] > 1000
    assert summary["pushes_verified"] == summary["pushes"] >= 3
    assert set(summary["latency_ms"]) == {"p50", "p99"}


def test_a_demo_speaks_swedish_and_shows_its_progress(
    demo: "subprocess.CompletedProcess[str]",
) -> None:
    assert "rapporter in" in demo.stderr
    assert "Traceback" not in demo.stderr


def test_a_demo_that_is_told_to_stop_leaves_nothing_running() -> None:
    with subprocess.Popen(
        [*LAGESBILD, "demo", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        children = _children_once_its_servers_run(process.pid)
        process.terminate()
        process.communicate(timeout=30)
    assert not [pid for pid in children if _children(pid) or _lives(pid)]


def _children_once_its_servers_run(pid: int) -> list[int]:
    deadline = time.monotonic() + 60
    while len(children := _children(pid)) < len(SERVERS):
        assert time.monotonic() < deadline, "the demo starts nothing"
        time.sleep(0.1)
    return children


def _children(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in found.stdout.split()]


def _lives(pid: int) -> bool:
    found = subprocess.run(["ps", "-p", str(pid)], capture_output=True, check=False)
    return found.returncode == 0
