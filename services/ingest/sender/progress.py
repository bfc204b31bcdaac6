"""How far a replay has come: a moving line on a terminal, now and then a line in a log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from shared.language import Language, Text

SAY_EVERY_S = 2.0


class Shown(Protocol):
    """Shows how far it has come."""

    def __call__(self, sent: int, rate: float, *, waits: bool = False) -> None:
        """So many are sent, so many per second; `waits` says that ingest asks for patience."""


@contextmanager
def progress(on: TextIO, language: Language) -> Iterator[Shown]:
    """Show on a stream."""
    if not on.isatty():
        yield _Lines(on, language)
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), console=Console(file=on), transient=True
    ) as moving:
        task = moving.add_task("")

        def shown(sent: int, rate: float, *, waits: bool = False) -> None:
            moving.update(task, description=_said(sent, rate, waits=waits).in_(language))

        yield shown


class _Lines:
    """Plain lines, not more often than anybody wants to read them."""

    def __init__(self, on: TextIO, language: Language) -> None:
        self._on = on
        self._language = language
        self._said_at = time.monotonic()

    def __call__(self, sent: int, rate: float, *, waits: bool = False) -> None:
        if time.monotonic() - self._said_at < SAY_EVERY_S:
            return
        self._said_at = time.monotonic()
        self._on.write(_said(sent, rate, waits=waits).in_(self._language) + "\n")
        self._on.flush()


def _said(sent: int, rate: float, *, waits: bool) -> Text:
    if waits:
        return Text(
            f"{sent} händelser skickade; mottagningen svarar inte än, försöker igen",
            f"{sent} events sent; ingest does not answer yet, trying again",
        )
    return Text(
        f"{sent} händelser skickade, {rate:.0f} per sekund",
        f"{sent} events sent, {rate:.0f} per second",
    )
