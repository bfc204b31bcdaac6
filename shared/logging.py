"""structlog for every service: fixed event names, and keys from a short list only.

A key that is not on the list is dropped and counted; in tests it is an error. So no field of a
report can slip into a log by a careless keyword (DESIGN §4, G2). Tracebacks never show locals.
"""

import logging
import os
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, MutableMapping
from enum import StrEnum
from typing import Any

import prometheus_client
import structlog
from typing_extensions import override

ALLOWED_KEYS = frozenset(
    {
        "accepted",
        "action",
        "actor",
        "age_seconds",
        "attempt",
        "channel",
        "count",
        "duration_seconds",
        "epoch",
        "error_class",
        "error_type",
        "event",
        "event_id",
        "exception",
        "group",
        "host",
        "kind",
        "lag_seconds",
        "level",
        "method",
        "mistakes",
        "municipality",
        "next_offset",
        "offset",
        "outcome",
        "partition",
        "partitions",
        "port",
        "reason",
        "rejected",
        "service",
        "state",
        "status",
        "subscription",
        "timestamp",
        "topic",
        "version",
        "wait_seconds",
    }
)

STRICT_VARIABLE = "LAGESBILD_LOG_STRICT"

QUIET_SECONDS = 10.0

DROPPED_KEYS = prometheus_client.Counter(
    "lagesbild_log_keys_dropped", "Log keys that were not on the list of allowed keys."
)


class LogFormat(StrEnum):
    """How a log line looks: for a machine or for a person."""

    JSON = "json"
    PRETTY = "pretty"


class UnknownLogKeyError(Exception):
    """A log call used a key that is not on the list."""


def only_allowed_keys(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every key that is not on the list and count it.

    Raises:
        UnknownLogKeyError: in a strict process (tests).
    """
    unknown = [key for key in line if key not in ALLOWED_KEYS]
    if unknown and os.environ.get(STRICT_VARIABLE):
        raise UnknownLogKeyError(", ".join(sorted(unknown)))
    for key in unknown:
        del line[key]
        DROPPED_KEYS.inc()
    return line


def configure(service: str, log_format: LogFormat) -> None:
    """Send every log line of the process, libraries' too, to stderr in one form.

    Libraries' lines keep their level and logger's name only from WARNING up and lose their
    message: a library may put an input into it, and we cannot check that.
    """
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _named(service),
            _exception_without_words,
            only_allowed_keys,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_LibraryLines()]
    root.setLevel(logging.WARNING)


def _named(service: str) -> structlog.typing.Processor:
    def add(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Any:
        line["service"] = service
        return line

    return add


def _exception_without_words(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep the classes and the frames of an exception, drop the texts: they may quote an input."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        line["exception"] = "\n".join(_frames(error))
    return line


def _frames(error: BaseException) -> Iterator[str]:
    """The class of the error and where it passed, its causes first."""
    before = error.__cause__ or error.__context__
    if before is not None:
        yield from _frames(before)
    yield type(error).__qualname__
    for frame, number in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        yield f"  {code.co_filename}:{number} {code.co_name}"


class _LibraryLines(logging.Handler):
    """Passes on that a library complained, how badly and where, but not its words.

    A place that complains on and on is passed on every ten seconds, with how often it did.
    """

    def __init__(self) -> None:
        super().__init__()
        self._quiet_until: dict[tuple[str, int], float] = {}
        self._held_back: Counter[tuple[str, int]] = Counter()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        place = (record.pathname, record.lineno)
        self._held_back[place] += 1
        if record.created < self._quiet_until.get(place, 0):
            return
        self._quiet_until[place] = record.created + QUIET_SECONDS
        structlog.get_logger().log(
            record.levelno,
            "library_complained",
            kind=record.name,
            method=f"{record.module}:{record.lineno}",
            count=self._held_back.pop(place),
            error_type=record.exc_info[0].__name__
            if record.exc_info and record.exc_info[0]
            else None,
        )
