"""Labelled places: what somebody might write, and the area in which it lies.

Made from a pack's registers and borders. The area of each is found by asking every border in turn;
of what does not exist, lies outside or may be several places, the truth is that nobody can know.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from deploy.bench.known import Truth
from deploy.bench.messy_addresses import MessyAddresses
from deploy.bench.messy_around import MessyAround
from deploy.bench.messy_beside import MessyBeside
from deploy.bench.messy_elsewhere import MessyElsewhere
from deploy.bench.messy_names import MessyNames
from deploy.bench.messy_pairs import MessyPairs
from deploy.bench.messy_people import MessyPeople
from deploy.bench.messy_ways import MessyWays
from deploy.bench.other_towns import OtherTowns
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Kind, Location, Whereabouts
from shared.pack.model import Pack
from shared.pack.registers import Registers, Row


@dataclass(frozen=True, slots=True)
class Labelled:
    """One place and what is true of it."""

    kind: str
    location: Location
    truth: Truth


class Labelling:
    """Makes labelled places of one pack, of those kinds that its registers have rows for."""

    def __init__(
        self,
        pack: Pack,
        registers: Registers,
        whereabouts: Whereabouts,
        rng: Random,
        held_out: Sequence[Row] = (),
    ) -> None:
        self._rng = rng
        houses = RegisterHouses(pack, registers, whereabouts, rng, held_out)
        others = OtherTowns(pack, registers, rng)
        kinds: list[Kind] = []
        if houses.known.houses:
            kinds += MessyAddresses(houses, others, rng).kinds()
            kinds += MessyBeside(houses, others, rng).kinds()
            kinds += MessyPairs(houses, rng).kinds()
            kinds += MessyElsewhere(houses, rng).kinds()
        kinds += MessyNames(registers, whereabouts, houses, others, rng).kinds()
        kinds += MessyWays(registers, whereabouts, houses, others, rng).kinds()
        kinds += MessyPeople(registers, houses, rng).kinds()
        kinds += MessyAround(registers, whereabouts, houses, rng).kinds()
        kinds += whereabouts.kinds(rng)
        self._kinds = dict(kinds)

    def places(self, count: int) -> Iterator[Labelled]:
        """So many places of all kinds, by their weights."""
        kinds = list(self._kinds)
        weights = [self._kinds[kind][0] for kind in kinds]
        for kind in self._rng.choices(kinds, weights, k=count):
            location, truth = self._kinds[kind][1]()
            yield Labelled(kind, location, truth)
