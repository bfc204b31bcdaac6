"""Counts the log into the next generation, by the code that counts the live one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from services.aggregator.domain.plan import Claim, Extent, Plan, plan, refused
from services.aggregator.rebuild.reading import EventLog, Offsets
from services.aggregator.store import DATA_REFUSED, CountStore
from shared.errors import ConfigurationError
from shared.records import LogRecord

Told = Callable[[int], None]
"""Called with how many more records are counted."""


class NextCounting:
    """The next generation's way through the log; nobody else counts in it."""

    def __init__(self, log: EventLog, store: CountStore, told: Told) -> None:
        self._log = log
        self._store = store
        self._told = told
        self._claims: dict[int, Claim] = {}

    async def begin(self, extents: Mapping[int, range]) -> None:
        """Stand before the first record of every partition."""
        for partition, offsets in extents.items():
            extent = Extent(offsets.start, offsets.stop)
            self._claims[partition] = (await self._store.claim(partition, extent)).claim

    def behind(self, live: Offsets) -> int:
        """How many records are still to be counted to stand where the live generation does."""
        return sum(max(0, end - self._claims[at].next_offset) for at, end in live.items())

    async def up_to(self, live: Offsets) -> None:
        """Count up to exactly these offsets; while a batch is written the next one is prepared.

        Raises:
            LogSilent: the log does not give the records.
            ConfigurationError: a record of the log is missing between others.
        """
        first = {partition: claim.next_offset for partition, claim in self._claims.items()}
        writing: asyncio.Task[None] | None = None
        try:
            async for records in self._log.between(first, live):
                _refuse_gaps(records, self._claims)
                claims = dict(self._claims)
                planned = plan(records, claims)
                for step in planned.advances:
                    self._claims[step.partition] = Claim(step.epoch, step.to_offset)
                if writing:
                    await writing
                writing = asyncio.create_task(self._write(planned, records, claims))
            if writing:
                await writing
        finally:
            if writing:
                await asyncio.wait([writing])

    async def _write(
        self, planned: Plan, records: Sequence[LogRecord], claims: Mapping[int, Claim]
    ) -> None:
        try:
            await self._store.write(planned)
        except DATA_REFUSED:
            await self._write_by_parts(records, dict(claims))
        self._told(len(records))

    async def _write_by_parts(self, records: Sequence[LogRecord], claims: dict[int, Claim]) -> None:
        """Halve until the record that the database refuses is alone, and bury it."""
        if len(records) == 1:
            planned = refused(records[0], claims)
            await self._written(planned, claims)
            return
        middle = len(records) // 2
        for part in (records[:middle], records[middle:]):
            try:
                await self._written(plan(part, claims), claims)
            except DATA_REFUSED:
                await self._write_by_parts(part, claims)

    async def _written(self, planned: Plan, claims: dict[int, Claim]) -> None:
        await self._store.write(planned)
        for step in planned.advances:
            claims[step.partition] = Claim(step.epoch, step.to_offset)


def _refuse_gaps(records: Sequence[LogRecord], claims: Mapping[int, Claim]) -> None:
    """Each record must be the next one of its partition.

    Raises:
        ConfigurationError: one is missing before it.
    """
    expected = {partition: claim.next_offset for partition, claim in claims.items()}
    for record in records:
        next_offset = expected[record.partition]
        if record.offset != next_offset:
            gap = f"from {next_offset} up to {record.offset - 1}"
            raise ConfigurationError([f"partition {record.partition}: the log lacks records {gap}"])
        expected[record.partition] = next_offset + 1
