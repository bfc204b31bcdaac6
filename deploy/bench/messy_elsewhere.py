"""Places that are named and are not where it was: denied, corrected, earlier, or where somebody lives."""

from collections.abc import Iterator
from random import Random

from deploy.bench import messy_phrases_elsewhere as phrases
from deploy.bench.known import NOBODY_KNOWS, House, owed
from deploy.bench.messy_spots import Spots, said
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Kind, Made

HIGHEST_NUMBER = 20


class MessyElsewhere:
    """Makes texts that name a place where it was not, alone or beside the one where it was."""

    def __init__(self, houses: RegisterHouses, rng: Random) -> None:
        self._rng = rng
        self._houses = houses
        self._spots = Spots(houses, rng)

    def kinds(self) -> Iterator[Kind]:
        """Each kind with its weight and its maker."""
        yield "denied", (8, lambda: self._alone(phrases.DENIED))
        yield "denied_and_corrected", (10, lambda: self._beside(phrases.CORRECTED))
        yield "number_corrected", (6, self._number_corrected)
        yield "earlier_place", (8, lambda: self._alone(phrases.EARLIER))
        yield "earlier_and_now", (10, lambda: self._beside(phrases.EARLIER_AND_NOW))

    def _alone(self, forms: tuple[str, ...]) -> Made:
        """Where it was not tells nobody where it was."""
        x, y = self._spots.not_meant(), self._spots.not_meant()
        text = self._rng.choice(forms).format(x=x.written, at_x=x.at, at_y=y.at)
        return {self._field(): said(text, self._rng)}, NOBODY_KNOWS

    def _beside(self, forms: tuple[str, ...]) -> Made:
        """Where it was counts, whatever else is named."""
        a = self._spots.meant()
        x = self._spots.not_meant(a)
        form = self._rng.choice(forms)
        text = form.format(x=x.written, at_x=x.at, a=a.written, at_a=a.at)
        return {self._field(): said(text, self._rng)}, a.truth

    def _number_corrected(self) -> Made:
        """One house of a street, and the number of another that may exist."""
        house = self._houses.any()
        form = self._rng.choice(phrases.NUMBER_CORRECTED)
        text = form.format(s=house.street, n=f"{house.number}{house.letter}", m=self._other(house))
        return {"address": said(f"{text}, {house.locality}", self._rng)}, owed(house.area)

    def _other(self, house: House) -> int:
        numbers = [one for one in range(1, HIGHEST_NUMBER) if one != house.number]
        return self._rng.choice(numbers)

    def _field(self) -> str:
        return "address" if self._rng.random() < 0.8 else "object"
