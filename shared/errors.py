"""The errors of the house, of three kinds.

LagesbildError
├── RejectedMessage      the message is bad: dead letter with a reason code, go on
├── WorldError           the world is bad: retry with back-off, lose nothing
│   └── Fenced           another instance owns the partition now: let go of it, lose nothing
└── ConfigurationError   the installation is bad: say every mistake at once, do not start

Everything else means that the program is bad: it is not caught, the service ends with a
traceback and its supervisor starts it again at the same offset.

No error text ever holds a field value of a report (DESIGN §4, G2).
"""

from collections.abc import Sequence
from enum import StrEnum


class LagesbildError(Exception):
    """An error that the house expects."""


class DeadReason(StrEnum):
    """Why a message can never succeed; also the label of the dead-letter metrics."""

    NOT_SEALED = "not_sealed"
    UNKNOWN_KEY = "unknown_key"
    NOT_OPENED = "not_opened"
    NOT_A_REPORT = "not_a_report"
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    UNKNOWN_INDICATOR = "unknown_indicator"
    NOT_AN_EVENT = "not_an_event"
    NOT_A_STATISTIC = "not_a_statistic"
    REFUSED_BY_DATABASE = "refused_by_database"
    TRIPWIRE = "tripwire"


class RejectedMessage(LagesbildError):  # noqa: N818 - a fact about the message, not a fault of ours
    """The message can never succeed; its reason is a closed code and nothing else."""

    def __init__(self, reason: DeadReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class WorldError(LagesbildError):
    """Something outside the program does not answer; trying again may help."""


class Fenced(WorldError):  # noqa: N818 - the word of the literature
    """Another instance has claimed the partition since; what was in hand is not ours to write."""


class ConfigurationError(LagesbildError):
    """The installation is not right; `mistakes` lists everything that is wrong, one line each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = tuple(mistakes)
