"""Whether anything waits too long, by offsets."""

import pytest

from services.ingest.backlog import waits


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
