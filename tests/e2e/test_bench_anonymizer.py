"""`lagesbild bench anonymizer`: the figures have their shape, and every report comes out once."""

import json
import subprocess

from tests.support.stack import LAGESBILD, ROOT

STEPS = {
    "open",
    "read",
    "locate",
    "keep",
    "tripwire",
    "link_known",
    "link_decide",
    "link_tokens",
    "encode",
    "link_store",
    "publish",
    "quality",
    "commit",
}
LINKING_ALONE = {step for step in STEPS if step.startswith("link_")}


def run_bench(*options: str) -> subprocess.CompletedProcess[str]:
    command = [*LAGESBILD, "--lang", "en", "bench", "anonymizer", *options]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )


def test_a_small_run_loses_nothing_and_has_every_key() -> None:
    run = run_bench("--events", "3000", "--json")
    assert run.returncode == 0, run.stderr[-3000:]
    lines = run.stdout.splitlines()
    assert len(lines) == 1
    said = json.loads(lines[0])
    assert said["events_per_s"] > 0
    assert said["without_linking"] > 0
    assert said["us_per_event"].keys() == said["us_per_event_without_linking"].keys() == STEPS
    assert all(took > 0 for took in said["us_per_event"].values())
    unlinked = said["us_per_event_without_linking"]
    assert {step for step, took in unlinked.items() if took == 0} == LINKING_ALONE
    assert said["verified"] is True
    assert said["distinct_events"] == {"linked": 3000, "without_linking": 3000}
    assert said["dead"] == {"linked": 0, "without_linking": 0}
    assert said["load"]["records"] > said["load"]["events"] == 3000
    assert said["published"]["without_linking"] == said["load"]["records"]
    assert 0 < said["linked_share"] < said["linkable_share"]
    for cpu in said["cpu_us_per_event"].values():
        assert {"anonymizer", "postgres", "kafka"} <= cpu.keys()
    assert said["budgets"].keys() == {"events_per_s", "without_linking"}
    assert "Traceback" not in run.stderr
