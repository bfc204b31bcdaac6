"""`lagesbild up`: ready, refused, stopped, killed, started again, as root and as a user."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from deploy.embedded import leftover
from tests.support.servers import Servers, running_servers
from tests.support.stack import SERVERS, SERVICES, all_gone, run, running_stack

A_REPORT = {
    "id": "one",
    "indicator": "fire_outdoors_public",
    "occurred_at": (datetime.now(UTC) - timedelta(days=3)).isoformat(),
    "location": None,
}


def report(url: str, key: str) -> None:
    answer = httpx2.post(
        f"{url}/v1/reports", json=A_REPORT, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 1, "rejected": []}


def reports_counted(url: str, key: str) -> int:
    answer = httpx2.get(
        f"{url}/v1/counts",
        params={"indicator": "fire_outdoors_public", "window": "30d", "level": 1},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200
    return sum(cell["reports"] for cell in answer.json()["cells"])


def await_count(url: str, key: str, count: int) -> None:
    deadline = time.monotonic() + 60
    while reports_counted(url, key) != count:
        assert time.monotonic() < deadline, "the report was not counted"
        time.sleep(0.05)


def test_data_survives_a_kill_of_up_nothing_is_left_running_and_secrets_are_the_owners(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with running_stack(data) as stack:
        assert set(stack.ready) == {
            *("ready", "ingest", "delivery", "kafka", "postgres", "keys", "metrics", "pids"),
            "data",
        }
        assert set(stack.ready["pids"]) == {*SERVICES, *SERVERS}
        assert set(stack.ready["metrics"]) == set(SERVICES)
        assert "owner" in stack.ready["keys"]
        for url in stack.ready["metrics"].values():
            assert "lagesbild" in httpx2.get(url).text
            assert httpx2.get(url.replace("/metrics", "/ready")).json()["ready"]
        for service in SERVICES:
            pid = stack.ready["pids"][service]
            assert service in Path(f"/proc/{pid}/cmdline").read_text()
            status = Path(f"/proc/{pid}/status").read_text()
            assert f"PPid:\t{stack.process.pid}\n" in status
        files = [data / "state.json", *(data / "secrets").iterdir()]  # for their owner only
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
        assert json.loads(files[0].read_text())["ready"] is True
        report(stack.ready["ingest"], stack.key("fire"))
        await_count(stack.ready["delivery"], stack.key("fire", "read"), 1)
        second = run("up", "--json", "--data", str(data), LAGESBILD_LANGUAGE="en")
        assert second.returncode == 2
        assert second.stdout == ""
        assert str(data) in second.stderr
        assert "Traceback" not in second.stderr
        stack.process.kill()
        stack.process.wait()
        assert all_gone(list(stack.ready["pids"].values()), within_seconds=10)
        assert leftover.at_work_in(data / "postgres" / "cluster", "postgres") == []
        assert leftover.at_work_in(data / "kafka", "java") == []
    with running_stack(data) as stack:
        report(stack.ready["ingest"], stack.key("fire"))
        await_count(stack.ready["delivery"], stack.key("fire", "read"), 1)
        began = time.monotonic()
        stack.process.send_signal(signal.SIGINT)
        assert stack.process.wait(timeout=15) == 0
        assert time.monotonic() - began < 10
        assert all_gone(list(stack.ready["pids"].values()), within_seconds=0)


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run(
            "up", "--json", "--data", str(tmp_path / "data"), LAGESBILD_PORT_DELIVERY=str(port)
        )
    assert refused.returncode == 2
    assert str(port) in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_missing_jar_without_network_is_explained(tmp_path: Path) -> None:
    variables = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
    offline = dict.fromkeys(variables, "http://127.0.0.1:9")
    refused = run(
        *("up", "--json", "--data", str(tmp_path / "data")),
        LAGESBILD_CACHE=str(tmp_path / "cache"),
        LAGESBILD_LANGUAGE="en",
        **offline,
    )
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "org.apache.kafka:kafka_2.13:4.3.1" in refused.stderr
    assert "LAGESBILD_KAFKA" in refused.stderr
    assert "LAGESBILD_POSTGRES" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_bad_pack_is_refused_with_its_mistakes(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "municipality.yaml").write_text("code: 12\n")
    refused = run("up", "--json", "--pack", str(pack), "--data", str(tmp_path / "data"))
    assert refused.returncode == 2
    assert "municipality.yaml" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="this is an ordinary user already")
def test_it_runs_as_an_ordinary_user(tmp_path: Path) -> None:
    """Root here becomes the user 1000 of a namespace: PostgreSQL runs without further ado."""
    ordinary = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    if subprocess.run([*ordinary, "true"], check=False, capture_output=True).returncode:
        pytest.skip("user namespaces are off here")
    with running_stack(tmp_path / "data", before=ordinary) as stack:
        report(stack.ready["ingest"], stack.key("fire"))
        await_count(stack.ready["delivery"], stack.key("fire", "read"), 1)
        postgres = Path(f"/proc/{stack.ready['pids']['postgres']}/cmdline").read_text()
        assert "unshare" not in postgres


@pytest.fixture
def existing(tmp_path: Path) -> Iterator[Servers]:
    """Somebody's own servers, not the session's: `up` sets the passwords of its roles."""
    yield from running_servers(tmp_path / "servers")


def test_an_existing_kafka_and_postgresql_are_used(existing: Servers, tmp_path: Path) -> None:
    """`up` starts only the four services on servers that are running already."""
    with running_stack(
        tmp_path / "data",
        LAGESBILD_KAFKA=existing.kafka,
        LAGESBILD_POSTGRES=existing.postgres,
    ) as stack:
        assert (stack.ready["kafka"], stack.ready["postgres"]) == (
            existing.kafka,
            existing.postgres,
        )
        assert stack.ready["pids"]["kafka"] is None
        report(stack.ready["ingest"], stack.key("fire"))
        await_count(stack.ready["delivery"], stack.key("fire", "read"), 1)
