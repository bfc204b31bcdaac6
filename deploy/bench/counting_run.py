"""One run of `lagesbild bench aggregator`: fill the topic, race the peer, then time one aggregator.

The peer goes first, while the database is still empty and the broker is warm from the filling.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from deploy.bench import peer, watch
from deploy.bench.counting_figures import AGGREGATOR, CountingFigures
from deploy.bench.fill import Filling, filled
from deploy.bench.looking import Looking
from deploy.bench.mix import grain_shares
from deploy.bench.place import Place, Tell
from deploy.bench.samples import Course
from deploy.bench.truth import wrong_sums
from deploy.embedded.ready import Ready
from shared.language import Text
from shared.postgres import queries
from shared.topics import EVENTS

SEED = 1


@dataclass(frozen=True, slots=True)
class CountingRun:
    """Measures one aggregator on a log of so many distinct events."""

    place: Place
    events: int
    with_peer: bool
    tell: Tell

    async def measured(self, *, load_average: tuple[float, ...]) -> CountingFigures:
        """The figures of the run; everything that it started is stopped.

        Raises:
            CannotStart, NotReady, StalledError: it cannot be measured.
        """
        async with self.place.servers() as stack:
            servers = stack.ready
            began = time.perf_counter()
            filling = await filled(
                servers.kafka,
                events=self.events,
                seed=SEED,
                now=datetime.now(UTC).replace(microsecond=0),
                tell=lambda records: self._say(f"{records:,} →", f"{records:,} →"),
            )
            took = time.perf_counter() - began
            found = await self._race(servers, filling) if self.with_peer else None
            await _checkpoint(servers.postgres)
            course = await self._counted(servers, filling)
            self._say(
                f"aggregator: {course.per_second:,.0f}/s; kontrollerar",
                f"aggregator: {course.per_second:,.0f}/s; checking",
            )
            return CountingFigures(
                course=course,
                peer=found,
                load=_load(filling, took),
                wrong=await wrong_sums(servers.postgres, filling.history),
                load_average=load_average,
            )

    async def _race(self, servers: Ready, filling: Filling) -> peer.PeerResult | None:
        python = peer.python_of_peer()
        if python is None:
            self.tell(peer.MISSING)
            return None
        await _checkpoint(servers.postgres)
        live = filling.records - filling.withdrawn_records
        written = self.place.folder / "peer.log"
        with written.open("w", encoding="utf-8") as log:
            found = await peer.raced(
                python,
                servers,
                events=min(peer.MOST_EVENTS, live),
                folder=self.place.folder / "peer-state",
                log=log,
            )
        if found is None:
            self.tell(peer.failed(written))
        else:
            self._say(f"Quix: {found.per_second:,.0f}/s", f"Quix: {found.per_second:,.0f}/s")
        return found

    async def _counted(self, servers: Ready, filling: Filling) -> Course:
        """Start the aggregator before its filled topic, and look until it is through."""
        known = {name: pid for name, pid in servers.pids.items() if pid}
        async with (
            watch.passed_and_counted(servers.postgres, EVENTS.name) as (passed, _),
            Looking(
                AGGREGATOR, passed, known, filling.records, self.tell
            ).until_through() as looking,
            self.place.services(servers, AGGREGATOR),
        ):
            samples = await looking
        return Course(samples, records=filling.records, events=filling.events)

    def _say(self, sv: str, en: str) -> None:
        self.tell(Text(sv=sv, en=en))


def _load(filling: Filling, seconds: float) -> dict[str, object]:
    return {
        "records": filling.records,
        "events": filling.events,
        "mix": filling.mix(),
        "cells_per_1000_events": filling.cells_per_1000(),
        "grains": grain_shares(),
        "filled_per_s": round(filling.records / seconds),
    }


async def _checkpoint(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(queries("deploy.bench")["checkpoint"], timeout=120)
    finally:
        await connection.close()
