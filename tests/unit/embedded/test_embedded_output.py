import io
import json
import threading

import pytest
from typing_extensions import override

from deploy.embedded import output
from deploy.embedded.output import Tail, Terminal
from shared.logging import LogFormat, UnknownLogKeyError


class Screen(io.StringIO):
    """A terminal."""

    @override
    def isatty(self) -> bool:
        return True


class Blocked(io.StringIO):
    """A pipe that nobody reads until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    @override
    def write(self, text: str) -> int:
        self.released.wait(10)
        return super().write(text)


def written(stream: io.StringIO, log_format: LogFormat, *lines: str) -> str:
    terminal = Terminal(stream, log_format)
    terminal.open()
    for line in lines:
        terminal.line("ingest", line)
    terminal.close()
    return stream.getvalue()


def test_a_line_for_a_person_has_the_name_of_its_service_before_it() -> None:
    assert written(io.StringIO(), LogFormat.PRETTY, "listening") == "ingest     │ listening\n"


def test_the_name_is_coloured_on_a_terminal_only() -> None:
    assert "\x1b[" in written(Screen(), LogFormat.PRETTY, "listening")
    assert "\x1b[" not in written(Screen(), LogFormat.JSON, "listening")


def test_a_line_of_json_passes_through_as_it_is() -> None:
    line = '{"service": "ingest", "event": "service_started"}'

    assert written(io.StringIO(), LogFormat.JSON, line) == line + "\n"


def test_any_other_line_becomes_json_with_its_service() -> None:
    text = written(io.StringIO(), LogFormat.JSON, 'Traceback "x"')

    assert json.loads(text) == {"service": "ingest", "line": 'Traceback "x"'}


def test_a_stream_that_takes_nothing_does_not_hold_up_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(output, "QUEUED_LINES", 2)
    stream = Blocked()
    terminal = Terminal(stream, LogFormat.PRETTY)
    terminal.open()
    for number in range(100):
        terminal.line("ingest", str(number))
    stream.released.set()
    while "lines dropped" not in stream.getvalue():
        terminal.line("ingest", "again")
    terminal.close()

    assert "ingest     │ 0\n" in stream.getvalue()


def test_a_stream_that_is_gone_is_given_up() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream, LogFormat.PRETTY)
    stream.close()
    terminal.open()
    terminal.line("ingest", "listening")
    terminal.close()


def test_the_stacks_own_events_are_lines_of_up() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream, LogFormat.JSON)
    terminal.open()
    terminal.logger().warning("child_crashed", kind="kafka", outcome="signal SIGKILL")
    terminal.close()
    line = json.loads(stream.getvalue())

    assert line["service"] == "up"
    assert line["event"] == "child_crashed"
    assert line["kind"] == "kafka"


def test_the_stacks_own_events_use_allowed_keys_only() -> None:
    terminal = Terminal(io.StringIO(), LogFormat.JSON)

    with pytest.raises(UnknownLogKeyError):
        terminal.logger().warning("child_crashed", text="anything")


def test_a_tail_passes_lines_on_and_remembers_the_last() -> None:
    seen: list[str] = []
    tail = Tail(seen.append)
    for number in range(output.LAST_LINES + 5):
        tail.line(str(number))

    assert len(seen) == output.LAST_LINES + 5
    assert tail.last() == seen[5:]
