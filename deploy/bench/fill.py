"""Fills the event topic before the aggregator starts, and keeps what the true counts come from."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from deploy.bench import mix
from deploy.bench.history import TIERS, Block, History, Kind
from deploy.bench.records import Records, event_ids, partition_of_each
from shared.kafka import new_producer, send_all
from shared.topics import DEFAULT_PARTITIONS, EVENTS
from shared.windows import Tier

CLIENT = "lagesbild-bench-fill"
TELL_EVERY = 1_000_000  # records


@dataclass(slots=True)
class Filling:
    """What the topic holds.

    Shape: `kinds` records by kind; `cells` distinct cells by tier that the looked-at batches touch,
    of `looked_at` records. `withdrawn_records` say that an event is withdrawn, resends too.
    """

    history: History
    kinds: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    cells: dict[Tier, int] = field(default_factory=lambda: dict.fromkeys(TIERS, 0))
    looked_at: int = 0
    withdrawn_records: int = 0
    seed: int = 1

    @property
    def records(self) -> int:
        """Records of the log."""
        return self.history.records

    @property
    def events(self) -> int:
        """Distinct events: the rows that the event table will have."""
        return self.history.events

    def see(self, block: Block) -> None:
        """Note a block's mix, and what its part of one partition costs in cells.

        A backlog is read partition by partition, so a batch of the aggregator is like that part.
        """
        for kind in Kind:
            self.kinds[kind] += int((block.kinds == kind).sum())
        self.withdrawn_records += int((~block.columns.live).sum())
        ids = event_ids(block.numbers, seed=self.seed)
        some = partition_of_each(ids, DEFAULT_PARTITIONS) == 0
        self.looked_at += int(some.sum())
        changed = some & (block.kinds != Kind.RESEND)
        for tier in TIERS:
            self.cells[tier] += self._cells(block, changed, tier)

    def _cells(self, block: Block, changed: Any, tier: Tier) -> int:
        found = []
        for columns in (block.columns, block.before):
            rows = columns.of(np.flatnonzero(changed & columns.live))
            bucket = self.history.bucket(tier, self.history.occurred(rows))
            place = np.zeros(len(bucket), dtype=np.int64)  # wide enough for what follows
            for column in (rows.municipality, rows.indicator, rows.area):
                place = 100 * place + column
            found.append(1_000_000 * bucket + place)
        return len(np.unique(np.concatenate(found)))

    def mix(self) -> dict[str, float]:
        """Shares of the records by kind."""
        return {
            kind.name.lower(): round(count / self.records, 3) for kind, count in self.kinds.items()
        }

    def cells_per_1000(self) -> dict[str, float]:
        """Cells that a batch writes, per 1,000 of its records."""
        return {tier.value: round(1000 * self.cells[tier] / self.looked_at, 1) for tier in TIERS}


async def filled(
    bootstrap: str, *, events: int, seed: int, now: datetime, tell: Callable[[int], None]
) -> Filling:
    """Write a production mix of so many distinct events that ends now; `tell` gets records so far."""
    begins = now - timedelta(seconds=events / mix.NEW / mix.PER_SECOND)
    filling = Filling(History(seed=seed, begins=begins, ends=now), seed=seed)
    records = Records(filling.history, seed=seed, partitions=DEFAULT_PARTITIONS)
    producer = new_producer(bootstrap, client_id=CLIENT)
    sent: list[Awaitable[Any]] = []
    told = 0
    with _no_garbage_collection():
        try:
            await producer.start()
            while filling.events < events:
                block = filling.history.next_block(most_new=events - filling.events)
                filling.see(block)
                out = records.of(block)
                await asyncio.gather(*sent)
                sent = await send_all(producer, EVENTS.name, out)
                if filling.records - told >= TELL_EVERY:
                    told = filling.records
                    tell(told)
            await asyncio.gather(*sent)
        finally:
            await producer.stop()
    return filling


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Millions of young records that hold no circles: looking for some costs a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
