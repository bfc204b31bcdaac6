"""Which faults come when, all of it from a seed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from types import MappingProxyType

FEWEST, MOST = 2, 4  # instances of a service that scales
PAUSE_S = (7.5, 10.0)  # longer than the group waits for a member, with time for others to take over
SCALING = ("aggregator", "anonymizer")


class Kind(StrEnum):
    """What is done to whom."""

    AGGREGATOR_KILL = "aggregator_kill"
    AGGREGATOR_PAUSE = "aggregator_pause"
    AGGREGATOR_JOIN = "aggregator_join"
    AGGREGATOR_LEAVE = "aggregator_leave"
    ANONYMIZER_KILL = "anonymizer_kill"
    ANONYMIZER_PAUSE = "anonymizer_pause"
    ANONYMIZER_JOIN = "anonymizer_join"
    ANONYMIZER_LEAVE = "anonymizer_leave"
    INGEST_KILL = "ingest_kill"
    DELIVERY_KILL = "delivery_kill"
    KAFKA_KILL = "kafka_kill"
    POSTGRES_KILL = "postgres_kill"
    POSTGRES_IMMEDIATE = "postgres_immediate"

    @property
    def part(self) -> str:
        """The program that it is done to."""
        return self.partition("_")[0]

    @property
    def verb(self) -> str:
        """What is done: kill, pause, join, leave or immediate."""
        return self.partition("_")[2]


WEIGHTS: Mapping[Kind, int] = MappingProxyType(
    {
        Kind.AGGREGATOR_KILL: 4,
        Kind.AGGREGATOR_PAUSE: 4,
        Kind.AGGREGATOR_JOIN: 2,
        Kind.AGGREGATOR_LEAVE: 2,
        Kind.ANONYMIZER_KILL: 3,
        Kind.ANONYMIZER_PAUSE: 2,
        Kind.ANONYMIZER_JOIN: 1,
        Kind.ANONYMIZER_LEAVE: 1,
        Kind.INGEST_KILL: 2,
        Kind.DELIVERY_KILL: 1,
        Kind.KAFKA_KILL: 1,
        Kind.POSTGRES_KILL: 2,
        Kind.POSTGRES_IMMEDIATE: 2,
    }
)
"""How often, relative to each other; each kind comes once before any comes again."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. Unit: `at_s` and `pause_s` in seconds. Shape: `target` is an instance's name."""

    at_s: float
    kind: Kind
    target: str
    pause_s: float = 0.0


def first_instances() -> dict[str, list[str]]:
    """The instances at the beginning, by service."""
    return {part: [instance(part, at + 1) for at in range(FEWEST)] for part in SCALING}


def instance(part: str, number: int) -> str:
    """The name of an instance."""
    return f"{part}-{number}"


def planned(
    *, seed: int, seconds: float, per_minute: float, kinds: Sequence[Kind] = tuple(Kind)
) -> list[Fault]:
    """The faults of a run, in their order, evenly spread but for a jitter.

    Joins and leaves keep the instances of a service between FEWEST and MOST.
    """
    chance = Random(f"faults {seed}")
    step = 60 / per_minute if per_minute else 0.0
    count = int(seconds / step) if step and kinds else 0
    present = first_instances()
    drawn = _drawn(chance, kinds, present)
    faults = []
    for number, kind in zip(range(count), drawn, strict=False):
        at_s = (number + chance.uniform(0, 0.8)) * step
        pause_s = chance.uniform(*PAUSE_S) if kind.verb == "pause" else 0.0
        faults.append(Fault(at_s, kind, _target(kind, present, chance), pause_s))
    return faults


def _drawn(
    chance: Random, kinds: Sequence[Kind], present: Mapping[str, Sequence[str]]
) -> Iterator[Kind]:
    """Kinds without end, each possible when it is asked for; none if none ever is."""
    deck = chance.sample(list(kinds), len(kinds))
    while True:
        deck = deck or _deck(chance, kinds)
        kind = next((one for one in deck if _is_possible(one, present)), None)
        if kind is not None:
            deck.remove(kind)
            yield kind
        elif any(_is_possible(one, present) for one in kinds):
            deck = []
        else:
            return


def _deck(chance: Random, kinds: Iterable[Kind]) -> list[Kind]:
    every = [kind for kind in kinds for _ in range(WEIGHTS[kind])]
    return chance.sample(every, len(every))


def _is_possible(kind: Kind, present: Mapping[str, Sequence[str]]) -> bool:
    if kind.verb == "join":
        return len(present[kind.part]) < MOST
    if kind.verb == "leave":
        return len(present[kind.part]) > FEWEST
    return True


def _target(kind: Kind, present: Mapping[str, list[str]], chance: Random) -> str:
    if kind.part not in present:
        return kind.part
    there = present[kind.part]
    if kind.verb == "join":
        names = (instance(kind.part, number) for number in range(1, MOST + 1))
        name = next(one for one in names if one not in there)
        there.append(name)
        return name
    name = chance.choice(there)
    if kind.verb == "leave":
        there.remove(name)
    return name
