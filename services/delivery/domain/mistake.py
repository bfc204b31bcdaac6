"""What is wrong with what somebody asked for: where, a code for programs, words for people."""

from dataclasses import dataclass
from enum import StrEnum

from shared.language import Text


class MistakeCode(StrEnum):
    """The closed set of what can be wrong with a question or a request."""

    MISSING = "missing"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_CODE = "unknown_code"
    NOT_AN_EVENT = "not_an_event"
    NOT_A_STATISTIC = "not_a_statistic"
    NOT_A_PERIOD = "not_a_period"
    NOT_A_DAY = "not_a_day"
    NOT_AN_INSTANT = "not_an_instant"
    MIXED_LEVELS = "mixed_levels"
    NOT_OF_LEVEL = "not_of_level"
    TWO_WAYS = "two_ways"
    OUT_OF_RANGE = "out_of_range"
    TOO_FINE = "too_fine"
    TOO_MANY = "too_many"
    REPEATED = "repeated"
    URL_MALFORMED = "url_malformed"
    URL_SCHEME = "url_scheme"
    URL_CREDENTIALS = "url_credentials"
    URL_FRAGMENT = "url_fragment"
    URL_ADDRESS = "url_address"
    URL_UNENCRYPTED = "url_unencrypted"
    URL_UNRESOLVED = "url_unresolved"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. Shape: `field` is a name of ours, with a position: `indicators[2]`, or "".

    Neither the field nor the text ever repeats what the asker sent.
    """

    field: str
    code: MistakeCode
    message: Text


class Mistaken(Exception):  # noqa: N818 - a fact about the request, not a fault of ours
    """What was asked for cannot be; `mistakes` has everything that is wrong."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(", ".join(one.code for one in mistakes))
        self.mistakes = tuple(mistakes)
