"""Places of every sort as somebody names them in a sentence, with their prepositions."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from random import Random
from typing import Final

from deploy.bench.known import Truth, only
from deploy.bench.register_houses import RegisterHouses

MOST_DRAWS: Final = 20


@dataclass(frozen=True, slots=True)
class Spot:
    """A place, how it is written, the preposition that it takes, and the areas in which it may be."""

    name: str
    written: str
    preposition: str
    areas: AbstractSet[str | None]

    @property
    def at(self) -> str:
        """As in "it was on", "at" or "in"."""
        return f"{self.preposition} {self.written}"

    @property
    def truth(self) -> Truth:
        """What is true of something that is there."""
        return only(self.areas)


class Spots:
    """Draws places of one pack: houses, and whatever else has a name."""

    def __init__(self, houses: RegisterHouses, rng: Random) -> None:
        self._rng = rng
        self._houses = houses
        self._known = houses.known
        self._districts = [one for one in houses.others if one not in houses.points]

    def meant(self) -> Spot:
        """Where it was: an address with its locality, or an object or place that is one."""
        names = self._houses.points
        if names and self._rng.random() < 0.25:
            spot = self._named(self._rng.choice(names))
            if spot.truth.is_owed:
                return spot
        house = self._houses.any()
        return Spot(house.written, self._houses.full(house), "på", {house.area})

    def not_meant(self, meant: Spot | None = None) -> Spot:
        """Any place of ours; beside another place one that has no part in it, and mostly in another area."""
        for _ in range(MOST_DRAWS):
            spot = self._any()
            if meant is None:
                return spot
            may_share = spot.preposition == "på" and self._rng.random() < 0.2
            if spot.name not in meant.name and (may_share or not spot.areas & meant.areas):
                return spot
        return self._house()

    def _any(self) -> Spot:
        if self._rng.random() < 0.3:
            return self._named(self._rng.choice(self._houses.others))
        return self._house()

    def _house(self) -> Spot:
        """With its locality or without, or the street alone."""
        house = self._houses.any()
        draw = self._rng.random()
        if draw < 0.15:
            return Spot(house.street, house.street, "på", self._known.areas_of(house.street))
        written = house.written if draw < 0.6 else self._houses.full(house)
        return Spot(house.written, written, "på", {house.area})

    def _named(self, name: str) -> Spot:
        preposition = "i" if name in self._districts else "vid"
        return Spot(name, name, preposition, self._known.areas_named(name))


def said(text: str, rng: Random) -> str:
    """As a sentence, all in small letters or all in capitals, or as it stands."""
    draw = rng.random()
    if draw < 0.5:
        return text[:1].upper() + text[1:]
    if draw < 0.6:
        return text.lower()
    return text.upper() if draw < 0.63 else text
