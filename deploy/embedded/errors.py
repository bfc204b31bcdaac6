"""Why the embedded stack does not start.

ConfigurationError
└── CannotStart   something that its user can put right: say what, exit code 2
WorldError
└── NotReady      a part of it never answered: show its last lines, exit code 1
"""

from collections.abc import Sequence

from shared.errors import ConfigurationError, WorldError
from shared.language import Text


class CannotStart(ConfigurationError):  # noqa: N818 - a fact about the machine, not a fault of ours
    """The machine or the options do not allow a start; `text` says what to change."""

    def __init__(self, text: Text) -> None:
        super().__init__([text.en])
        self.text = text


class NotReady(WorldError):  # noqa: N818 - a fact about the child, not a fault of ours
    """A part of the stack did not answer in time; `lines` are the last that it wrote."""

    def __init__(self, name: str, *, after_seconds: float, lines: Sequence[str]) -> None:
        super().__init__(f"{name} is not ready after {after_seconds:.0f} s")
        self.text = Text(
            sv=f"{name} svarar inte efter {after_seconds:.0f} s",
            en=f"{name} is not ready after {after_seconds:.0f} s",
        )
        self.lines = tuple(lines)
