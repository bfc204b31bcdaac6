"""When a child that has ended is started again."""

FIRST_SECONDS = 0.2
MOST_SECONDS = 5.0
CALM_SECONDS = 30.0


class Restarts:
    """The waits of one child: doubling while it keeps ending, from the start after a calm life."""

    def __init__(self) -> None:
        self._next = FIRST_SECONDS

    def wait_after(self, lived_seconds: float) -> float:
        """How long to wait after a life of this length. Unit: seconds."""
        if lived_seconds >= CALM_SECONDS:
            self._next = FIRST_SECONDS
        wait, self._next = self._next, min(self._next * 2, MOST_SECONDS)
        return wait
