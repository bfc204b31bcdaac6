"""`lagesbild bench` with numbers that measure nothing: refused before anything starts."""

import os

import pytest

from services.cli import LANGUAGE_VARIABLE, main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pipeline", "--events", "0"), "above 0"),
        (("pipeline", "--seconds", "0"), "above 0"),
        (("aggregator", "--events", "0"), "above 0"),
        (("anonymizer", "--events", "0"), "is between 1 and"),
        (("views", "--seconds", "0"), "above 0"),
    ],
)
def test_wrong_numbers_are_refused(
    words: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(LANGUAGE_VARIABLE, os.environ.get(LANGUAGE_VARIABLE, "sv"))
    assert main(["--lang", "en", "bench", *words]) == 2
    written = capsys.readouterr()
    assert said in written.err
    assert written.out == ""
