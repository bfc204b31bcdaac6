"""Keys of days made from a secret of the installation, until they have a folder of their own.

They are the same in every instance and are no longer given out after 48 hours; but they are not
destroyed, as keys in a folder are, for who has the secret can make them again.
"""

import hmac
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

LIVES = timedelta(hours=48)


class DerivedDayKeys:
    """HMAC-SHA256 of the day under the secret."""

    def __init__(self, secret: bytes, *, now: Callable[[], datetime]) -> None:
        self._secret = secret
        self._now = now

    def key_of(self, day: date) -> bytes | None:
        """The 32 bytes of a UTC day; `None` from 48 hours after its beginning."""
        if self._now() >= datetime.combine(day, time.min, UTC) + LIVES:
            return None
        return hmac.digest(self._secret, f"linkage|{day.isoformat()}".encode(), "sha256")
