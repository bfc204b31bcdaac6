"""People and firms that are called as places of ours are, alone and beside an address."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Final

from deploy.bench import messy_phrases_people as phrases
from deploy.bench.known import NOBODY_KNOWS, owed
from deploy.bench.messy_spots import said
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Kind, Made
from shared.pack.registers import Registers

SURNAMES_END_IN: Final = (
    "berg",
    "borg",
    "by",
    "dal",
    "fors",
    "gren",
    "hed",
    "holm",
    "kvist",
    "lind",
    "lund",
    "mark",
    "näs",
    "rud",
    "sten",
    "strand",
    "ström",
    "torp",
    "udd",
    "vall",
    "vik",
    "ås",
)


def surnames(names: Iterable[str]) -> list[str]:
    """The names that people have as well; and those made so by leaving out the article or an a."""
    found = set()
    for name in names:
        for bare in (name, name.removesuffix("en"), name.removesuffix("a")):
            if bare.isalpha() and bare.endswith(SURNAMES_END_IN):
                found.add(bare)
    return sorted(found)


class MessyPeople:
    """Makes texts with somebody's name, which is a place's too or nearly."""

    def __init__(self, registers: Registers, houses: RegisterHouses, rng: Random) -> None:
        self._rng = rng
        self._houses = houses
        self._names = surnames([*(row[0] for row in registers.places), *houses.localities])

    def kinds(self) -> Iterator[Kind]:
        """Each kind with its weight and its maker; none if no place is called as people are."""
        if self._names:
            yield "person", (8, lambda: self._alone(phrases.PERSON))
            yield "firm", (6, lambda: self._alone(phrases.FIRM))
        if self._names and self._houses.known.houses:
            yield "person_at_house", (10, lambda: self._at_house(phrases.PERSON_AT_HOUSE))
            yield "firm_at_house", (6, lambda: self._at_house(phrases.FIRM_AT_HOUSE))

    def _alone(self, forms: tuple[str, ...]) -> Made:
        """Where somebody lives or works is not known from what they are called."""
        field = "address" if self._rng.random() < 0.6 else "object"
        return {field: self._written(forms)}, NOBODY_KNOWS

    def _at_house(self, forms: tuple[str, ...]) -> Made:
        house = self._houses.any()
        return {"address": self._written(forms, a=self._houses.full(house))}, owed(house.area)

    def _written(self, forms: tuple[str, ...], **address: str) -> str:
        name = self._rng.choice(self._names)
        first, other = self._rng.sample(phrases.FIRST_NAMES, 2)
        firm = self._rng.choice(phrases.FIRMS).format(p=name)
        form = self._rng.choice(forms)
        return said(form.format(p=name, f=firm, first=first, other=other, **address), self._rng)
