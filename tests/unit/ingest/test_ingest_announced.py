"""Which key ingest seals to, out of what it has heard."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.announced import FRESH_SECONDS, AnnouncedKeys
from services.ingest.metrics import ANNOUNCEMENTS_REFUSED
from shared.announcements import Announcement, KeyState, signed
from shared.records import LogRecord
from shared.root_key import RootKey, announcement_key
from shared.sealing import SealingKey, new_private_key, public_half

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROOT = RootKey.new()


class Hearing:
    """What was heard, at clocks that the test sets."""

    def __init__(self) -> None:
        self.now, self.seconds = NOON, 1000.0
        self.keys = AnnouncedKeys(
            "unused:1",
            announcement_key(ROOT.announcement_key()),
            topic="keys",
            monotonic=lambda: self.seconds,
        )
        self.keys._fresh_at = self.seconds
        self.log: list[LogRecord] = []

    def take(self, key: bytes, value: bytes | None, headers: tuple[tuple[str, bytes], ...]) -> None:
        self.log.append(LogRecord(0, len(self.log), 0, key, value, "keys", headers))
        self.keys.take(self.log[-1])

    def hear(
        self,
        hour: datetime = NOON,
        state: KeyState = KeyState.USABLE,
        public: bytes | None = None,
        root: RootKey = ROOT,
    ) -> SealingKey:
        public = public or public_half(new_private_key())
        said = Announcement(public, hour, hour + 25 * HOUR, state)
        key, value, headers = signed(said, root.announcing())
        self.take(key, value, headers)
        return SealingKey.of(public)

    def withdraw(self, key: SealingKey) -> None:
        self.take(key.id, None, ())

    def chosen(self) -> bytes | None:
        key = self.keys.key_for(self.now)
        return None if key is None else key.id


def refused(reason: str) -> float:
    return float(ANNOUNCEMENTS_REFUSED.labels(reason)._value.get())


def test_it_is_the_key_of_the_hour() -> None:
    hearing = Hearing()
    keys = [hearing.hear(NOON + at * HOUR) for at in (-1, 0, 1)]
    assert hearing.chosen() == keys[1].id
    hearing.now += HOUR
    assert hearing.chosen() == keys[2].id


@pytest.mark.parametrize("hours", [-30, -5, 5, 20])
def test_without_the_key_of_the_hour_it_is_the_nearest(hours: int) -> None:
    hearing = Hearing()
    near, far = hearing.hear(NOON), hearing.hear(NOON - 2 * HOUR if hours > 0 else NOON + 2 * HOUR)
    hearing.now = NOON + hours * HOUR
    assert hearing.chosen() == near.id != far.id


def test_one_that_is_retired_is_used_no_more_whatever_is_said_later() -> None:
    hearing = Hearing()
    key = hearing.hear()
    other = hearing.hear(NOON - HOUR)
    hearing.hear(state=KeyState.RETIRED, public=bytes(key.public))
    assert hearing.chosen() == other.id
    before = refused("retired")
    hearing.hear(public=bytes(key.public))
    assert hearing.chosen() == other.id
    assert refused("retired") == before + 1


def test_after_its_last_instant_it_is_used_no_more() -> None:
    hearing = Hearing()
    key = hearing.hear()
    hearing.now = NOON + 25 * HOUR - timedelta(microseconds=1)
    assert hearing.chosen() == key.id
    hearing.now = NOON + 25 * HOUR
    assert hearing.chosen() is None


def test_one_that_is_read_while_the_clock_is_a_day_ahead_is_used_when_the_clock_is_right() -> None:
    hearing = Hearing()
    hearing.now += 26 * HOUR
    key = hearing.hear(NOON)
    assert hearing.chosen() is None
    hearing.now -= 26 * HOUR
    assert hearing.chosen() == key.id


def test_what_is_read_again_after_a_break_is_no_new_refusal() -> None:
    hearing = Hearing()
    key = hearing.hear()
    hearing.hear(root=RootKey.new())
    hearing.hear(state=KeyState.RETIRED, public=bytes(key.public))
    other = hearing.hear(NOON + HOUR)
    before = refused("forged"), refused("retired")
    for record in hearing.log:
        hearing.keys.take(record)
    assert (refused("forged"), refused("retired")) == before
    assert hearing.chosen() == other.id
    hearing.hear(public=bytes(key.public))
    hearing.hear(root=RootKey.new())
    assert (refused("forged"), refused("retired")) == (before[0] + 1, before[1] + 1)


def test_a_forged_one_is_refused_and_counted() -> None:
    hearing = Hearing()
    before = refused("forged")
    hearing.hear(root=RootKey.new())
    assert hearing.chosen() is None
    assert refused("forged") == before + 1


def test_only_what_is_retired_can_be_withdrawn() -> None:
    hearing = Hearing()
    key = hearing.hear()
    before = refused("forged")
    hearing.withdraw(key)
    assert hearing.chosen() == key.id
    assert refused("forged") == before + 1
    hearing.hear(state=KeyState.RETIRED, public=bytes(key.public))
    hearing.withdraw(key)
    assert hearing.chosen() is None
    assert refused("forged") == before + 1


def test_what_was_heard_is_trusted_for_a_minute() -> None:
    hearing = Hearing()
    key = hearing.hear()
    hearing.seconds += FRESH_SECONDS - 0.001
    assert hearing.chosen() == key.id
    hearing.seconds += 0.001
    assert hearing.chosen() is None
