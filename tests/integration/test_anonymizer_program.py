"""The anonymizer as a process: killed, misconfigured, without a broker, without a word too many."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.background import CONFIGURATION_IS_BAD, PROGRAM_IS_BAD
from shared.sealing import SealingKey
from shared.topics import DEAD_REPORTS, DEFAULT_PARTITIONS, EVENTS, REPORTS
from tests.integration.test_anonymizer_stream import (
    DATABASE,
    DEMO,
    KEYS,
    Sent,
    a_report,
    at_least,
    committed,
    heard,
    own_database,
    put,
    sealed,
)
from tests.support.keys import a_stranger
from tests.support.ports import a_free_port

__all__ = ["own_database"]  # the fixture is used here, too

ROOT = Path(__file__).parents[2]
MARK = "KANARIE"
ENDS_SECONDS = 60.0  # by itself, or for a Python to start: other tests run beside this one


def environment(kafka: str, prefix: str, **changes: str) -> dict[str, str]:
    given = {
        "KAFKA": kafka,
        "TOPIC_PREFIX": prefix,
        "PACKS": str(DEMO),
        "PORT": str(a_free_port()),
        "POSTGRES": DATABASE.dsn,
        **{name.upper(): value for name, value in KEYS.opening_settings().items()},
        "LINKING": "off",  # it has tests of its own
    }
    return {**os.environ, **{f"LAGESBILD_{name}": one for name, one in (given | changes).items()}}


@contextmanager
def running(variables: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The service in a process of its own; killed at the end if it still runs."""
    command = [sys.executable, "-m", "services.cli", "run", "anonymizer"]
    with log.open("ab") as written:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=written, stderr=written)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def ended(process: "subprocess.Popen[bytes]", *, within: float = ENDS_SECONDS) -> int:
    async with asyncio.timeout(within):
        return await asyncio.to_thread(process.wait)


@asynccontextmanager
async def asking(variables: dict[str, str]) -> AsyncIterator[aiohttp.ClientSession]:
    base = f"http://127.0.0.1:{variables['LAGESBILD_PORT']}"
    async with aiohttp.ClientSession(base) as session:
        yield session


async def metrics_with(variables: dict[str, str], line: str) -> str:
    """The metrics as soon as they have the line: they are told after the records are out."""
    async with asking(variables) as session, asyncio.timeout(ENDS_SECONDS):
        while True:
            async with session.get("/metrics") as answer:
                metrics = await answer.text()
            if line in metrics.splitlines():
                return metrics
            await asyncio.sleep(0.05)


async def test_nothing_is_lost_when_it_is_killed_again_and_again(
    kafka: str, topic_prefix: str, tmp_path: Path
) -> None:
    sent = [sealed(number, a_report()) for number in range(3000)]
    variables = environment(kafka, topic_prefix, MAX_RECORDS="50")
    events = EVENTS.named(topic_prefix)
    sending = asyncio.create_task(put(kafka, topic_prefix, sent))
    for already in (1, 1500):
        with running(variables, tmp_path / "log") as process:
            await heard(kafka, events, at_least(already))
            process.send_signal(signal.SIGKILL)
            process.wait()
        await assert_what_is_committed_is_there(kafka, topic_prefix, sent)
    await sending
    with running(variables, tmp_path / "log"):
        found = await heard(
            kafka, events, lambda found: len({one.key for one in found}) == len(sent)
        )
        assert {one.key for one in found} == {one.key for one in sent}
        while sum((await committed(kafka, topic_prefix)).values()) < len(sent):
            await asyncio.sleep(0.05)


async def assert_what_is_committed_is_there(kafka: str, prefix: str, sent: Sequence[Sent]) -> None:
    offsets = await committed(kafka, prefix)
    topic = EVENTS.named(prefix)
    found = await heard(kafka, topic, at_least(await record_count(kafka, topic)))
    there = {one.key for one in found}
    for partition, offset in offsets.items():
        in_order = [one.key for one in sent if one.partition == partition]
        assert set(in_order[:offset]) <= there


async def test_a_long_run_of_bad_reports_stops_it_and_buries_none(
    kafka: str, topic_prefix: str, tmp_path: Path
) -> None:
    await put(kafka, topic_prefix, in_one_partition(60, to=a_stranger()))
    variables = environment(kafka, topic_prefix, DEAD_LETTER_LIMIT="50")
    with running(variables, tmp_path / "log") as process:
        assert await ended(process) == PROGRAM_IS_BAD
    assert "DeadLetterLimitReachedError" in (tmp_path / "log").read_text()
    assert await committed(kafka, topic_prefix) == {}
    assert await record_count(kafka, DEAD_REPORTS.named(topic_prefix)) == 0


def in_one_partition(count: int, *, to: SealingKey) -> Sequence[Sent]:
    records = [sealed(number, a_report(), to=to) for number in range(count)]
    return [Sent(one.key, one.sealed, 0, one.timestamp_ms) for one in records]


async def record_count(kafka: str, topic: str) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(DEFAULT_PARTITIONS)]
        return sum((await consumer.end_offsets(partitions)).values())
    finally:
        await consumer.stop()


async def test_without_a_broker_it_ends_within_seconds(tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{a_free_port()}"
    variables = environment(nobody, "", START_SECONDS="2")
    with running(variables, tmp_path / "log") as process:
        assert await ended(process, within=28) == PROGRAM_IS_BAD  # the setting's default is 30
    assert '"event": "kafka_missed"' in (tmp_path / "log").read_text()


async def test_without_its_topics_it_says_which(
    kafka: str, topic_prefix: str, tmp_path: Path
) -> None:
    variables = environment(kafka, f"{topic_prefix}elsewhere.")
    with running(variables, tmp_path / "log") as process:
        assert await ended(process) == CONFIGURATION_IS_BAD
    said = (tmp_path / "log").read_text()
    for topic in (REPORTS, EVENTS, DEAD_REPORTS):
        assert f"{topic.named(f'{topic_prefix}elsewhere.')} is missing" in said


async def test_every_wrong_setting_is_named_and_none_is_repeated(tmp_path: Path) -> None:
    variables = environment("127.0.0.1:1", "", ROOT_KEY=MARK, MAX_RECORDS=MARK, PACKS=f"/{MARK}")
    with running(variables, tmp_path / "log") as process:
        assert await ended(process) == CONFIGURATION_IS_BAD
    said = (tmp_path / "log").read_text()
    assert "LAGESBILD_ROOT_KEY" in said
    assert "LAGESBILD_MAX_RECORDS" in said
    assert MARK not in said


async def test_two_packs_of_one_municipality_are_refused(tmp_path: Path) -> None:
    variables = environment("127.0.0.1:1", "", PACKS=f"{DEMO}{os.pathsep}{DEMO}")
    with running(variables, tmp_path / "log") as process:
        assert await ended(process) == CONFIGURATION_IS_BAD
    assert "two packs have the municipality code 9998" in (tmp_path / "log").read_text()


async def test_no_word_of_a_report_is_in_topics_logs_or_metrics(
    kafka: str, topic_prefix: str, tmp_path: Path
) -> None:
    variables = environment(kafka, topic_prefix)
    batch = [
        sealed(1, a_report(text=MARK)),
        sealed(2, a_report(indicator=MARK)),
        sealed(3, a_report(municipality=MARK)),
        sealed(4, b'{"text": "KANARIE", "version": "KANARIE"}'),
        sealed(5, b"KANARIE \xff"),
    ]
    with running(variables, tmp_path / "log") as process:
        await put(kafka, topic_prefix, batch)
        letters = await heard(kafka, DEAD_REPORTS.named(topic_prefix), at_least(4))
        events = await heard(kafka, EVENTS.named(topic_prefix), at_least(1))
        metrics = await metrics_with(variables, "lagesbild_reports_anonymized_total 1.0")
        process.terminate()
        assert await ended(process, within=20) in (0, -signal.SIGTERM)  # cleanly
    everything = [*letters, *events]
    assert all(MARK.encode() not in one.value for one in everything)
    assert all(MARK.encode() not in value for one in everything for _, value in one.headers)
    assert MARK not in metrics
    assert MARK not in (tmp_path / "log").read_text()
