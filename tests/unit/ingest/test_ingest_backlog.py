"""Whether anything waits too long, by offsets."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.backlog import Backlog, waits


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


def test_before_the_first_answer_it_is_not_known_what_waits_and_that_is_no_refusal() -> None:
    waiting = Backlog(
        "unused:1",
        topic="reports",
        group="anonymizer",
        partitions=1,
        most=timedelta(hours=12),
        every_seconds=1,
        now=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC),
    )
    assert (waiting.is_known(), waiting.is_old()) == (False, False)
    waiting._judge(False)
    assert (waiting.is_known(), waiting.is_old()) == (True, False)
    waiting._judge(True)
    assert (waiting.is_known(), waiting.is_old()) == (True, True)
