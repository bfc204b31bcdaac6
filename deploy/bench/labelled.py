"""Labelled places: what somebody might write, and the area in which it lies.

Made from a pack's registers and borders. The area of each is found by asking every border in turn;
of what does not exist, lies outside or may be several places, the truth is that nobody can know.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from deploy.bench.messy_addresses import MessyAddresses
from deploy.bench.messy_names import MessyNames
from deploy.bench.whereabouts import Location, Whereabouts
from shared.pack.model import Pack
from shared.pack.registers import Registers


@dataclass(frozen=True, slots=True)
class Labelled:
    """One place. Shape: `area` is the code of the leaf, `None` where nobody can know it."""

    kind: str
    location: Location
    area: str | None


class Labelling:
    """Makes labelled places of one pack."""

    def __init__(
        self, pack: Pack, registers: Registers, whereabouts: Whereabouts, rng: Random
    ) -> None:
        self._rng = rng
        self._kinds = {
            **dict(MessyAddresses(pack, registers, whereabouts, rng).kinds()),
            **dict(MessyNames(pack, registers, whereabouts, rng).kinds()),
            **dict(whereabouts.kinds(rng)),
        }

    def places(self, count: int) -> Iterator[Labelled]:
        """So many places of all kinds, by their weights."""
        kinds = list(self._kinds)
        weights = [self._kinds[kind][0] for kind in kinds]
        for kind in self._rng.choices(kinds, weights, k=count):
            location, area = self._kinds[kind][1]()
            yield Labelled(kind, location, area)
