"""The steps of a batch by name, and how whoever has a clock may time them."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum


class Step(StrEnum):
    """What a batch goes through, in this order."""

    OPEN = "open"
    READ = "read"
    LOCATE = "locate"
    KEEP = "keep"
    TRIPWIRE = "tripwire"
    LINK_KNOWN = "link_known"
    LINK_DECIDE = "link_decide"
    LINK_TOKENS = "link_tokens"
    ENCODE = "encode"
    LINK_STORE = "link_store"
    PUBLISH = "publish"
    QUALITY = "quality"
    COMMIT = "commit"


Timed = Callable[[Step], AbstractContextManager[object]]
"""Times what is done inside, once for a whole batch."""


def untimed(_step: Step) -> AbstractContextManager[object]:
    """For whoever wants to know nothing of time."""
    return nullcontext()
