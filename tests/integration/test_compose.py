"""Compose without containers: its job and its services, as written, on real servers.

What stands for a place inside the containers is replaced (`Places`), nothing else: commands,
environments and health checks are those of docker-compose.yml, and no process inherits anything.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import pytest

from deploy.docker.env import make
from deploy.embedded.ports import choose_any, is_free
from deploy.embedded.service import SERVICES
from deploy.embedded.up import default_pack
from shared.kafka import check_topics
from shared.pack import load_pack
from shared.topics import DEFAULT_PARTITIONS
from tests.support.compose import Places, resolved, variables_in
from tests.support.servers import PASSWORDS, Servers

DATABASE = "compose"
PROGRAMS = Path(sys.executable).parent
READY_SECONDS = 60
COUNTED_SECONDS = 30
STOPPED_SECONDS = 10
INDICATOR = "fire_outdoors_public"


@dataclass(frozen=True, slots=True)
class Installation:
    """The containers as read, the places that replace theirs, and a folder of this test."""

    containers: dict[str, dict[str, Any]]
    places: Places
    ports: dict[str, int]
    keys: dict[str, str]
    secrets: list[str]
    folder: Path

    def command(self, written: list[str]) -> list[str]:
        """A command of a container; its program is looked up where the image has it."""
        program, *arguments = written
        return [str(PROGRAMS / program), *map(self.places.of, arguments)]

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a container, and the one variable that the image adds."""
        written = self.containers[name]["environment"]
        told = {key: self.places.of(value) for key, value in written.items()}
        if name in self.ports:
            told["LAGESBILD_PORT"] = str(self.ports[name])
        return {"PATH": str(PROGRAMS), **told}

    def run(self, name: str, written: list[str]) -> "subprocess.CompletedProcess[str]":
        """One command of a container to its end."""
        return subprocess.run(
            self.command(written),
            cwd=self.folder,
            env=self.environment(name),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, name: str) -> "subprocess.Popen[bytes]":
        """A container's own command, in the background; its log is a file in the folder."""
        with self.log(name).open("wb") as log:
            return subprocess.Popen(
                self.command(self.containers[name]["command"]),
                cwd=self.folder,
                env=self.environment(name),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def is_healthy(self, name: str) -> bool:
        """Whether the container's health check, as written, says yes."""
        kind, *command = self.containers[name]["healthcheck"]["test"]
        assert kind == "CMD"
        return self.run(name, command).returncode == 0

    def url(self, name: str, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}{path}"


@pytest.fixture
async def installation(servers: Servers, tmp_path: Path) -> AsyncIterator[Installation]:
    """A fresh database on the session's server, whose roles keep the session's passwords."""
    file = tmp_path / ".env"
    make(file, pack=default_pack())
    owner = urlsplit(servers.postgres)
    variables = {
        **variables_in(file),
        "LAGESBILD_OWNER_PASSWORD": owner.password or "",
        **{
            f"LAGESBILD_{role.removeprefix('lagesbild_').upper()}_PASSWORD": password
            for role, password in PASSWORDS.items()
        },
    }
    folder = tmp_path / "run"
    folder.mkdir()
    found = Installation(
        containers=resolved(variables)["services"],
        places=Places(
            {
                "kafka:9092": servers.kafka,
                "@postgres:5432/lagesbild": f"@127.0.0.1:{owner.port}/{DATABASE}",
                "/pack": str(default_pack()),
                "/var/lib/lagesbild/keys": str(tmp_path / "keys"),
                "0.0.0.0": "127.0.0.1",
            }
        ),
        ports=choose_any(SERVICES, is_free=is_free),
        keys=json.loads(variables["LAGESBILD_API_KEYS"]),
        secrets=[value for name, value in variables.items() if "PACK" not in name],
        folder=folder,
    )
    connection = await asyncpg.connect(servers.postgres)
    try:
        await connection.execute(f"create database {DATABASE}")
        yield found
        await connection.execute(f"drop database {DATABASE} with (force)")
    finally:
        await connection.close()


@pytest.fixture
def running(installation: Installation) -> Iterator[Installation]:
    """The job has run; the four services have been started."""
    job = installation.run("migrate", installation.containers["migrate"]["command"])
    assert job.returncode == 0, job.stderr
    with ExitStack() as stack:
        for name in SERVICES:
            process = installation.start(name)
            stack.callback(stopped, process)
        yield installation


def stopped(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=STOPPED_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


async def until_healthy(running: Installation, name: str) -> None:
    try:
        async with asyncio.timeout(READY_SECONDS):
            while not await asyncio.to_thread(running.is_healthy, name):
                await asyncio.sleep(1)  # each look is a program that takes CPU from what starts
    except TimeoutError:
        raise AssertionError(f"{name}: {running.log(name).read_text()[-2000:]}") from None


async def test_the_services_start_as_written_become_healthy_and_count(
    running: Installation, kafka: str
) -> None:
    async with asyncio.TaskGroup() as group:
        for name in SERVICES:
            group.create_task(until_healthy(running, name))
    area = min(load_pack(default_pack()).leaf_codes)

    async with aiohttp.ClientSession() as session:
        await send(session, running, area)
        assert await count(session, running, area) == 1

    await check_topics(kafka, prefix="", partitions=DEFAULT_PARTITIONS)
    for name in SERVICES:
        written = running.log(name).read_text()
        assert not [one for one in running.secrets if one in written]


async def send(session: aiohttp.ClientSession, running: Installation, area: str) -> None:
    report = {
        "id": "compose-1",
        "indicator": INDICATOR,
        "occurred_at": datetime.now(UTC).isoformat(),
        "location": {"nyko": area},
        "text": "container",
    }
    headers = {"Authorization": f"Bearer {running.keys['fire/report']}"}
    url = running.url("ingest", "/v1/reports")
    async with session.post(url, json=report, headers=headers) as answer:
        assert answer.status == 202
        assert await answer.json() == {"accepted": 1, "rejected": []}


async def count(session: aiohttp.ClientSession, running: Installation, area: str) -> int:
    """How many reports delivery shows in the area, as soon as it shows any."""
    headers = {"Authorization": f"Bearer {running.keys['fire/read']}"}
    url = running.url("delivery", f"/v1/counts?window=24h&indicator={INDICATOR}&area={area}")
    async with asyncio.timeout(COUNTED_SECONDS):
        while True:
            async with session.get(url, headers=headers) as answer:
                assert answer.status == 200
                cells = (await answer.json())["cells"]
            if cells:
                return sum(cell["reports"] for cell in cells)
            await asyncio.sleep(0.1)


def test_the_job_may_run_before_every_start(installation: Installation) -> None:
    written = installation.containers["migrate"]["command"]
    first, second = installation.run("migrate", written), installation.run("migrate", written)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout.startswith("0001 roles\n")
    assert "0001" not in second.stdout
    said = first.stdout + first.stderr + second.stdout + second.stderr
    assert not [one for one in installation.secrets if one in said]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_nobody_runs_is_not_healthy(name: str, installation: Installation) -> None:
    assert not installation.is_healthy(name)
