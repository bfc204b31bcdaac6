"""Real child processes, small ones."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from deploy.embedded import leftover
from deploy.embedded.child import Child, Program, run
from deploy.embedded.errors import NotReady
from deploy.embedded.ports import choose_any, is_free
from deploy.embedded.supervisor import Duty, Supervisor

WAITS = "print('begun', flush=True)\nimport time\ntime.sleep(60)"
TwoAtWork: TypeAlias = "tuple[Path, str, subprocess.Popen[bytes], subprocess.Popen[bytes]]"
LISTENS = (
    "import socket\nlistener = socket.create_server(('127.0.0.1', {port}))\nprint('begun')\n"
    + WAITS
)
SOON_SECONDS = 60.0  # a Python that starts beside other tests
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WAITS


@dataclass
class Recorder:
    """What a supervisor told."""

    events: list[dict[str, Any]] = field(default_factory=list)
    changes: int = 0

    def _add(self, event: str, **facts: Any) -> None:
        self.events.append({"event": event, **facts})

    info = warning = error = _add

    def on_change(self) -> None:
        self.changes += 1

    def of(self, event: str) -> list[dict[str, Any]]:
        return [one for one in self.events if one["event"] == event]


@dataclass
class Kept:
    """One supervisor with its recorder and the lines of its children."""

    supervisor: Supervisor
    recorder: Recorder
    lines: list[str]
    folder: Path

    def duty(self, code: str, *, show: Callable[[str], None] | None = None) -> Duty:
        return Duty(
            program=program(code, self.folder),
            ready=self.begun,
            write=self.lines.append,
            show=show,
        )

    async def begun(self) -> None:
        await until(lambda: "begun" in self.lines)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


def is_there(pid: int | None) -> bool:
    return Path(f"/proc/{pid}").exists()


def program(code: str, folder: Path) -> Program:
    return Program(
        name="child", command=(sys.executable, "-c", code), environment={}, folder=folder
    )


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    recorder = Recorder()
    supervisor = Supervisor(logger=recorder, on_change=recorder.on_change)
    yield Kept(supervisor, recorder, [], tmp_path)
    await supervisor.stop(list(supervisor.pids), within_seconds=1)


async def test_a_child_that_is_killed_is_shown_and_started_again(kept: Kept) -> None:
    shown: list[str] = []
    await kept.supervisor.start(kept.duty(WAITS, show=shown.append), within_seconds=SOON_SECONDS)
    first = kept.supervisor.pids["child"]
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: kept.supervisor.pids["child"] not in (None, first))

    assert kept.recorder.of("child_crashed") == [
        {
            "event": "child_crashed",
            "kind": "child",
            "outcome": "signal SIGKILL",
            "wait_seconds": 0.2,
        }
    ]
    assert shown == ["begun"]
    assert kept.recorder.changes == 3  # started, ended, started


async def test_a_child_that_keeps_failing_is_tried_with_growing_waits(kept: Kept) -> None:
    failing = kept.duty("print('begun')\nraise SystemExit(3)")
    await kept.supervisor.start(failing, within_seconds=SOON_SECONDS)
    await until(lambda: len(kept.recorder.of("child_crashed")) >= 3)

    crashes = kept.recorder.of("child_crashed")[:3]
    assert [crash["wait_seconds"] for crash in crashes] == [0.2, 0.4, 0.8]
    assert {crash["outcome"] for crash in crashes} == {"exit code 3"}


async def test_a_child_that_someone_else_stops_is_started_again_but_did_not_crash(
    kept: Kept,
) -> None:
    await kept.supervisor.start(kept.duty(WAITS), within_seconds=SOON_SECONDS)
    first = kept.supervisor.pids["child"]
    assert first is not None
    os.kill(first, signal.SIGTERM)
    await until(lambda: kept.supervisor.pids["child"] not in (None, first))

    assert not kept.recorder.of("child_crashed")
    assert kept.recorder.of("child_ended")[0]["outcome"] == "signal SIGTERM"


async def test_a_child_that_never_answers_is_told_with_its_last_lines(kept: Kept) -> None:
    silent = kept.duty("print('waiting for the moon', flush=True)\nimport time\ntime.sleep(600)")
    for patience in (1, 10, 60):  # a busy machine may have let it say nothing yet
        with pytest.raises(NotReady, match="child") as caught:
            await kept.supervisor.start(silent, within_seconds=patience)
        if caught.value.lines:
            break
        await kept.supervisor.stop(["child"], within_seconds=1)

    assert caught.value.lines == ("waiting for the moon",)


async def test_a_child_that_says_it_is_wrongly_configured_is_not_waited_for(kept: Kept) -> None:
    wrong = kept.duty(f"print('LAGESBILD_PORT is missing')\nraise SystemExit({os.EX_CONFIG})")
    with pytest.raises(NotReady) as caught:
        await kept.supervisor.start(wrong, within_seconds=60)

    assert caught.value.lines == ("LAGESBILD_PORT is missing",)


async def test_a_program_that_does_not_exist_is_an_error_at_once(kept: Kept) -> None:
    missing = Duty(
        program=Program(
            name="missing", command=("/no/such/program",), environment={}, folder=kept.folder
        ),
        ready=kept.begun,
        write=kept.lines.append,
    )
    with pytest.raises(FileNotFoundError):
        await kept.supervisor.start(missing, within_seconds=60)


async def test_a_child_that_does_not_stop_is_killed(kept: Kept) -> None:
    await kept.supervisor.start(kept.duty(STUBBORN), within_seconds=SOON_SECONDS)
    pid = kept.supervisor.pids["child"]
    await kept.supervisor.stop(["child"], within_seconds=0.2)

    assert kept.recorder.of("child_killed") == [{"event": "child_killed", "kind": "child"}]
    assert not is_there(pid)
    assert kept.supervisor.pids == {"child": None}


async def test_a_child_that_waits_for_its_next_start_is_stopped_too(kept: Kept) -> None:
    failing = kept.duty("print('begun')\nraise SystemExit(3)")
    await kept.supervisor.start(failing, within_seconds=SOON_SECONDS)
    await until(
        lambda: (
            len(kept.recorder.of("child_crashed")) >= 3 and kept.supervisor.pids == {"child": None}
        )
    )
    crashes = len(kept.recorder.of("child_crashed"))
    await kept.supervisor.stop(["child"], within_seconds=5)

    assert len(kept.recorder.of("child_crashed")) == crashes
    assert kept.supervisor.pids == {"child": None}


async def test_a_stop_is_no_crash(kept: Kept) -> None:
    await kept.supervisor.start(kept.duty(WAITS), within_seconds=SOON_SECONDS)
    await kept.supervisor.stop(["child"], within_seconds=5)

    assert [one["event"] for one in kept.recorder.events] == ["child_started"]


async def test_somebody_elses_answer_at_the_port_is_not_the_childs(kept: Kept) -> None:
    """Without this, a stack would take another installation's service for its own."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        duty = kept.duty(WAITS)
        occupied = replace(duty.program, port=other.getsockname()[1])
        answered = replace(duty, program=occupied, ready=lambda: asyncio.sleep(0))
        with pytest.raises(NotReady):
            await kept.supervisor.start(answered, within_seconds=1)
        await kept.begun()  # it ran, and somebody answered: it only was not the child


async def test_a_child_is_ready_once_it_listens_itself(kept: Kept) -> None:
    port = choose_any(("child",), is_free=is_free)["child"]
    duty = kept.duty(LISTENS.format(port=port))
    listening = replace(duty.program, port=port)
    await kept.supervisor.start(replace(duty, program=listening), within_seconds=SOON_SECONDS)

    assert kept.supervisor.pids["child"] is not None


async def test_a_full_disk_under_the_state_file_ends_nothing(tmp_path: Path) -> None:
    def on_change() -> None:
        raise OSError

    recorder, lines = Recorder(), list[str]()
    supervisor = Supervisor(logger=recorder, on_change=on_change)
    kept = Kept(supervisor, recorder, lines, tmp_path)
    await supervisor.start(kept.duty(WAITS), within_seconds=SOON_SECONDS)

    assert recorder.of("state_unwritten") == [{"event": "state_unwritten", "error_type": "OSError"}]
    assert supervisor.pids["child"] is not None
    await supervisor.stop(["child"], within_seconds=5)


async def test_a_line_longer_than_any_buffer_arrives_in_pieces(tmp_path: Path) -> None:
    code, lines = await run(program("print('x' * 300_000)\nprint('end', end='')", tmp_path))

    assert code == 0
    assert "".join(lines[:-1]) == "x" * 300_000
    assert lines[-1] == "end"


async def test_a_child_inherits_nothing_and_lives_in_a_session_of_its_own(tmp_path: Path) -> None:
    shows = "import os\nprint(sorted(os.environ), os.getcwd(), os.getsid(0) == os.getpid())"
    _, lines = await run(program(shows, tmp_path))

    assert lines == [f"['LC_CTYPE'] {tmp_path} True"]  # LC_CTYPE is Python's own doing


async def test_children_are_started_from_the_main_thread_only(tmp_path: Path) -> None:
    """The kernel would end them together with the thread."""
    caught: list[BaseException] = []

    def start() -> None:
        try:
            Child(program(WAITS, tmp_path))
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    assert len(caught) == 1


async def test_who_still_works_in_a_folder_is_found_and_ended(two_at_work: TwoAtWork) -> None:
    folder, comm, ours, other = two_at_work
    await until(lambda: leftover.at_work_in(folder, comm))
    assert leftover.at_work_in(folder, comm) == [ours.pid]
    assert leftover.at_work_in(folder, "postgres") == []

    await leftover.gone(folder, comm, within_seconds=0.1)

    assert ours.wait() in (-signal.SIGKILL, 0)  # 0: it was collected as an adopted one
    assert other.poll() is None


@pytest.fixture
def two_at_work(tmp_path: Path) -> Iterator[TwoAtWork]:
    """A folder, a program's name, and two who run it: one there, one below."""
    below = tmp_path / "below"
    below.mkdir()
    interpreter = Path(sys.executable).resolve()
    ours, other = (
        subprocess.Popen([interpreter, "-c", WAITS], cwd=folder, stdout=subprocess.DEVNULL)
        for folder in (tmp_path, below)
    )
    yield tmp_path, interpreter.name, ours, other
    for one in (ours, other):
        one.kill()
        one.wait()
