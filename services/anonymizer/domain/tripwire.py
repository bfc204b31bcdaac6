"""The last look at an event before it leaves: do its codes look like an identifier?

Codes are members of the pack, and a pack with such a code does not load. So a hit means that the
program is wrong somewhere between, and then no event of it may leave: the report goes to the dead
letters whole, and somebody is woken. Nothing is ever cut out and sent on.
"""

from shared.messages.event import Event
from shared.tripwire import kinds_in_code

MOST_KEPT = 1 << 16  # combinations of codes; a municipality has some thousands

Codes = tuple[str, str | None, str | None]


def codes_of(event: Event) -> Codes:
    """All that an event says in words. Ids and instants are types."""
    return event.municipality, event.indicator, event.area


class Tripwire:
    """Looks at each combination of codes once; one that was clean costs a look into a set."""

    def __init__(self) -> None:
        self._clean: set[Codes] = set()

    def is_clean(self, codes: Codes) -> bool:
        """Whether none of an event's codes looks like an identifier."""
        if codes in self._clean:
            return True
        if any(code is not None and kinds_in_code(code) for code in codes):
            return False
        if len(self._clean) >= MOST_KEPT:
            self._clean.clear()
        self._clean.add(codes)
        return True
