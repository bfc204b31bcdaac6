"""Our own Kafka and PostgreSQL: they answer, are killed, answer again with everything."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
import structlog
from aiokafka import AIOKafkaConsumer

from deploy.embedded import aot, jars, servers
from deploy.embedded.child import adopt_orphans
from deploy.embedded.errors import CannotStart
from deploy.embedded.kafka import QUICK_START, KafkaServer
from deploy.embedded.ports import choose_any, is_free
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.supervisor import Duty, Supervisor
from deploy.embedded.unprivileged import (
    Runner,
    installed_programs,
    runner_as_nobody,
    runner_for,
)
from shared.kafka import Outgoing, ensure_topics, new_producer, send_all
from shared.topics import EVENTS

IS_ROOT = os.geteuid() == 0
ROOT = Path(__file__).parents[2]
PASSWORD = "a word / with @ everything : in it"
as_root = pytest.mark.skipif(not IS_ROOT, reason="only root must become somebody else")

ORDINARY_USER = """
import asyncio, os, sys
from pathlib import Path
from tests.integration.test_embedded_servers import a_postgres, a_supervisor, duty_of, rows_in

async def main(folder):
    server = a_postgres(folder)
    supervisor = a_supervisor()
    await supervisor.start(duty_of(server), within_seconds=60)
    print(os.geteuid(), server.runner.before, await rows_in(server))
    await supervisor.stop(["postgres"], within_seconds=5)

asyncio.run(main(Path(sys.argv[1])))
"""


def a_kafka(folder: Path) -> KafkaServer:
    ports = choose_any(("kafka", "controller"), is_free=is_free)
    folder.mkdir(exist_ok=True)
    cache = jars.cache_folder(os.environ)
    return KafkaServer(
        folder=folder,
        jars=jars.ensure(cache, jars.pinned()),
        port=ports["kafka"],
        controller_port=ports["controller"],
        java=[QUICK_START],
        classes=aot.kept_in(cache),
    )


def a_postgres(folder: Path, *, runner: Runner | None = None) -> PostgresServer:
    folder.mkdir(exist_ok=True)
    return PostgresServer(
        folder=folder,
        runner=runner or runner_for(folder, is_root=os.geteuid() == 0),
        port=choose_any(("postgres",), is_free=is_free)["postgres"],
        owner_password=PASSWORD,
        buffers="16MB",
    )


def a_supervisor() -> Supervisor:
    silent = structlog.wrap_logger(structlog.ReturnLogger(), processors=[])
    return Supervisor(logger=silent, on_change=lambda: None)


def duty_of(server: KafkaServer | PostgresServer) -> Duty:
    return Duty(
        program=server.program(),
        prepare=server.prepare,
        ready=server.ready,
        write=lambda _line: None,
    )


def kill(supervisor: Supervisor, name: str) -> None:
    pid = supervisor.pids[name]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


async def again(server: KafkaServer | PostgresServer, supervisor: Supervisor, old: int) -> None:
    """Wait until the server answers under another process id."""
    async with asyncio.timeout(60):
        while supervisor.pids[server.program().name] in (None, old):
            await asyncio.sleep(0.01)
        await server.ready()


async def rows_in(server: PostgresServer) -> int:
    connection = await asyncpg.connect(server.dsn)
    try:
        await connection.execute("create table if not exists kept (x int)")
        await connection.execute("insert into kept values (1)")
        found: int = await connection.fetchval("select count(*) from kept")
        return found
    finally:
        await connection.close()


async def begin_long_work(server: PostgresServer) -> "asyncio.Task[int]":
    """A query that is running when this returns, and would run for hours."""
    statement = "select count(*) from generate_series(1::bigint, 100000000000)"
    busy, watch = await asyncpg.connect(server.dsn), await asyncpg.connect(server.dsn)
    work = asyncio.create_task(busy.fetchval(statement))
    running = "select exists (select from pg_stat_activity where state = 'active' and query = $1)"
    while not await watch.fetchval(running, statement):
        await asyncio.sleep(0.01)
    await watch.close()
    return work


async def produce(bootstrap: str, first: int, count: int) -> None:
    producer = new_producer(bootstrap, client_id="test")
    await producer.start()
    records = [
        Outgoing(b"key", str(number).encode(), 1_795_000_000_000)
        for number in range(first, first + count)
    ]
    for acknowledged in await send_all(producer, EVENTS.name, {0: records}):
        await acknowledged
    await producer.stop()


async def consumed(bootstrap: str, count: int) -> list[int]:
    consumer = AIOKafkaConsumer(
        EVENTS.name, bootstrap_servers=bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    found: list[int] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            batches = await consumer.getmany(timeout_ms=200)
            found += [int(one.value) for batch in batches.values() for one in batch]
    await consumer.stop()
    return found


def listening_on(port: int) -> set[str]:
    """The addresses, in the kernel's spelling, on which anyone listens at this port."""
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1][:-5] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}


def has_mapped(pid: int, file: Path | None) -> bool:
    return str(file) in Path(f"/proc/{pid}/maps").read_text()


LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F"}


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    adopt_orphans()
    running = a_supervisor()
    yield running
    await running.stop(list(running.pids), within_seconds=10)


async def test_kafka_begins_again_if_cut_short_and_has_every_record_after_a_kill_and_a_stop(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    """Its Java takes the classes from their file, and does without if that is none."""
    server = a_kafka(tmp_path / "kafka å")
    half = tmp_path / "kafka å" / "log"
    half.mkdir()
    (half / "meta.properties").write_text("half of it")
    await supervisor.start(duty_of(server), within_seconds=60)
    assert (half / "__cluster_metadata-0").is_dir()
    assert listening_on(server.port) <= LOOPBACK
    assert listening_on(server.controller_port) <= LOOPBACK
    await ensure_topics(server.bootstrap, partitions=8)
    await produce(server.bootstrap, 0, 1000)

    old = supervisor.pids["kafka"]
    assert old is not None
    assert has_mapped(old, server.classes)  # `lagesbild fetch` has made it
    kill(supervisor, "kafka")
    await again(server, supervisor, old)
    await produce(server.bootstrap, 1000, 1000)
    await supervisor.stop(["kafka"], within_seconds=10)

    no_classes = tmp_path / "none.aot"
    no_classes.write_text("no classes")
    elsewhere = replace(a_kafka(tmp_path / "kafka å"), classes=no_classes)
    assert elsewhere.port != server.port
    await supervisor.start(duty_of(elsewhere), within_seconds=60)
    assert await consumed(elsewhere.bootstrap, 2000) == list(range(2000))


async def test_postgresql_has_every_row_after_a_kill_and_after_a_stop(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    """A busy backend outlives the killed server and would keep the next one out.

    So would the process id of an earlier one that is somebody else's now.
    """
    server = a_postgres(tmp_path / "postgres")
    await server.prepare()
    (server.cluster / "postmaster.pid").write_text(f"{os.getppid()}\n{server.cluster}\n")
    await supervisor.start(duty_of(server), within_seconds=60)
    assert listening_on(server.port) <= LOOPBACK
    assert await rows_in(server) == 1
    work = await begin_long_work(server)

    old = supervisor.pids["postgres"]
    assert old is not None
    kill(supervisor, "postgres")
    await again(server, supervisor, old)  # long before the work would have been done
    assert await rows_in(server) == 2
    with pytest.raises(asyncpg.PostgresConnectionError):
        await work
    await supervisor.stop(["postgres"], within_seconds=10)

    elsewhere = a_postgres(tmp_path / "postgres")
    await supervisor.start(duty_of(elsewhere), within_seconds=60)
    assert await rows_in(elsewhere) == 3


async def test_postgresql_wants_a_password_and_has_no_socket_in_a_folder(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    server = a_postgres(tmp_path / "postgres")
    await supervisor.start(duty_of(server), within_seconds=60)

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.dsn, password="another")
    rules = (server.cluster / "pg_hba.conf").read_text().splitlines()
    methods = {rule.split()[-1] for rule in rules if rule and not rule.startswith("#")}
    assert methods == {"scram-sha-256"}
    connection = await asyncpg.connect(server.dsn)
    assert await connection.fetchval("show unix_socket_directories") == ""
    assert await connection.fetchval("show fsync") == "on"
    assert await connection.fetchval("show synchronous_commit") == "on"
    await connection.close()
    assert not (tmp_path / "postgres" / "password").exists()
    with pytest.raises(CannotStart, match=r"let us in.*InvalidPassword"):  # told at once
        await servers.reach_postgres(f"postgresql://owner:word@127.0.0.1:{server.port}/x")


@as_root
async def test_root_starts_postgresql_without_changing_a_right_outside_its_folder(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    closed = tmp_path / "only for root"
    closed.mkdir(mode=0o700)
    server = a_postgres(closed / "postgres")
    watched = [*closed.parents, closed, *installed_programs().parents, installed_programs()]
    before = [rights(path) for path in watched]
    await supervisor.start(duty_of(server), within_seconds=60)

    assert await rows_in(server) == 1
    assert [rights(path) for path in watched] == before


def rights(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid


def user_of(pid: int | None) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may pass through; those of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="lagesbild-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@as_root
async def test_without_user_namespaces_postgresql_becomes_nobody(
    supervisor: Supervisor, open_folder: Path
) -> None:
    own = open_folder / "installation"
    own.mkdir(mode=0o700)
    (own / "postgres").mkdir(mode=0o700)
    server = a_postgres(own / "postgres", runner=runner_as_nobody(own / "postgres"))
    await supervisor.start(duty_of(server), within_seconds=60)

    assert await rows_in(server) == 1
    assert user_of(supervisor.pids["postgres"]) == server.runner.user != 0
    assert rights(open_folder)[0] == 0o755
    assert rights(own)[0] == 0o711


@as_root
def test_a_folder_that_nobody_can_reach_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "only for root"
    closed.mkdir(mode=0o700)
    (closed / "installation" / "postgres").mkdir(parents=True)

    with pytest.raises(CannotStart, match=r"only for root.*--data"):
        runner_as_nobody(closed / "installation" / "postgres")

    assert rights(closed)[0] == 0o700


def test_an_ordinary_user_starts_postgresql_directly(tmp_path: Path) -> None:
    """Root plays one here: inside the namespace it has another number and no privileges."""
    before = ["unshare", "--user", "--map-user=65534", "--map-group=65534"] if IS_ROOT else []
    if before and subprocess.run([*before, "true"], check=False).returncode:
        pytest.skip("user namespaces are off here")
    ran = subprocess.run(
        [*before, sys.executable, "-c", ORDINARY_USER, str(tmp_path / "postgres")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.stderr == ""
    assert ran.stdout == f"{65534 if IS_ROOT else os.geteuid()} () 1\n"


async def test_a_named_kafka_that_does_not_answer_is_told(nowhere: str) -> None:
    with pytest.raises(CannotStart, match=rf"{nowhere}.*LAGESBILD_KAFKA.*does not answer"):
        await servers.reach_kafka(nowhere)


async def test_a_named_postgresql_that_does_not_answer_is_told_without_its_password(
    nowhere: str,
) -> None:
    with pytest.raises(CannotStart, match=rf"{nowhere}.*LAGESBILD_POSTGRES.*answer") as caught:
        await servers.reach_postgres(f"postgresql://owner:word@{nowhere}/lagesbild")

    assert "word" not in caught.value.text.en + caught.value.text.sv


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address where nobody listens, and no patience."""
    monkeypatch.setattr(servers, "NAMED_SECONDS", 0.3)
    return f"127.0.0.1:{choose_any(('nobody',), is_free=is_free)['nobody']}"
