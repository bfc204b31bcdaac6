"""Linking on real PostgreSQL while clocks are wrong, or the database forgets: no actor is twice."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import msgspec
import pytest
import structlog
from prometheus_client import CollectorRegistry

from deploy.bench.linking_town import told
from services.anonymizer.domain.anonymized import Anonymized
from services.anonymizer.linking import Arrival, Linking
from services.anonymizer.measure.linking import sightings
from services.anonymizer.metrics import Metrics
from services.anonymizer.retention import forget
from shared.kafka import Outgoing
from shared.messages.event import Event
from shared.postgres import Pool
from tests.support.linking import (
    EVENT,
    HOUR_MS,
    Clock,
    MemoryKeys,
    a_pool,
    an_instance,
    arrival,
    flat,
    incidents,
    linkers,
    twin,
)
from tests.support.servers import Database

SEED, STEPS, PLACES = 1, 40, 8
ACTORS = ["fire", "police", "guards", "housing"]
KEPT = timedelta(days=400)
BEGAN = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
BEGAN_MS = int(BEGAN.timestamp() * 1000)
FIRST = arrival(sightings(told(5, days=2))[0].anonymized, received_ms=BEGAN_MS)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with a_pool(database) as made:
        yield made


async def begun(pool: Pool, keys: MemoryKeys, clock: Clock) -> None:
    """An incident of two reports, five hours apart."""
    linking = an_instance(pool, keys, clock)
    for actor, number, hour in (("fire", 1, 0), ("police", 2, 5)):
        clock.ms = BEGAN_MS + hour * HOUR_MS
        published = flat(await linking.events([twin(FIRST, actor, number, hour=hour)]))
    assert len(incidents(published)) == 2


@pytest.mark.parametrize(
    "why", ["the token is deleted", "the key is gone", "both are there", "it has left"]
)
async def test_who_starts_lets_nobody_into_an_incident_of_which_a_report_is_not_remembered(
    pool: Pool, why: str
) -> None:
    """The first one's token was deleted by a clock that is 3 h ahead, or its day's key with one."""
    keys, clock = MemoryKeys(), Clock()
    await begun(pool, keys, clock)
    clock.ms = BEGAN_MS + 22 * HOUR_MS
    if why == "the token is deleted":
        await forget(pool, clock.now() + timedelta(hours=3), kept=KEPT)
    elif why == "the key is gone":
        keys.destroy(BEGAN.date())  # the second one's is the next day's
    elif why == "it has left":
        await an_instance(pool, keys, clock).events([withdrawn(twin(FIRST, "fire", 1, version=2))])
    late = [twin(FIRST, "guards", 3, hour=22)]
    joins = incidents(flat(await an_instance(pool, keys, clock).events(late)))
    assert bool(joins) is (why in {"both are there", "it has left"})


def withdrawn(one: Arrival) -> Arrival:
    record, seen = one
    gone = Event(seen.event.event_id, seen.event.version, seen.event.municipality, live=False)
    return record, Anonymized(gone, seen.actor)


class Instance:
    """An anonymizer with a clock of its own."""

    def __init__(self, pool: Pool, keys: MemoryKeys) -> None:
        self._pool, self._keys, self._clock = pool, keys, Clock()
        self.start()

    def start(self) -> None:
        self._linkers = linkers(self._keys, self._clock)
        self._linking = Linking(self._pool, self._linkers, Metrics(CollectorRegistry()))

    def set_clock(self, hour: float) -> None:
        self._clock.ms = BEGAN_MS + int(hour * HOUR_MS)

    async def forget(self) -> None:
        self._linkers.expire()
        await forget(self._pool, self._clock.now(), kept=KEPT)

    async def tell(self, some: list[Arrival]) -> list[Outgoing]:
        return flat(await self._linking.events(some))


@pytest.mark.parametrize(("hour", "left"), [(-0.1, 3), (0.1, 2), (5.1, 1)])
async def test_a_decision_goes_so_long_before_the_newest_one_whatever_the_clock_says(
    pool: Pool, hour: float, left: int
) -> None:
    """A clock that is years ahead deletes nothing that a replay or a correction needs."""
    keys, clock = MemoryKeys(), Clock()
    await begun(pool, keys, clock)
    count = "select count(*) from linkage.decision"
    await forget(pool, clock.now() + timedelta(days=5000), kept=KEPT)
    assert await pool.fetchval(count) == 2
    newest = twin(FIRST, "fire", 3, hour=KEPT / timedelta(hours=1) + hour)
    await an_instance(pool, keys, clock).events([newest])
    await forget(pool, clock.now(), kept=KEPT)
    assert await pool.fetchval(count) == left


async def test_a_founder_whose_decision_is_gone_is_left_out_aloud(pool: Pool) -> None:
    """Who remembers it links to it; it cannot be published again, and nothing stands still for it."""
    clock, registry = Clock(), CollectorRegistry()
    clock.ms = BEGAN_MS
    linking = an_instance(pool, MemoryKeys(), clock, registry=registry)
    await linking.events([twin(FIRST, "fire", 1), twin(FIRST, "fire", 9, hour=0.5)])
    await pool.execute("delete from linkage.decision where event_id = $1", UUID(int=1))
    joiner = [twin(FIRST, "police", 2, hour=1)]
    for one in (linking, an_instance(pool, MemoryKeys(), clock)):
        with structlog.testing.capture_logs() as logs:
            published = flat(await one.events(joiner))
        assert list(incidents(published)) == [UUID(int=2).bytes]
        assert {"event": "founders_missing", "log_level": "error", "count": 1} in logs
    assert registry.get_sample_value("lagesbild_founders_missing_total") == 1


@pytest.mark.parametrize("others", [0, 1, 2], ids=["fewer", "as many", "more"])
async def test_a_database_that_lost_its_last_decisions_is_read_anew(
    pool: Pool, others: int
) -> None:
    """It took over without the last commit; whoever lives hears what others decided since."""
    keys, clock = MemoryKeys(), Clock()
    clock.ms = BEGAN_MS
    living = an_instance(pool, keys, clock)
    await living.events([twin(FIRST, "fire", 1)])
    await living.events([twin(FIRST, "police", 2)])
    await pool.execute("delete from linkage.token where seq = 2")
    await pool.execute("delete from linkage.decision where seq = 2")
    await pool.execute("update linkage.municipality set last_seq = 1")
    other = an_instance(pool, keys, clock)
    for number in range(others):
        await other.events([twin(FIRST, ["guards", "housing"][number], 3 + number)])
    published = incidents(flat(await living.events([twin(FIRST, "guards", 7)])))
    assert UUID(int=2).bytes not in published  # it is not known any more
    assert (UUID(int=7).bytes in published) is (others == 0)  # one of the guards is in it


class Walk:
    """What actors tell of some places that are far apart, at random, and what the log says of it."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._told: list[tuple[int, str, int]] = []
        self.versions: Counter[int] = Counter()
        self.held: dict[UUID, Event] = {}
        self.actors: dict[UUID, str] = {}

    def reports(self, hour: float) -> list[Arrival]:
        """One for each place: a new one, or a correction or withdrawal of a late one."""
        return [self._report(place, hour) for place in range(PLACES)]

    def _report(self, place: int, hour: float) -> Arrival:
        recent = [one for one in self._told[-4 * PLACES :] if one[2] == place]
        number, actor, _ = one = (len(self._told) + 1, self._chance.choice(ACTORS), place)
        is_new = not recent or self._chance.random() < 0.75
        if is_new:
            self._told.append(one)
        else:
            number, actor, _ = self._chance.choice(recent)
        self.versions[number] += 1
        record, seen = twin(FIRST, actor, number, hour=hour, version=self.versions[number])
        self.actors[seen.event.event_id] = actor
        if not is_new and self._chance.random() < 0.5:
            return withdrawn((record, seen))
        return record, msgspec.structs.replace(seen, e=seen.e + 10_000 * place)

    def hold(self, event: Event) -> None:
        """As every reader of the log does (decision 0026)."""
        before = self.held.get(event.event_id)
        if before is None or (before.version, before.incident_id is not None) < (
            event.version,
            event.incident_id is not None,
        ):
            self.held[event.event_id] = event

    def members(self) -> Counter[tuple[UUID, str]]:
        """How many live reports of each actor are in each incident."""
        return Counter(
            (event.incident_id, self.actors[event.event_id])
            for event in self.held.values()
            if event.live and event.incident_id
        )


async def test_no_actor_is_twice_in_an_incident_whatever_the_clocks_say(pool: Pool) -> None:
    """Reports, corrections, withdrawals, and starts, while each clock jumps for some hours at times."""
    chance, keys = Random(SEED), MemoryKeys()
    both, walk, hour = [Instance(pool, keys) for _ in range(2)], Walk(chance), 0.0
    for _ in range(STEPS):
        hour += chance.expovariate(1 / 4)
        one = chance.choice(both)
        one.set_clock(hour + chance.choice([0, 0, -3, 4, 9, 15]))
        await one.forget()
        if chance.random() < 0.7:
            one.set_clock(hour)
        if chance.random() < 0.15:
            one.start()
        for record in await one.tell(walk.reports(hour)):
            walk.hold(EVENT.decode(record.value))
    members = walk.members()
    assert len(members) > 5 * PLACES
    assert max(members.values()) == 1
