"""One PostgreSQL and one Kafka for a test session, started by the code that `make demo` uses.

Prints one line of JSON when both answer and stops both when its standard input closes, so nothing
outlives the tests, however they end.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import structlog

from deploy.embedded import aot, jars
from deploy.embedded.child import adopt_orphans
from deploy.embedded.folder import Folders
from deploy.embedded.kafka import QUICK_START, KafkaServer
from deploy.embedded.output import LogFile
from deploy.embedded.ports import choose_any, is_free
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.supervisor import Duty, Supervisor
from deploy.embedded.unprivileged import runner_for

OWNER_PASSWORD = "only-for-this-test-session"


async def serve(root: Path) -> None:
    folders = Folders(root)
    folders.make()
    adopt_orphans()
    ports = choose_any(("kafka", "kafka_controller", "postgres"), is_free=is_free)
    cache = jars.cache_folder(os.environ)
    kafka = KafkaServer(
        folder=folders.kafka,
        jars=jars.ensure(cache, jars.pinned()),
        port=ports["kafka"],
        controller_port=ports["kafka_controller"],
        java=[QUICK_START],
        classes=aot.kept_in(cache),
    )
    postgres = PostgresServer(
        folder=folders.postgres,
        runner=runner_for(folders.postgres, is_root=os.geteuid() == 0),
        port=ports["postgres"],
        owner_password=OWNER_PASSWORD,
    )
    supervisor = Supervisor(
        logger=structlog.wrap_logger(structlog.PrintLogger(sys.stderr)), on_change=lambda: None
    )
    duties = [
        Duty(
            program=server.program(),
            prepare=server.prepare,
            ready=server.ready,
            write=LogFile(folders.logs / f"{name}.log").line,
        )
        for name, server in (("kafka", kafka), ("postgres", postgres))
    ]
    try:
        await asyncio.gather(*(supervisor.start(duty, within_seconds=60) for duty in duties))
        answer = {
            "kafka": kafka.bootstrap,
            "postgres": postgres.dsn,
            "pids": dict(supervisor.pids),
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await supervisor.stop(["kafka", "postgres"], within_seconds=10)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
