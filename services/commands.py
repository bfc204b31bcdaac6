"""What every command of `lagesbild` has: help in one language, options that many share, exit codes."""

import argparse
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.language import Language, Text

EXIT_OK = 0
EXIT_NOT_OK = 1
EXIT_USER = 2
EXIT_LATER = 75
EXIT_INTERRUPTED = 130

Options = argparse.Namespace
Command = Callable[[Options, Language], int]


@contextmanager
def loading() -> Iterator[None]:
    """Import in it what a program runs on: the garbage collector leaves it alone, now and later.

    What is imported stays until the end, and looking through it again and again took a quarter of a
    service's start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class Commands:
    """The commands with their help texts in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self.parser = argparse.ArgumentParser(
            prog="lagesbild",
            description=self.text(
                "En delad, levande bild av tryggheten i kommunens områden.",
                "A shared, living picture of safety in a municipality's areas.",
            ),
        )
        self.parser.add_argument(
            "--lang",
            choices=[language.value for language in Language],
            help=self.text("språk, före kommandot", "language, before the command"),
        )
        self._all = self.parser.add_subparsers(
            required=True, metavar=self.text("KOMMANDO", "COMMAND")
        )

    def text(self, sv: str, en: str) -> str:
        """The text in the language of the help."""
        return Text(sv, en).in_(self._language)

    def add(self, name: str, run: Command, sv: str, en: str) -> argparse.ArgumentParser:
        """A new command, run by `run`; its description in both languages."""
        about = self.text(sv, en)
        command = self._all.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        return command

    def number(
        self,
        command: argparse.ArgumentParser,
        name: str,
        kind: type[int] | type[float],
        default: float | None,
        sv: str,
        en: str,
    ) -> None:
        """Give it an option that takes a number."""
        command.add_argument(
            f"--{name}", type=kind, default=default, metavar="N", help=self.text(sv, en)
        )

    def pack(self, command: argparse.ArgumentParser) -> None:
        """Give it `--pack`, the folder of a municipality."""
        command.add_argument(
            "--pack",
            type=Path,
            metavar="DIR",
            help=self.text("kommunens mapp", "the municipality's folder"),
        )

    def json(self, command: argparse.ArgumentParser) -> None:
        """Give it `--json`."""
        command.add_argument(
            "--json",
            action="store_true",
            help=self.text("en rad JSON på standard ut", "one line of JSON on standard output"),
        )

    def data(self, command: argparse.ArgumentParser) -> None:
        """Give it `--data`."""
        command.add_argument(
            "--data",
            type=Path,
            metavar="DIR",
            help=self.text(
                "datamapp; annars LAGESBILD_DATA", "data folder; otherwise LAGESBILD_DATA"
            ),
        )
