"""How far long work has come: a moving line on a terminal, now and then a line in a log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TextIO

from shared.language import Language, Text

if TYPE_CHECKING:
    from rich.status import Status

SAY_EVERY_SECONDS = 2.0


class Shown(Protocol):
    """Shows how far it has come."""

    def __call__(self, done: int, total: int) -> None:
        """So much of the whole is done; `total` 0: nobody knows how much there is."""

    def step(self, what: Text) -> None:
        """Something begins that has no number."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How far, how fast, how long still. Unit: `seconds` since the beginning."""

    done: int
    total: int
    seconds: float

    @property
    def per_second(self) -> float:
        """What is done in a second, on average."""
        return self.done / self.seconds if self.seconds else 0.0

    def said(self, title: Text, unit: Text) -> Text:
        """One line for people."""
        done, total, rate = map(_spaced, (self.done, self.total, self.per_second))
        if not self.total:
            return Text(
                f"{title.sv}: {done} {unit.sv}, {rate}/s", f"{title.en}: {done} {unit.en}, {rate}/s"
            )
        share = 100 * self.done // self.total
        left = (self.total - self.done) / self.per_second if self.done else 0.0
        return Text(
            f"{title.sv}: {done} av {total} {unit.sv}, {share} %, {rate}/s, {left:.0f} s kvar",
            f"{title.en}: {done} of {total} {unit.en}, {share} %, {rate}/s, {left:.0f} s left",
        )


def _spaced(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\u202f")


@contextmanager
def progress(on: TextIO, language: Language, *, title: Text, unit: Text) -> Iterator[Shown]:
    """Show on a stream, as it suits what the stream is."""
    lines = _Lines(on, language, title, unit)
    if not on.isatty():
        yield lines
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.status import Status  # noqa: PLC0415

    with Status(title.in_(language), console=Console(file=on)) as moving:
        yield _Moving(moving, lines)


@dataclass(slots=True)
class _Lines:
    """Plain lines, not more often than anybody wants to read them, and one at the end."""

    _on: TextIO
    _language: Language
    _title: Text
    _unit: Text
    _began: float = field(default_factory=time.monotonic)
    _said_at: float = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._said_at < SAY_EVERY_SECONDS and done != total:
            return
        self._said_at = now
        self._write(self.said(done, total))

    def step(self, what: Text) -> None:
        self._write(self.named(what))

    def said(self, done: int, total: int) -> str:
        pace = Pace(done, total, time.monotonic() - self._began)
        return pace.said(self._title, self._unit).in_(self._language)

    def named(self, what: Text) -> str:
        return f"{what.in_(self._language)} …"

    def _write(self, line: str) -> None:
        self._on.write(line + "\n")
        self._on.flush()


@dataclass(slots=True)
class _Moving:
    """One line that changes."""

    _status: "Status"
    _lines: _Lines

    def __call__(self, done: int, total: int) -> None:
        self._status.update(self._lines.said(done, total))

    def step(self, what: Text) -> None:
        self._status.update(self._lines.named(what))
