"""Logs: allowed keys only, and no text of an exception."""

import json
import logging

import pytest
import structlog

from shared.logging import (
    STRICT_VARIABLE,
    LogFormat,
    UnknownLogKeyError,
    configure,
    only_allowed_keys,
)

MARK = "19121212-1212"


@pytest.fixture(autouse=True)
def _unconfigured() -> object:
    root = logging.getLogger()
    before = root.handlers, root.level
    yield
    structlog.reset_defaults()
    root.handlers, level = before
    root.setLevel(level)


def test_an_unknown_key_is_an_error_in_a_strict_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STRICT_VARIABLE, "1")
    with pytest.raises(UnknownLogKeyError, match="payload"):
        only_allowed_keys(None, "info", {"event": "x", "payload": MARK})


def test_an_unknown_key_is_dropped_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STRICT_VARIABLE, raising=False)
    assert only_allowed_keys(None, "info", {"event": "x", "payload": MARK}) == {"event": "x"}


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_an_exception_is_logged_without_its_text(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("ingest", log_format)
    try:
        int(MARK)
    except ValueError as error:
        structlog.get_logger().error("service_crashed", exc_info=error)
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert "test_logging.py" in written
    assert MARK not in written


def test_a_library_that_complains_on_and_on_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("ingest", LogFormat.JSON)
    for _ in range(100):
        logging.getLogger("some.library").warning("again")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_library_s_words_are_not_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    configure("ingest", LogFormat.JSON)
    logging.getLogger("some.library").warning("input was %s", MARK)
    logging.getLogger("some.library").info("quiet")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert MARK not in lines[0]
    line = json.loads(lines[0])
    assert (line["event"], line["kind"], line["service"]) == (
        "library_complained",
        "some.library",
        "ingest",
    )
