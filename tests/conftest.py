"""Fixtures for all tests: real servers once per session, and no product environment."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from typing_extensions import override
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from deploy.embedded.kafka import QUICK_START
from deploy.embedded.ports import ANY, ANY_VARIABLE
from deploy.embedded.servers import JAVA_VARIABLE
from shared.kafka import ensure_topics
from shared.logging import STRICT_VARIABLE
from shared.topics import DEFAULT_PARTITIONS
from tests.support.memory_disk import memory_disk
from tests.support.servers import (
    Database,
    Servers,
    drop_database,
    fresh_prefix,
    make_database,
    make_template,
    running_servers,
)

gc.disable()  # what is imported and collected stays: see `pytest_collection_finish`

KEPT = ("LAGESBILD_CACHE",)  # where Kafka's files lie is the machine's business, not the test's

for _name in [name for name in os.environ if name.startswith("LAGESBILD_") and name not in KEPT]:
    del os.environ[_name]
# A deadline would judge the machine, not the code. The server tries the same examples every time;
# people's machines go on looking for new ones.
hypothesis.settings.register_profile(
    "lagesbild", deadline=None, derandomize=bool(os.environ.get("CI"))
)
hypothesis.settings.load_profile("lagesbild")
os.environ[STRICT_VARIABLE] = "1"  # also in every process that a test starts
os.environ[JAVA_VARIABLE] = QUICK_START  # nobody here lives long enough to be worth compiling
if disk := memory_disk():  # of pytest, and of what a test starts; a worker inherits its parent's
    os.environ |= {name: str(disk) for name in ("PYTEST_DEBUG_TEMPROOT", "TMPDIR")}
if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # ports of its own, or two may choose the same
    _share = len(ANY) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    _first = ANY.start + _share * int(worker.removeprefix("gw"))
    os.environ[ANY_VARIABLE] = f"{_first}-{_first + _share - 1}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/data")


_LONGEST_FIRST = ("e2e", "integration")

_ONE_INSTALLATION = (
    "test_bad_input.py",
    "test_canary.py",
    "test_canary_in_files.py",
    "test_everything_is_killed.py",
)
"""They use the `stack` of `tests/e2e/conftest.py`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker is left alone with it at the end.

    xdist hands whole files out in this order if it is told not to reorder them itself (Makefile):
    its own order is by the number of tests, and the longest files have the fewest.
    """

    def place(item: pytest.Item) -> int:
        folder = item.path.parent.name
        return _LONGEST_FIRST.index(folder) if folder in _LONGEST_FIRST else len(_LONGEST_FIRST)

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Leave the modules and the thousands of tests out of every later garbage collection."""
    gc.freeze()
    gc.enable()


class _FilesTogether(LoadFileScheduling):
    """A file goes to one worker as a whole, and those that share an installation as one file."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "one installation" if Path(file).name in _ONE_INSTALLATION else file


@pytest.hookimpl(optionalhook=True)  # xdist asks, if it is there
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _FilesTogether | None:
    return _FilesTogether(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """One Apache Kafka and one PostgreSQL for the whole session."""
    for running in running_servers(tmp_path_factory.mktemp("servers")):
        asyncio.run(make_template(running.postgres))
        yield running


@pytest.fixture
def kafka(servers: Servers) -> str:
    """The bootstrap servers of the session's Kafka."""
    return servers.kafka


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[Database]:
    """A migrated database of this test's own."""
    made = await make_database(servers.postgres)
    yield made
    await drop_database(servers.postgres, made)


@pytest.fixture
async def topic_prefix(kafka: str) -> str:
    """Topics and groups of this test's own, with 8 partitions."""
    prefix = fresh_prefix()
    await ensure_topics(kafka, prefix=prefix, partitions=DEFAULT_PARTITIONS)
    return prefix
