"""Clocks besides the wall's."""

import time


def since_boot() -> float:
    """Seconds that never go back, and go on while the machine is suspended; `time.monotonic` stands still."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
