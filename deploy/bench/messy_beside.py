"""One address and something beside it: words, directions, numbers that are no house."""

from collections.abc import Iterator
from random import Random

from deploy.bench import messy_phrases as phrases
from deploy.bench import messy_phrases_around as around
from deploy.bench.known import NOBODY_KNOWS, Truth, arguable, owed
from deploy.bench.messy_spots import said
from deploy.bench.other_towns import OtherTowns
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Kind, Made


class MessyBeside:
    """Makes addresses with something beside them."""

    def __init__(self, houses: RegisterHouses, others: OtherTowns, rng: Random) -> None:
        self._rng = rng
        self._houses = houses
        self._known = houses.known
        self._others = others

    def kinds(self) -> Iterator[Kind]:
        """Each kind with its weight and its maker."""
        yield "phrase_at", (60, self._at)
        yield "phrase_near", (40, self._near)
        yield "direction", (30, self._direction)
        yield "qualified_street", (8, self._qualified_street)
        yield "qualified_locality", (6, self._qualified_locality)
        yield "number_no_house", (25, self._no_house)
        yield "number_of_a_road", (8, self._other_road)
        yield "number_beside_house", (25, self._beside_a_house)
        yield "count_after_street", (10, lambda: self._after_street(around.COUNTED))
        yield "time_after_street", (8, lambda: self._after_street(around.TIMED))
        yield "one_thing_after_house", (5, self._one_thing)

    def _at(self) -> Made:
        house = self._houses.any()
        text = self._rng.choice(phrases.AT).format(a=self._houses.full(house))
        return {"address": text}, owed(house.area)

    def _near(self) -> Made:
        """Across the street may be another area; so only where the street has one."""
        house = self._houses.of_one_area()
        text = self._rng.choice(phrases.NEAR).format(a=self._houses.full(house))
        return {"address": text}, self._known.of_street(house.street, house.locality)

    def _direction(self) -> Made:
        house = self._houses.any()
        goal = self._rng.choice((*self._houses.others, self._others.any()))
        if self._rng.random() < 0.3:
            goal = self._rng.choice(self._houses.localities)
        text = self._rng.choice(phrases.DIRECTIONS).format(a=self._houses.full(house), x=goal)
        return {"address": text}, owed(house.area)

    def _qualified_street(self) -> Made:
        """The street that is called as ours with a word before it, and that we do not have."""
        house = self._houses.any()
        street = f"{self._rng.choice(phrases.QUALIFIERS)} {house.street}"
        text = self._houses.with_place(house, f"{street} {house.number}")
        if not self._known.is_street(street):
            return {"address": text}, NOBODY_KNOWS
        return {"address": text}, self._known.of_house(street, house.number, "", house.locality)

    def _qualified_locality(self) -> Made:
        """In a part of the locality, or in another one: the street tells, if we have but one."""
        house = self._houses.any()
        locality = f"{self._rng.choice(phrases.QUALIFIERS)} {house.locality}"
        is_one = len(self._known.localities_of(house.street)) == 1
        truth = arguable(house.area) if is_one else NOBODY_KNOWS
        return {"address": f"{house.written}, {locality}"}, truth

    def _no_house(self) -> Made:
        return self._numbered(phrases.NO_HOUSE)

    def _other_road(self) -> Made:
        """The road of another municipality makes it doubtful."""
        location, truth = self._numbered(phrases.OTHER_ROADS)
        return location, Truth(truth.area, is_owed=False)

    def _numbered(self, forms: tuple[str, ...]) -> Made:
        house = self._houses.any()
        street = self._houses.with_place(house, house.street)
        text = self._form(forms, s=street)
        return {"address": text}, self._known.of_street(house.street, house.locality)

    def _beside_a_house(self) -> Made:
        house = self._houses.any()
        text = self._form(phrases.BESIDE_A_HOUSE, a=self._houses.full(house))
        return {"address": text}, owed(house.area)

    def _after_street(self, forms: tuple[str, ...]) -> Made:
        """The number stands right behind the street, and a house may have it: it counts all the same."""
        house = self._houses.any()
        hour = self._rng.randint(8, 22)
        first, more = sorted(self._rng.sample(range(2, 13), 2))
        text = self._rng.choice(forms).format(
            s=house.street, n=first, m=more, hour=hour, later=hour + 1
        )
        form = self._rng.choice(("{t}, {x}", "{t}, {x}", "{x}, {t}", "{x}: {t}", "{t}"))
        truth = self._known.of_street(house.street, house.locality if "{x}" in form else None)
        return {"address": said(form.format(t=text, x=house.locality), self._rng)}, truth

    def _one_thing(self) -> Made:
        """What is one of its sort is not counted: the number is the house's."""
        house = self._houses.any()
        text = self._rng.choice(around.ONE_THING).format(h=house.written)
        form = self._rng.choice(("{t}, {x}", "{x}, {t}"))
        written = form.format(t=text, x=house.locality)
        return {"address": said(written, self._rng)}, owed(house.area)

    def _form(self, forms: tuple[str, ...], **written: str) -> str:
        return self._rng.choice(forms).format(
            **written,
            hour=self._rng.randint(10, 23),
            day=self._rng.randint(1, 28),
            month=self._rng.randint(1, 12),
            small=self._rng.randint(2, 9),
        )
