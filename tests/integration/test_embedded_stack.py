"""The whole stack on real servers, with stubs in the services' places."""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from deploy.embedded import leftover
from deploy.embedded.errors import CannotStart, NotReady
from deploy.embedded.ports import USUAL, choose_any, is_free, variable
from deploy.embedded.service import SERVICES
from deploy.embedded.stack import Stack, StackOptions
from deploy.embedded.up import default_pack
from shared.logging import LogFormat
from shared.pack import PackError

ROOT = Path(__file__).parents[2]
STOPPED_SECONDS = 20  # ten are promised to who has a machine of his own; the deaf are deaf for ever

STUB = """
import http.server, json, os, sys

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"name": sys.argv[1], "pid": os.getpid()}).encode())

    def log_message(self, *_):
        print("asked", flush=True)

port = int(os.environ["LAGESBILD_PORT"])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""

LONELY = """
import asyncio, json, sys
from pathlib import Path
from tests.integration.test_embedded_stack import a_stack

async def main(folder):
    stack = a_stack(folder)
    await stack.start()
    print(json.dumps(stack.ready.as_json()), flush=True)
    await stack.run_until(asyncio.Event())

asyncio.run(main(Path(sys.argv[1])))
"""


def stub(service: str) -> tuple[str, ...]:
    return sys.executable, "-c", STUB, service


def a_stack(folder: Path, **options: Any) -> Stack:
    given: dict[str, Any] = {
        "pack": default_pack(),
        "data": folder,
        "environment": dict(os.environ),
        "any_free_ports": True,
        "log_format": LogFormat.JSON,
        "terminal": io.StringIO(),
        "service_command": stub,
    }
    return Stack(StackOptions(**{**given, **options}))


def read_state(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "state.json").read_text())
    return found


async def rows_in(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("create table if not exists public.kept (x int)")
        await connection.execute("insert into public.kept values (1)")
        found: int = await connection.fetchval("select count(*) from public.kept")
        return found
    finally:
        await connection.close()


async def asked(url: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        found: dict[str, Any] = json.loads(await answer.text())
        return found


def is_alive(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] != "Z"


async def kill_and_wait(folder: Path, name: str) -> None:
    """Kill one child and wait until the state file names its successor."""
    old: int = read_state(folder)["pids"][name]
    os.kill(old, signal.SIGKILL)
    async with asyncio.timeout(60):
        while read_state(folder)["pids"][name] in (None, old):
            await asyncio.sleep(0.01)


async def test_a_stack_tells_where_everything_is_and_its_state_file_stays_true(
    tmp_path: Path,
) -> None:
    terminal = io.StringIO()
    async with a_stack(tmp_path, terminal=terminal) as stack:
        ready = stack.ready.as_json()
        assert list(ready) == [
            *("ready", "ingest", "delivery", "kafka", "postgres", "keys", "metrics", "pids"),
            "data",
        ]
        assert set(ready["keys"]) == {
            *("police", "fire", "guards", "housing", "education", "social", "owner"),
        }
        for service in SERVICES:
            found = await asked(ready["metrics"][service])
            assert found == {"name": service, "pid": ready["pids"][service]}
        assert read_state(tmp_path) == ready

        for name in ("delivery", "postgres", "kafka"):
            await kill_and_wait(tmp_path, name)
        state = read_state(tmp_path)
        assert list(state) == list(ready)
        assert {**state, "pids": None} == {**ready, "pids": None}
        changed = {name for name in state["pids"] if state["pids"][name] != ready["pids"][name]}
        assert changed == {"delivery", "postgres", "kafka"}
        assert stack.ready.as_json() == state

        with pytest.raises(CannotStart, match=rf"{tmp_path}.*{os.getpid()}"):
            await a_stack(tmp_path).start()
        assert read_state(tmp_path) == state  # the refused one has not touched it

    assert not (tmp_path / "state.json").exists()
    assert not any(is_alive(pid) for pid in state["pids"].values())
    lines = [json.loads(line) for line in terminal.getvalue().splitlines()]
    crashes = [line["kind"] for line in lines if line.get("event") == "child_crashed"]
    assert crashes == ["delivery", "postgres", "kafka"]
    assert {line["service"] for line in lines} == {"up", *SERVICES, "kafka", "postgres"}
    for secret in secrets_of(tmp_path):
        assert secret not in terminal.getvalue()


def secrets_of(folder: Path) -> list[str]:
    written = {file.name: file.read_text() for file in (folder / "secrets").iterdir()}
    root_key = written.pop("root.key").strip()  # the only one that is no JSON
    return [root_key, *(one for text in written.values() for one in json.loads(text).values())]


async def test_an_installation_survives_stop_and_start_and_no_service_holds_up_the_stop(
    tmp_path: Path,
) -> None:
    """Ports, keys and rows are the same; services that do not listen are killed."""
    folder = tmp_path / "lägesbild på svenska"
    chosen = choose_any(USUAL, is_free=is_free).items()
    ports = {variable(name): str(port) for name, port in chosen}
    once = {**os.environ, **ports}
    async with a_stack(folder, any_free_ports=False, environment=once) as stack:
        before = stack.ready.as_json()
        assert await rows_in(before["postgres"]) == 1
        began = time.monotonic()
    assert time.monotonic() - began < STOPPED_SECONDS

    def stubborn(service: str) -> tuple[str, ...]:
        deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        return sys.executable, "-c", deaf + STUB, service

    async with a_stack(folder, any_free_ports=False, service_command=stubborn) as stack:
        after = stack.ready.as_json()
        assert await rows_in(after["postgres"]) == 2
        began = time.monotonic()
    assert time.monotonic() - began < STOPPED_SECONDS
    assert not any(is_alive(pid) for pid in after["pids"].values())
    assert {**after, "pids": None} == {**before, "pids": None}


@contextmanager
def lonely(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A stack in a process of its own."""
    command = [sys.executable, "-c", LONELY, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


async def test_nothing_outlives_a_killed_stack_and_the_next_one_starts_at_once(
    tmp_path: Path,
) -> None:
    with lonely(tmp_path) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert await rows_in(ready["postgres"]) == 1
        process.kill()
        process.wait()

        async with a_stack(tmp_path) as stack:
            assert not any(is_alive(pid) for pid in ready["pids"].values())
            assert await rows_in(stack.ready.postgres) == 2


async def test_a_start_that_is_told_to_stop_leaves_nothing_and_a_service_that_cannot_is_named(
    tmp_path: Path,
) -> None:
    def broken(service: str) -> tuple[str, ...]:
        if service != "aggregator":
            return stub(service)
        return sys.executable, "-c", f"print('no world'); raise SystemExit({os.EX_CONFIG})"

    stack = a_stack(tmp_path)
    starting = asyncio.create_task(stack.start())
    async with asyncio.timeout(60):
        while not leftover.at_work_in(tmp_path / "kafka", "java"):
            await asyncio.sleep(0.01)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    nothing_is_left_in(tmp_path)

    with pytest.raises(NotReady, match="aggregator") as caught:  # so the servers were ready
        await a_stack(tmp_path, service_command=broken).start()
    assert caught.value.lines == ("no world",)
    nothing_is_left_in(tmp_path)


def nothing_is_left_in(folder: Path) -> None:
    assert leftover.at_work_in(folder / "postgres" / "cluster", "postgres") == []
    assert leftover.at_work_in(folder / "kafka", "java") == []
    assert not (folder / "state.json").exists()


async def test_a_bad_pack_is_refused_before_anything_starts(tmp_path: Path) -> None:
    empty = tmp_path / "pack"
    empty.mkdir()

    with pytest.raises(PackError):
        await a_stack(tmp_path / "data", pack=empty).start()

    assert list((tmp_path / "data" / "secrets").iterdir()) == []


async def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(CannotStart, match=str(tmp_path / "file")):
        await a_stack(tmp_path / "file").start()
