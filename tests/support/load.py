"""Load for the end-to-end tests, and the oracle that knows only what was sent and accepted."""

import asyncio
import itertools
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

CODES = ("fire_outdoors_public", "fire_indoors_public")

Cell = tuple[str, str, datetime]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """What one version of a report says; a withdrawal has no cell (area, code, instant)."""

    own_id: str
    number: int
    cell: Cell | None


@dataclass(slots=True)
class Oracle:
    """The winning version of every report that ingest accepted."""

    winners: dict[str, Version] = field(default_factory=dict)
    accepted: int = 0

    def accept(self, version: Version) -> None:
        self.accepted += 1
        known = self.winners.get(version.own_id)
        if known is None or version.number > known.number:
            self.winners[version.own_id] = version

    def cells(self) -> Counter[Cell]:
        return Counter(one.cell for one in self.winners.values() if one.cell)


class Load:
    """A seeded stream of rows: new, resent, corrected, withdrawn, out of order.

    A version of a report never says two things: which of them wins would depend on the log.
    """

    def __init__(self, *, areas: tuple[str, ...], tag: str, seed: int) -> None:
        self._chance = random.Random(seed)
        self._areas = areas
        self._tag = tag
        self._count = itertools.count(1)
        self._said: dict[tuple[str, int], tuple[Row, Version]] = {}
        self._newest: dict[str, int] = {}

    def batch(self, size: int) -> list[tuple[Row, Version]]:
        """Rows as sent, each with what it means."""
        return [self._next() for _ in range(size)]

    def _next(self) -> tuple[Row, Version]:
        kind = self._chance.random()
        if not self._newest or kind > 0.3:
            return self._say(f"{self._tag}-{next(self._count)}", 1, withdrawn=False)
        own_id = self._chance.choice(list(self._newest))
        newest = self._newest[own_id]
        if kind < 0.1:
            return self._say(own_id, newest + 1, withdrawn=True)
        step = self._chance.choice((-1, 0, 1, 2))
        return self._say(own_id, max(1, newest + step), withdrawn=False)

    def _say(self, own_id: str, number: int, *, withdrawn: bool) -> tuple[Row, Version]:
        if said := self._said.get((own_id, number)):
            return said
        made = self._withdrawal(own_id, number) if withdrawn else self._report(own_id, number)
        self._said[own_id, number] = made
        self._newest[own_id] = max(number, self._newest.get(own_id, 0))
        return made

    def _report(self, own_id: str, number: int) -> tuple[Row, Version]:
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        at = hour - timedelta(minutes=self._chance.randrange(600))
        area, code = self._chance.choice(self._areas), self._chance.choice(CODES)
        row = {
            "id": own_id,
            "version": number,
            "indicator": code,
            "occurred_at": at.isoformat(),
            "location": {"nyko": area},
            "text": "Ring Exempel Exempelsson, 070-000 00 00",
        }
        return row, Version(own_id, number, (area, code, at))

    def _withdrawal(self, own_id: str, number: int) -> tuple[Row, Version]:
        row = {"id": own_id, "version": number, "withdrawn": True}
        return row, Version(own_id, number, None)


async def send_until_accepted(
    session: aiohttp.ClientSession, url: str, *, key: str, rows: list[Row]
) -> None:
    """Send a batch again and again until it is answered with 202 and nothing is refused."""
    body = "".join(json.dumps(row) + "\n" for row in rows)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    while True:
        try:
            async with session.post(f"{url}/v1/reports", data=body, headers=headers) as answer:
                if answer.status == 202:
                    said = await answer.json()
                    assert said == {"accepted": len(rows), "rejected": []}
                    return
                assert answer.status in {429, 503}
        except (aiohttp.ClientError, OSError, TimeoutError):
            pass  # killed while it answered: nobody knows, so it is sent again
        await asyncio.sleep(0.1)


async def drive(
    load: Load, oracle: Oracle, url: str, *, key: str, until: asyncio.Event, batch: int = 50
) -> None:
    """Send batches of the load until told to stop; the last one is accepted, too."""
    timeout = aiohttp.ClientTimeout(total=15)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while not until.is_set():
            said = load.batch(batch)
            await send_until_accepted(session, url, key=key, rows=[row for row, _ in said])
            for _, version in said:
                oracle.accept(version)
            await asyncio.sleep(0.02)
