"""Two of our own names or numbers in one text: they agree, they meet, or they contradict each other."""

from collections import defaultdict
from collections.abc import Iterator
from random import Random

from deploy.bench.known import NOBODY_KNOWS, House, all_agree, arguable, only, owed
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Kind, Location, Made

MOST_DRAWS = 50


class MessyPairs:
    """Makes texts with two names or numbers of the register."""

    def __init__(self, houses: RegisterHouses, rng: Random) -> None:
        self._rng = rng
        self._houses = houses
        self._known = houses.known
        self._neighbours: dict[tuple[str | None, str], list[House]] = defaultdict(list)
        for house in self._known.houses:
            self._neighbours[house.area, house.locality].append(house)

    def kinds(self) -> Iterator[Kind]:
        """Each kind with its weight and its maker."""
        yield "address_crossing", (20, self._crossing)
        yield "crossing_of_two_areas", (12, self._apart)
        yield "between_streets", (10, self._between_streets)
        yield "between_houses", (10, self._between_houses)
        yield "two_numbers", (25, self._two_numbers)
        yield "number_range", (20, self._range)
        yield "names_agree", (30, self._agree)
        yield "names_contradict", (40, self._contradict)

    def _crossing(self) -> Made:
        """Two streets that share an area and a locality."""
        house, other = self._two(same_area=True)
        return self._crossed(house, other, self._written_crossing(house, other))

    def _apart(self) -> Made:
        """Two streets of different areas, if there are, which nobody can know to meet."""
        house, other = self._two(same_area=False)
        return self._crossed(house, other, self._written_crossing(house, other))

    def _crossed(self, house: House, other: House, text: str) -> Made:
        """With the locality, if both lie in the same; by their names alone otherwise."""
        if house.locality != other.locality:
            area = self._known.crossing(house.street, other.street, None).area
            return {"address": text}, arguable(area)
        truth = self._known.crossing(house.street, other.street, house.locality)
        return {"address": f"{text}, {house.locality}"}, truth

    def _written_crossing(self, house: House, other: House) -> str:
        a, b = house.street, other.street
        return self._rng.choice(
            (
                f"{a} och {b}",
                f"korsningen {a}/{b}",
                f"korsningen {a} och {b}",
                f"{a}/{b}",
                f"{a} / {b}",
                f"hörnet {a} {b}",
                f"i hörnet av {a} och {b}",
                f"{a} x {b}",
                f"{a} korsar {b}",
                f"{a} vid {b}",
                f"där {a} möter {b}",
                f"{a} & {b}",
            )
        )

    def _between_streets(self) -> Made:
        """Somewhere from the one to the other: an area only if neither leaves it."""
        house, other = self._two(same_area=self._rng.random() < 0.5)
        text = f"mellan {house.street} och {other.street}"
        if house.locality == other.locality:
            place = house.locality
            truths = [self._known.of_street(one.street, place) for one in (house, other)]
            return {"address": f"{text}, {place}"}, all_agree(truths)
        return {"address": text}, all_agree(
            [self._known.of_street(one.street) for one in (house, other)]
        )

    def _between_houses(self) -> Made:
        """Two houses, or a house and something else that has a name."""
        house, other = self._two(same_area=self._rng.random() < 0.5)
        names = self._houses.points
        if names and self._rng.random() < 0.3:
            name = self._rng.choice(names)
            text = f"mellan {self._houses.full(house)} och {name}"
            return {"address": text}, all_agree(
                [owed(house.area), only(self._known.areas_named(name))]
            )
        text = self._rng.choice(
            ("mellan {a} och {b}", "mellan {a} & {b}", "gångvägen mellan {a} och {b}")
        )
        written = text.format(a=self._houses.full(house), b=self._houses.full(other))
        return {"address": written}, all_agree([owed(house.area), owed(other.area)])

    def _two_numbers(self) -> Made:
        """Two or three houses of a street."""
        house, other = self._two_of_a_street()
        numbers = f"{house.number}{house.letter}", f"{other.number}{other.letter}"
        form = self._rng.choice(("{} och {}", "{} o {}", "{} & {}", "{}, {}", "{} eller {}"))
        text = self._houses.with_place(house, f"{house.street} {form.format(*numbers)}")
        return {"address": text}, all_agree([owed(house.area), owed(other.area)])

    def _range(self) -> Made:
        house, other = self._two_of_a_street()
        first, last = sorted((house.number, other.number))
        dash = self._rng.choice(("-", "–", " - ", " till ", "--"))
        text = self._houses.with_place(house, f"{house.street} {first}{dash}{last}")
        return {"address": text}, self._known.between(house.street, first, last, house.locality)

    def _agree(self) -> Made:
        """A house and a name of ours that settles it, or leaves it as it was."""
        for _ in range(MOST_DRAWS):
            house = self._houses.any()
            name = self._rng.choice(self._houses.others)
            if name in self._houses.localities and name != house.locality:
                continue
            if self._known.areas_of(house.street) & self._known.areas_named(name) == {house.area}:
                return self._with_name(self._written(house), name), owed(house.area)
        return self._alone()

    def _contradict(self) -> Made:
        """A house and a name of ours whose areas none of the street's houses lies in.

        A school or a place just over the border may well be what the house is near to: then the house
        can be meant, and its area is as good an answer as none.
        """
        for _ in range(MOST_DRAWS):
            house = self._houses.any()
            name = self._rng.choice(self._houses.others)
            if self._known.areas_of(house.street) & self._known.areas_named(name):
                continue
            written = self._written(house)
            is_near = name in self._houses.points and self._houses.adjoin(house, name)
            by_house = is_near and written == house.written
            truth = arguable(house.area) if by_house else NOBODY_KNOWS
            return self._with_name(written, name), truth
        return self._alone()

    def _alone(self) -> Made:
        house = self._houses.any()
        return {"address": self._houses.full(house)}, owed(house.area)

    def _written(self, house: House) -> str:
        return house.written if self._rng.random() < 0.8 else house.street

    def _with_name(self, written: str, name: str) -> Location:
        """In the field for addresses, or all of it in the one for objects."""
        form = self._rng.choice(
            ("{a}, {x}", "{a}, {x}", "{a} i {x}", "{a} vid {x}", "{x}, {a}", "{x} {a}", "{a} ({x})")
        )
        field = "address" if self._rng.random() < 0.8 else "object"
        return {field: form.format(a=written, x=name)}

    def _two(self, *, same_area: bool) -> tuple[House, House]:
        """Houses of two streets, in one area and locality or in two areas, as far as there are."""
        house = self._houses.any()
        for _ in range(MOST_DRAWS):
            house = self._houses.any()
            there = self._neighbours[house.area, house.locality]
            other = self._rng.choice(there if same_area else self._known.houses)
            if other.street != house.street and (same_area or other.area != house.area):
                return house, other
        return house, house

    def _two_of_a_street(self) -> tuple[House, House]:
        house = self._houses.any()
        there = [
            one
            for one in self._known.houses
            if (one.street, one.locality) == (house.street, house.locality)
        ]
        return house, self._rng.choice(there)
