"""What a log lacks of what comes after a backup."""

import pytest

from deploy.backup.log_check import Lack, compared
from deploy.backup.manifest import Counted


def at(offset: int, partition: int = 0, *, log_id: str = "log") -> Counted:
    return Counted("group", "events", partition, offset, log_id)


@pytest.mark.parametrize(
    ("offset", "log", "to_count", "lacking"),
    [
        (5, range(9), 4, []),
        (5, range(5, 9), 4, []),
        (9, range(9), 0, []),
        (5, range(7, 9), 2, [Lack("events", 0, 2, "deleted")]),
        (5, range(9, 9), 0, [Lack("events", 0, 4, "deleted")]),
        (9, range(7), 0, [Lack("events", 0, 2, "beyond_end")]),
    ],
)
def test_the_log_must_hold_every_record_from_the_offset_on(
    offset: int, log: range, to_count: int, lacking: list[Lack]
) -> None:
    found = compared([at(offset)], {"events": {0: log}}, log_id="log")
    assert (found.to_count, list(found.lacking)) == (to_count, lacking)
    assert found.ok is not bool(lacking)


def test_each_partition_is_told_and_another_cluster_is_another_log() -> None:
    log = {"events": {0: range(3, 9), 1: range(9), 2: range(4, 6)}}
    found = compared([at(1, 0), at(2, 1), at(7, 3)], log, log_id="other")
    assert not found.same_log
    assert [(one.partition, one.records, one.reason) for one in found.lacking] == [
        (0, 2, "deleted"),
        (2, 4, "deleted"),  # nobody had counted it, so it would be counted from 0
        (3, 7, "beyond_end"),  # the topic has fewer partitions than were counted
    ]
    assert len(found.mistakes()) == 4
    assert found.to_count == 6 + 7 + 2
