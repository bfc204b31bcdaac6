"""Where the children's lines go: services' to the terminal, servers' to bounded files.

A terminal, or a pipe that nobody reads, may stop taking lines for ever. That must never stop the
stack, so lines pass through a bounded queue to a thread of their own; what does not fit is
dropped and counted.
"""

import json
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO, TypeAlias

import structlog

from shared.logging import LogFormat, only_allowed_keys

QUEUED_LINES = 10_000
LAST_LINES = 20
FILE_BYTES = 5_000_000
OLD_FILES = 2
FLUSH_SECONDS = 1.0
NAME_WIDTH = 10  # of the longest name, anonymizer

COLOURS: Mapping[str, int] = {
    "ingest": 36,
    "anonymizer": 35,
    "aggregator": 34,
    "delivery": 32,
    "up": 33,
}

Write: TypeAlias = Callable[[str], None]


class Terminal:
    """Lines of several programs on one stream, each with the name of its program before it."""

    def __init__(self, stream: TextIO, log_format: LogFormat) -> None:
        self._stream = stream
        self._format = log_format
        self._coloured = log_format is LogFormat.PRETTY and stream.isatty()
        self._queue: queue.Queue[str | None] = queue.Queue(QUEUED_LINES)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write_all, name="terminal", daemon=True)

    def open(self) -> None:
        """Begin to write."""
        self._thread.start()

    def line(self, name: str, text: str) -> None:
        """Pass one line on; never waits."""
        if self._dropped and self._put(self._dressed("up", f"{self._dropped} lines dropped")):
            self._dropped = 0
        if not self._put(self._dressed(name, text)):
            self._dropped += 1

    def logger(self) -> Any:
        """A structlog logger for the stack's own events, on this stream and with its format."""
        renderer: Any = (
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if self._format is LogFormat.JSON
            else structlog.dev.ConsoleRenderer(colors=self._coloured)
        )
        return structlog.wrap_logger(
            _ToTerminal(self),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                only_allowed_keys,
                renderer,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        ).bind(service="up")

    def close(self) -> None:
        """Write what is queued, as far as the stream takes it now."""
        try:
            self._queue.put(None, timeout=FLUSH_SECONDS)
        except queue.Full:
            return
        self._thread.join(FLUSH_SECONDS)

    def _put(self, line: str) -> bool:
        try:
            self._queue.put_nowait(line)
        except queue.Full:
            return False
        return True

    def _dressed(self, name: str, text: str) -> str:
        if self._format is LogFormat.JSON:
            is_json = text.startswith("{") and text.endswith("}")
            return text if is_json else json.dumps({"service": name, "line": text})
        prefix = f"{name:<{NAME_WIDTH}} │"
        if self._coloured:
            prefix = f"\x1b[{COLOURS.get(name, 37)}m{prefix}\x1b[0m"
        return f"{prefix} {text}"

    def _write_all(self) -> None:
        while (line := self._queue.get()) is not None:
            try:
                self._stream.write(line + "\n")
                if self._queue.empty():
                    self._stream.flush()
            except (OSError, ValueError):
                return  # the stream is gone; so is whoever read it


class _ToTerminal:
    """What structlog calls with a finished line."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def info(self, line: str) -> None:
        self._terminal.line("up", line)

    warning = error = info


class LogFile:
    """The lines of one server in a file that is rolled before it grows large."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = RotatingFileHandler(
            path, maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8", delay=True
        )

    def line(self, text: str) -> None:
        """Add one line."""
        self._file.emit(logging.makeLogRecord({"msg": text}))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Tail:
    """Passes lines on and remembers the last few, to show them after a crash."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._last: deque[str] = deque(maxlen=LAST_LINES)

    def line(self, text: str) -> None:
        """Remember one line and pass it on."""
        self._last.append(text)
        self._write(text)

    def last(self) -> list[str]:
        """The last lines, oldest first."""
        return list(self._last)
