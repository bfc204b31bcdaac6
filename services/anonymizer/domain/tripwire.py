"""The last look at an event before it leaves: do its codes look like an identifier?

Codes are members of the pack, and a pack with such a code does not load. So a hit means that the
program is wrong somewhere between, and then no event of it may leave: the report goes to the dead
letters whole, and somebody is woken. Nothing is ever cut out and sent on.
"""

from shared.messages.event import Event
from shared.tripwire import kinds_in_code

MOST_KEPT = 1 << 16  # combinations of codes; a municipality has some thousands


class Tripwire:
    """Looks at each combination of codes once; one that was clean costs a look into a set."""

    def __init__(self) -> None:
        self._clean: set[tuple[str | None, ...]] = set()

    def is_clean(self, event: Event) -> bool:
        """Whether no code of the event looks like an identifier. Ids and instants are types."""
        codes = (event.municipality, event.indicator, event.area)
        if codes in self._clean:
            return True
        if any(code is not None and kinds_in_code(code) for code in codes):
            return False
        if len(self._clean) >= MOST_KEPT:
            self._clean.clear()
        self._clean.add(codes)
        return True
