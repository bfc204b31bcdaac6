"""One run: the stages one after the other on the same servers, then all of them together.

The servers run in one stack and stay warm. The services run in further stacks, all in one folder
of their own so that they share their keys, and as many at a time as the figure asks for. Each
stage leaves its topic filled for the next.
"""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime

from deploy.bench import raw_copy, watch
from deploy.bench.bodies import Stationery
from deploy.bench.figures import Climb, Figures, Load, percent, rate
from deploy.bench.generator import Generator, Sent
from deploy.bench.place import Place, Tell
from deploy.bench.processes import cpu_seconds, rss_mb
from deploy.demo.latency import Stopwatch, follow
from deploy.embedded.ready import Ready
from deploy.embedded.service import SERVICES
from shared.language import Text
from shared.topics import DEFAULT_PARTITIONS, EVENTS, REPORTS

POST_ROWS = 500  # rows of a post under full load: a system that hands in its backlog
STEADY_ROWS = 10  # rows of a post when it is about latency
STEADY_RATE = 1000.0
STEADY_SECONDS = (3.0, 15.0)  # at least, at most
WARM_SHARE = 0.1
WARM_MOST = 20_000
IDLE_SECONDS = 10.0
REST_SECONDS = 1.0  # before it counts as idle


class Run:
    """Measures everything once."""

    def __init__(self, place: Place, *, events: int, seconds: float, tell: Tell) -> None:
        self._place = place
        self._events = events
        self._seconds = seconds
        self._tell = tell
        stationery = Stationery(place.pack, seed=1, now=datetime.now(UTC))
        self._bodies = stationery.bodies(rows=min(POST_ROWS, events))
        self._small_bodies = stationery.bodies(rows=STEADY_ROWS)
        self._accepted = 0
        self._rates: dict[str, float] = {}

    async def measured(self, *, load_average: tuple[float, ...]) -> Figures:
        """The figures of the run; everything that it started is stopped.

        Raises:
            CannotStart, NotReady, StalledError, UnexpectedAnswerError: it cannot be measured.
        """
        async with self._place.servers() as servers:
            await raw_copy.warm(
                servers.ready.kafka, partitions=DEFAULT_PARTITIONS, records=self._events
            )
            self._tell(Text(sv="Kafka är varm", en="Kafka is warm"))
            async with self._place.services(servers.ready, "anonymizer"):
                pass  # it has announced a key when it is ready, or ingest alone could not seal
            await self._ingest(servers.ready)
            await self._raw_kafka(servers.ready)
            await self._anonymizer(servers.ready)
            await self._aggregator(servers.ready)
            return await self._together(servers.ready, load_average)

    async def _ingest(self, servers: Ready) -> None:
        async with (
            self._place.services(servers, "ingest") as stack,
            _generator(stack.ready) as generator,
        ):
            warm = min(WARM_MOST, round(self._events * WARM_SHARE))
            await self._sent(generator.post_events(self._bodies, at_least=warm))
            sent = await self._sent(generator.post_events(self._bodies, at_least=self._events))
        self._note("ingest", rate(sent.accepted, sent.seconds))

    async def _raw_kafka(self, servers: Ready) -> None:
        copied = await raw_copy.copied(
            servers.kafka, REPORTS.name, partitions=DEFAULT_PARTITIONS, records=self._accepted
        )
        self._note("raw_kafka", copied)

    async def _anonymizer(self, servers: Ready) -> None:
        async with watch.topic_end(
            servers.kafka, EVENTS.name, partitions=DEFAULT_PARTITIONS
        ) as ended:
            await self._alone("anonymizer", servers, ended)

    async def _aggregator(self, servers: Ready) -> None:
        async with watch.passed_and_counted(servers.postgres, EVENTS.name) as (passed, _):
            await self._alone("aggregator", servers, passed)

    async def _alone(self, stage: str, servers: Ready, count: watch.Count) -> None:
        """Start a service before its filled topic, and time it until it is through."""
        goal = self._accepted
        looking = asyncio.create_task(
            watch.climbed(stage, count, Climb(start=0, goal=goal), goal=goal)
        )
        try:
            async with self._place.services(servers, stage):
                self._note(stage, (await looking).rate())
        finally:
            looking.cancel()

    async def _together(self, servers: Ready, load_average: tuple[float, ...]) -> Figures:
        async with (
            self._place.services(servers, *SERVICES) as stack,
            _generator(stack.ready) as generator,
            watch.passed_and_counted(servers.postgres, EVENTS.name) as (passed, counted),
        ):
            load = await self._whole_way(generator, passed, _pids(servers, stack.ready))
            latency = await self._latency(generator, servers)
            await self._drained(passed)
            services = _pids(stack.ready)
            idle_cpu = await _idle(services)
            return Figures(
                rates=self._rates,
                latency_s=latency,
                rss_mb={name: rss_mb(pid) for name, pid in services.items()},
                idle_cpu=idle_cpu,
                load=load,
                accepted=self._accepted,
                counted=await counted(),
                load_average=load_average,
            )

    async def _whole_way(
        self, generator: Generator, passed: watch.Count, pids: Mapping[str, int]
    ) -> Load:
        """The rate until the last event is counted, and what everyone used meanwhile."""
        warm = round(self._events * WARM_SHARE)
        await self._sent(generator.post_events(self._bodies, at_least=min(WARM_MOST, warm)))
        await self._drained(passed)
        used, own, began = cpu_seconds(pids), time.process_time(), time.perf_counter()
        sent = await self._sent(generator.post_for(self._bodies, seconds=self._seconds))
        await self._drained(passed)
        took = time.perf_counter() - began
        self._note("pipeline", rate(sent.accepted, took))
        now = cpu_seconds(pids)
        cpu = {name: now[name] - used[name] for name in pids}
        return Load(
            events=sent.accepted,
            seconds=took,
            drain_s=took - sent.seconds,
            cpu_s={**cpu, "generator": time.process_time() - own},
        )

    async def _latency(self, generator: Generator, servers: Ready) -> tuple[float, ...]:
        stopwatch = Stopwatch()
        following = asyncio.create_task(follow(servers.postgres, stopwatch))
        shortest, longest = STEADY_SECONDS
        try:
            await self._sent(
                generator.post_steadily(
                    self._small_bodies,
                    per_second=STEADY_RATE,
                    seconds=min(longest, max(shortest, self._seconds)),
                    watch=stopwatch,
                    ids=self._place.ids(),
                )
            )
            while stopwatch.awaited:  # noqa: ASYNC110 - the follower takes them away
                await asyncio.sleep(watch.LOOK_EVERY_S)
        finally:
            following.cancel()
            await asyncio.wait([following])
        self._tell(Text(sv="latens: klar", en="latency: done"))
        return tuple(stopwatch.samples)

    async def _drained(self, passed: watch.Count) -> None:
        goal = self._accepted
        await watch.climbed("pipeline", passed, Climb(start=0, goal=goal), goal=goal)

    async def _sent(self, sending: Awaitable[Sent]) -> Sent:
        sent = await sending
        self._accepted += sent.accepted
        return sent

    def _note(self, stage: str, per_second: float) -> None:
        self._rates[stage] = per_second
        self._tell(Text(sv=f"{stage}: {per_second:,.0f}/s", en=f"{stage}: {per_second:,.0f}/s"))


def _generator(ready: Ready) -> Generator:
    keys = {actor: keys["report"] for actor, keys in ready.keys.actors.items()}
    return Generator(ready.ingest, keys=keys)


def _pids(*running: Ready) -> dict[str, int]:
    """The processes of these stacks that run now."""
    return {name: pid for ready in running for name, pid in ready.pids.items() if pid}


async def _idle(pids: Mapping[str, int]) -> dict[str, float]:
    """Percent of one core while nothing is asked of them."""
    await asyncio.sleep(REST_SECONDS)
    before, began = cpu_seconds(pids), time.perf_counter()
    await asyncio.sleep(IDLE_SECONDS)
    after, took = cpu_seconds(pids), time.perf_counter() - began
    return {name: percent(after[name] - before[name], took) for name in pids}
