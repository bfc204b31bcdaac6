"""Compose's Kafka without a container: the real one with the settings as written there."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.docker.env import make
from deploy.embedded import aot, child, jars
from deploy.embedded.child import Program
from deploy.embedded.kafka import QUICK_START, KafkaServer, answering
from deploy.embedded.ports import choose_any, is_free
from deploy.embedded.up import default_pack
from tests.support.compose import Places, resolved, variables_in

READY_SECONDS = 60
STOPPED_SECONDS = 60


def environment_of_kafka(folder: Path) -> dict[str, str]:
    make(folder / ".env", pack=default_pack())
    containers = resolved(variables_in(folder / ".env"))["services"]
    found: dict[str, str] = containers["kafka"]["environment"]
    return found


def as_properties(environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What the image makes of Kafka's own variables."""
    for name, value in environment.items():
        if name.startswith("KAFKA_") and name != "KAFKA_LOG4J_OPTS":
            yield name.removeprefix("KAFKA_").lower().replace("_", "."), value


@contextmanager
def running(program: Program, folder: Path) -> Iterator[None]:
    with (folder / "kafka.out").open("wb") as log:
        process = subprocess.Popen(program.command, cwd=folder, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=STOPPED_SECONDS)


async def test_kafka_starts_with_its_settings_as_written(tmp_path: Path) -> None:
    environment = environment_of_kafka(tmp_path)
    ports = choose_any(("kafka", "kafka_controller"), is_free=is_free)
    bootstrap = f"127.0.0.1:{ports['kafka']}"
    places = Places(
        {
            "0.0.0.0:9092": bootstrap,
            "kafka:9092": bootstrap,
            "127.0.0.1:9093": f"127.0.0.1:{ports['kafka_controller']}",
            "/var/lib/kafka/data": str(tmp_path / "log"),
        }
    )
    settings = tmp_path / "written.properties"
    lines = [f"{name}={places.of(value)}\n" for name, value in as_properties(environment)]
    settings.write_text("".join(lines))
    cache = jars.cache_folder(os.environ)
    embedded = KafkaServer(
        folder=tmp_path,
        jars=jars.ensure(cache, jars.pinned()),
        port=ports["kafka"],
        controller_port=ports["kafka_controller"],
        classes=aot.kept_in(cache),
    )
    embedded._scratch.mkdir()
    embedded._write("log4j2.properties")

    cluster = f"--cluster-id={environment['CLUSTER_ID']}"
    arguments = ("kafka.tools.StorageTool", "format", cluster, "-c", str(settings))
    code, said = await child.run(embedded._java("kafka format", QUICK_START, *arguments))
    assert code == 0, said

    with running(embedded._java("kafka", QUICK_START, "kafka.Kafka", str(settings)), tmp_path):
        async with asyncio.timeout(READY_SECONDS):
            await answering(bootstrap)
