"""What Kafka deleted before anybody had anonymized it is counted, whoever has committed what."""

from collections.abc import Sequence
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from services.anonymizer.domain.progress import Progress
from services.anonymizer.ownership import Membership

PARTITION = TopicPartition("reports", 0)


class Consumer:
    """One partition: its first offset, and what the group has committed."""

    def __init__(self, first: int, committed: int | None) -> None:
        self._first, self._committed = first, committed

    async def beginning_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self._first)

    async def committed(self, _partition: TopicPartition) -> int | None:
        return self._committed


@pytest.mark.parametrize(
    ("first", "committed", "missed"),
    [(0, None, []), (9, 9, []), (5, 9, []), (9, 5, [4]), (9, None, [9])],
)
async def test_what_was_deleted_unread_is_counted(
    first: int, committed: int | None, missed: list[int]
) -> None:
    found: list[int] = []
    membership = Membership(Progress(), on_missed=found.append)
    membership.follow(lambda: cast("Any", Consumer(first, committed)))
    await membership.on_partitions_assigned([PARTITION])
    assert found == missed
