"""Whether anything waits too long, by offsets."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from services.ingest.backlog import BELIEVED_SECONDS, Backlog, waits
from services.ingest.metrics import BACKLOG_ANSWER_AGE

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("committed", "offsets", "young", "expected"),
    [
        ({}, {0: range(0)}, {}, False),  # nothing was ever there
        ({}, {0: range(5)}, {0: 0}, False),  # all of it is young
        ({}, {0: range(5)}, {0: 1}, True),  # nothing was ever processed, and one is old
        ({}, {0: range(5)}, {}, True),  # nothing was ever processed, and all are old
        ({}, {0: range(3, 5)}, {0: 3}, False),
        ({0: 2}, {0: range(5)}, {0: 2}, False),
        ({0: 2}, {0: range(5)}, {0: 3}, True),
        ({0: 5}, {0: range(5)}, {}, False),
        ({0: 4}, {0: range(5)}, {}, True),
        ({0: 4}, {0: range(5, 5)}, {}, False),  # deleted unread: there is nothing to wait for
        ({0: 5, 1: 1}, {0: range(5), 1: range(3)}, {1: 2}, True),
        ({0: 5}, {0: range(5), 1: range(3)}, {1: 2}, True),  # another partition has no commit
    ],
)
def test_what_waits_is_before_the_first_young_record(
    committed: dict[int, int], offsets: dict[int, range], young: dict[int, int], expected: bool
) -> None:
    assert waits(committed, offsets, young) is expected


class Asking:
    """A backlog at clocks that the test sets."""

    def __init__(self, most: timedelta = 12 * HOUR) -> None:
        self.seconds = 1000.0
        self.backlog = Backlog(
            "unused:1",
            topic="reports",
            group="anonymizer",
            partitions=2,
            most=most,
            every_seconds=1,
            now=lambda: NOON,
            monotonic=lambda: self.seconds,
        )

    def said(self) -> tuple[bool, bool]:
        return self.backlog.is_known(), self.backlog.is_old()


def test_before_the_first_answer_it_is_not_known_what_waits_and_that_is_no_refusal() -> None:
    asking = Asking()
    assert asking.said() == (False, False)
    asking.backlog._judge(False)
    assert asking.said() == (True, False)
    asking.backlog._judge(True)
    assert asking.said() == (True, True)


def test_an_answer_is_believed_for_an_hour_and_then_nothing_is_accepted() -> None:
    asking = Asking()
    asking.seconds += BELIEVED_SECONDS - 1
    asking.backlog._judge(False)
    asking.seconds += BELIEVED_SECONDS - 1
    assert asking.said() == (True, False)
    asking.seconds += 1
    assert asking.said() == (False, True)
    (sample,) = (one for metric in BACKLOG_ANSWER_AGE.collect() for one in metric.samples)
    assert sample.value == BELIEVED_SECONDS
    asking.backlog._judge(False)
    assert asking.said() == (True, False)


def test_without_any_answer_nothing_is_accepted_after_an_hour() -> None:
    asking = Asking()
    asking.seconds += BELIEVED_SECONDS - 1
    assert not asking.backlog.is_old()
    asking.seconds += 1
    assert asking.backlog.is_old()


class Reader:
    """Tells from which instant on it was asked."""

    def __init__(self) -> None:
        self.asked: dict[TopicPartition, int] = {}

    async def offsets_for_times(self, asked: dict[TopicPartition, int]) -> dict[Any, Any]:
        self.asked = asked
        return {
            TopicPartition("reports", 0): SimpleNamespace(offset=7),
            TopicPartition("reports", 1): None,
        }


async def test_young_is_what_came_within_12_hours_on_every_partition() -> None:
    reader = Reader()
    assert await Asking().backlog._first_young(cast("Any", reader)) == {0: 7}
    midnight_ms = int(NOON.replace(hour=0).timestamp() * 1000)
    assert reader.asked == {TopicPartition("reports", at): midnight_ms for at in range(2)}
