"""Progress of fetching: a moving bar on a terminal, plain lines in a log."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from shared.language import Language, Text

Fetched: TypeAlias = Callable[[str], None]
"""Called once per file, with its name."""

Announce: TypeAlias = Callable[[int], AbstractContextManager[Fetched]]
"""Given how many files there will be, says where to report each."""

FETCHING = Text(sv="Hämtar Apache Kafka", en="Fetching Apache Kafka")


@contextmanager
def silent(_total: int) -> Iterator[Fetched]:
    """Say nothing."""
    yield lambda _name: None


def shown_on(stream: TextIO, language: Language) -> Announce:
    """Show the progress on a stream, as it suits what the stream is."""
    title = FETCHING.in_(language)

    @contextmanager
    def bar(total: int) -> Iterator[Fetched]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(file=stream)) as shown:
            task = shown.add_task(title, total=total)
            yield lambda _name: shown.advance(task)

    @contextmanager
    def lines(total: int) -> Iterator[Fetched]:
        done = 0

        def fetched(name: str) -> None:
            nonlocal done
            done += 1
            stream.write(f"{title}: {done}/{total} {name}\n")
            stream.flush()

        yield fetched

    return bar if stream.isatty() else lines
