"""What the tripwire misses, and what it finds that is nothing, on generated Swedish writing.

python -m tests.support.tripwire_rates [--seed 1] [--count 10000]
"""

import argparse
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from shared.pack.model import Pack
from shared.tripwire import Kind, found_in, kinds_in_code
from tests.support.golden import pack
from tests.support.swedish import POSITIVES, Swedish, prose
from tests.support.typeset import SHARE, typeset

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
Draw = Callable[[Swedish], str]


@dataclass(frozen=True, slots=True)
class Missed:
    """How many of one kind were not found: as what they are, and as anything at all.

    Shape: `typeset` of those that were written had other signs than a keyboard's, and of these
    `typeset_missed` were not found at all.
    """

    kind: Kind
    written: int
    as_it: int
    at_all: int
    typeset: int
    typeset_missed: int


@dataclass(frozen=True, slots=True)
class Mistaken:
    """How many texts without an identifier were hit, and as what."""

    what: str
    texts: int
    hit: int
    kinds: Mapping[Kind, int]


def missed(seed: int, count: int) -> list[Missed]:
    """The misses of every kind, so many of each written."""
    found = []
    for name, forms in POSITIVES.items():
        kind, swedish = Kind(name), Swedish(Random(f"{seed} {name}"))
        counted: Counter[str] = Counter()
        for _ in range(count):
            text = by_keyboard = swedish.written(forms)
            if swedish.chance.random() < SHARE:
                text = typeset(text, swedish.chance)
            kinds, is_typeset = _kinds(text), text != by_keyboard
            counted["as_it"] += kind not in kinds
            counted["at_all"] += not kinds
            counted["typeset"] += is_typeset
            counted["typeset_missed"] += is_typeset and not kinds
        found.append(Missed(kind, count, **counted))
    return found


def mistaken(seed: int, count: int) -> list[Mistaken]:
    """The false hits in what may leave, and in what is never looked at, to show why."""
    chance = Random(f"{seed} clean")
    swedish = Swedish(chance)
    published, codes = _published(pack())
    drawn: Mapping[str, Draw] = {
        "prose with numbers": prose,
        "instants, ISO": lambda one: _instant(one).isoformat().replace("+00:00", "Z"),
        "counts to 1,000,000": lambda one: str(one.chance.randrange(1_000_000)),
        "shares, 6 decimals": lambda one: f"{one.chance.random():.6f}",
        "digests, hex (not looked at)": lambda one: f"{one.chance.getrandbits(256):064x}",
        "UUIDs (not looked at)": lambda one: str(UUID(int=one.chance.getrandbits(128), version=4)),
        "YYYYMMDDHHMM (not looked at)": lambda one: f"{_instant(one):%Y%m%d%H%M}",
        "seconds since 1970 (not looked at)": lambda one: str(int(_instant(one).timestamp())),
        "10 random digits (not looked at)": lambda one: one.digits(10),
    }
    return [
        _mistaken("names of the demo pack", published, _kinds),
        _mistaken("codes of the demo pack", codes, kinds_in_code),
        *(
            _mistaken(what, [draw(swedish) for _ in range(count)], _kinds)
            for what, draw in drawn.items()
        ),
    ]


def _kinds(text: str) -> frozenset[Kind]:
    return frozenset(one.kind for one in found_in(text))


def _mistaken(
    what: str, texts: Sequence[str], kinds_of: Callable[[str], Collection[Kind]]
) -> Mistaken:
    hits = [kinds for text in texts if (kinds := kinds_of(text))]
    return Mistaken(what, len(texts), len(hits), Counter(kind for one in hits for kind in one))


def _instant(swedish: Swedish) -> datetime:
    return EPOCH + timedelta(seconds=swedish.chance.randrange(31_536_000))


def _published(of: Pack) -> tuple[list[str], list[str]]:
    """Names and codes of a pack."""
    named = [name for one in of.indicators.values() for name in (one.name, one.name_en)]
    named += [name for one in of.actors.values() for name in (one.name, one.name_en)]
    return [*of.area_names.values(), *named], [*of.area_names, *of.indicators, *of.actors]


def lines(seed: int, count: int) -> Iterator[str]:
    """Both tables, for people."""
    yield f"seed {seed}, {count:,} of each"
    yield "| identifier | missed as such | missed altogether | of the typeset |"
    yield "|---|--:|--:|--:|"
    for miss in missed(seed, count):
        shares = (miss.as_it / miss.written, miss.at_all / miss.written)
        set_in = f"{miss.typeset_missed / miss.typeset:.2%} of {miss.typeset:,}"
        yield f"| {miss.kind} | {shares[0]:.2%} | {shares[1]:.2%} | {set_in} |"
    yield ""
    yield "| without an identifier | texts | hit | as |"
    yield "|---|--:|--:|---|"
    for one in mistaken(seed, count):
        kinds = ", ".join(f"{kind} {times}" for kind, times in sorted(one.kinds.items()))
        yield f"| {one.what} | {one.texts:,} | {one.hit / one.texts:.2%} | {kinds} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10_000)
    given = parser.parse_args()
    for line in lines(given.seed, given.count):
        print(line)  # noqa: T201 - it is what the command is for


if __name__ == "__main__":
    main()
