"""What the life of keys must know of the log of reports, and the deletion of what is done."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from shared.kafka import (
    administration,
    committed_offsets,
    delete_before,
    offsets_of,
    reading,
)

ANSWER_SECONDS = 10.0


class Log(Protocol):
    """What the life of keys asks of the log of reports."""

    async def ends(self) -> Sequence[int]:
        """The offset after the newest record of each partition."""

    async def processed(self) -> Sequence[int]:
        """How far the group has come in each partition."""

    async def delete_processed(self) -> Sequence[int]:
        """Delete what the group has committed."""


class ReportsLog:
    """One topic of reports and the group that processes it."""

    def __init__(self, bootstrap: str, *, topic: str, group: str, partitions: int) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._group = group
        self._partitions = partitions

    async def ends(self) -> Sequence[int]:
        """The offset after the newest record of each partition.

        Raises:
            shared.kafka.KAFKA_AWAY: Kafka does not answer.
        """
        return [one.stop for one in await self._offsets()]

    async def processed(self) -> Sequence[int]:
        """How far the group has come in each partition; a first record that nobody has read counts not.

        Raises:
            shared.kafka.KAFKA_AWAY: Kafka does not answer.
        """
        committed = await self._committed()
        firsts = [one.start for one in await self._offsets()]
        return [max(committed.get(number, 0), first) for number, first in enumerate(firsts)]

    async def delete_processed(self) -> Sequence[int]:
        """Delete every record that the group has committed; how far it has, by partition.

        Raises:
            shared.kafka.KAFKA_AWAY: Kafka does not answer.
        """
        committed = await self._committed()
        firsts = [one.start for one in await self._offsets()]
        done = {at: offset for at, offset in committed.items() if offset > firsts[at]}
        async with asyncio.timeout(ANSWER_SECONDS), administration(self._bootstrap) as admin:
            await delete_before(admin, self._topic, done)
        return [max(committed.get(number, 0), first) for number, first in enumerate(firsts)]

    async def _committed(self) -> Mapping[int, int]:
        async with asyncio.timeout(ANSWER_SECONDS), administration(self._bootstrap) as admin:
            return await committed_offsets(admin, self._group, self._topic, self._partitions)

    async def _offsets(self) -> Sequence[range]:
        async with (
            reading(
                self._bootstrap,
                client_id="lagesbild-anonymizer-keys",
                within_seconds=ANSWER_SECONDS,
            ) as reader,
            asyncio.timeout(ANSWER_SECONDS),
        ):
            found = await offsets_of(reader, self._topic, self._partitions)
        return [found[number] for number in range(self._partitions)]
