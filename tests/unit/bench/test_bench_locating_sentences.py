"""What a report names without meaning it tells no area, and what it means does."""

import math
import re
from collections.abc import Callable
from random import Random
from typing import TypeAlias

import pytest

from deploy.bench import messy_phrases_around as around
from deploy.bench import messy_phrases_elsewhere as elsewhere
from deploy.bench import messy_phrases_people as people
from deploy.bench.known import NOBODY_KNOWS, Truth, arguable, owed
from deploy.bench.messy_around import CLOSE_METRES, NOT_FAR_METRES, MessyAround
from deploy.bench.messy_beside import MessyBeside
from deploy.bench.messy_elsewhere import MessyElsewhere
from deploy.bench.messy_people import MessyPeople, surnames
from deploy.bench.messy_spots import Spot, Spots, said
from deploy.bench.other_towns import OtherTowns
from deploy.bench.register_houses import RegisterHouses
from deploy.bench.whereabouts import Kind, Made, Whereabouts
from deploy.municipalities.generate import DEMO
from shared.pack import load_pack
from shared.pack.geometry import load_polygons
from shared.pack.registers import Registers, Row, load_registers

PACK = load_pack(DEMO)
REGISTERS = load_registers(DEMO)
WHEREABOUTS = Whereabouts(PACK, load_polygons(PACK))
AREA_OF_PLACE = {row[0]: WHEREABOUTS.area_of_row(row) for row in REGISTERS.places}
AREA_OF_HOUSE = {
    (f"{row[0]} {row[1]}{row[2]}".casefold(), row[3].casefold()): WHEREABOUTS.area_of_row(row)
    for row in REGISTERS.addresses
}
Kinds: TypeAlias = dict[str, tuple[int, Callable[[], Made]]]
METRES_OF_A_DEGREE = 111_320.0
FAMILIES = {
    f"{module.__name__.rsplit('_', 1)[-1]}.{name}": forms
    for module in (around, elsewhere, people)
    for name, forms in vars(module).items()
    if name.isupper()
}


def houses_of(registers: Registers) -> RegisterHouses:
    return RegisterHouses(PACK, registers, WHEREABOUTS, Random(1))


def made(kinds: Kinds, kind: str) -> list[tuple[str, Truth]]:
    drawn = (kinds[kind][1]() for _ in range(400))
    return [(str(next(iter(location.values()))), truth) for location, truth in drawn]


@pytest.fixture(scope="module")
def of_demo() -> Kinds:
    houses, rng = houses_of(REGISTERS), Random(2)
    others = OtherTowns(PACK, REGISTERS, rng)
    kinds: list[Kind] = [
        *MessyElsewhere(houses, rng).kinds(),
        *MessyPeople(REGISTERS, houses, rng).kinds(),
        *MessyAround(REGISTERS, WHEREABOUTS, houses, rng).kinds(),
        *MessyBeside(houses, others, rng).kinds(),
    ]
    return dict(kinds)


def area_of(part: str) -> str | None:
    """The area of the one address with its locality, or else of the one place, in part of a text."""
    text = part.casefold()
    found = {
        area
        for (house, locality), area in AREA_OF_HOUSE.items()
        if house in text and locality in text and re.search(rf"\b{house}\b", text)
    }
    found = found or {
        area for name, area in AREA_OF_PLACE.items() if text.strip(" .").endswith(name.casefold())
    }
    return found.pop() if len(found) == 1 else None


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_has_a_dozen_phrases_and_each_of_them_once(family: str) -> None:
    assert len({one.casefold() for one in FAMILIES[family]}) == len(FAMILIES[family]) >= 12


def test_what_was_meant_and_what_was_not_stand_in_each_phrase_for_both() -> None:
    for form in (*elsewhere.CORRECTED, *elsewhere.EARLIER_AND_NOW):
        assert len(re.findall(r"\{(?:at_)?a\}", form)) == 1
        assert len(re.findall(r"\{(?:at_)?x\}", form)) == 1
    assert not [one for one in (*elsewhere.DENIED, *elsewhere.EARLIER) if "a}" in one]
    assert all("{s}" in one for one in (*elsewhere.NUMBER_CORRECTED, *around.COUNTED))


@pytest.mark.parametrize(
    "kind",
    ["denied", "earlier_place", "person", "firm", "outside_of_district", "far_or_towards"],
)
def test_a_place_that_is_only_named_tells_nothing(kind: str, of_demo: Kinds) -> None:
    assert {truth for _, truth in made(of_demo, kind)} == {NOBODY_KNOWS}


@pytest.mark.parametrize(
    ("kind", "before"),
    [
        ("denied_and_corrected", " utan "),
        ("denied_and_corrected", "rätt adress "),
        ("denied_and_corrected", "visade sig vara "),
        ("earlier_and_now", ", hände "),
        ("earlier_and_now", " men nu "),
    ],
)
def test_what_follows_is_where_it_was(kind: str, before: str, of_demo: Kinds) -> None:
    places = [(text, truth) for text, truth in made(of_demo, kind) if before in text]
    told = [(area_of(text.split(before)[1]), truth.area) for text, truth in places]
    assert [one for one in told if one[0] is not None]
    assert not [one for one in told if one[0] not in (one[1], None)]


@pytest.mark.parametrize(
    ("kind", "behind"),
    [
        ("denied_and_corrected", ", inte "),
        ("denied_and_corrected", " istället för "),
        ("earlier_and_now", ". Anmälaren bor "),
        ("earlier_and_now", ", samma gäng som "),
    ],
)
def test_what_stands_before_is_where_it_was(kind: str, behind: str, of_demo: Kinds) -> None:
    places = [
        (text, truth)
        for text, truth in made(of_demo, kind)
        if behind in text and not text.casefold().startswith(("rättelse", "skulle"))
    ]
    told = [(area_of(text.split(behind)[0]), truth.area) for text, truth in places]
    assert [one for one in told if one[0] is not None]
    assert not [one for one in told if one[0] not in (one[1], None)]


def test_a_corrected_number_is_the_house() -> None:
    first, *_ = REGISTERS.addresses
    ours = (*first[:1], "3", "", *first[3:])
    kinds = dict(MessyElsewhere(houses_of(Registers(addresses=(ours,))), Random(1)).kinds())
    for text, truth in made(kinds, "number_corrected"):
        assert truth == owed(WHEREABOUTS.area_of_row(ours))
        assert {"3"} < set(re.findall(r"\d+", text))
        assert not re.search(r"\b(?:inte|ej|för|nummer|var) 3\b", text)


def test_the_place_that_was_not_meant_is_mostly_in_another_area_and_never_the_same() -> None:
    spots = Spots(houses_of(REGISTERS), Random(3))
    pairs = [(meant, spots.not_meant(meant)) for meant in (spots.meant() for _ in range(400))]
    assert all(meant.truth.is_owed for meant, _ in pairs)
    assert not [meant for meant, other in pairs if other.name in meant.name]
    shared = [other for meant, other in pairs if other.areas & meant.areas]
    assert len(shared) < 40
    assert {other.preposition for other in shared} <= {"på"}


def test_of_few_houses_the_other_one_is_never_the_same_and_a_name_of_two_areas_is_never_meant() -> (
    None
):
    houses = along_two_areas().known.houses[:2]
    rows = [row for row in REGISTERS.addresses if WHEREABOUTS.area_of_row(row) == houses[0].area]
    far = [row for row in REGISTERS.addresses if WHEREABOUTS.area_of_row(row) == houses[1].area]
    objects = tuple(("Dubbelskolan", "school", *row[-2:]) for row in (rows[0], far[0]))
    registers = Registers(addresses=(rows[0], far[0]), objects=objects)
    spots = Spots(houses_of(registers), Random(5))
    pairs = [(meant, spots.not_meant(meant)) for meant in (spots.meant() for _ in range(400))]
    assert all(meant.truth.is_owed for meant, _ in pairs)
    assert not [meant for meant, other in pairs if other.name in meant.name]


def test_a_place_is_said_with_its_preposition() -> None:
    assert Spot("Storgatan 3", "Storgatan 3", "på", {"101"}).at == "på Storgatan 3"
    assert {said("På Storgatan", Random(n)) for n in range(60)} == {
        "På Storgatan",
        "på storgatan",
        "PÅ STORGATAN",
    }


def test_surnames_are_those_of_the_places_that_people_have_too() -> None:
    assert surnames(["Berglund", "Ekholmen", "Fiskarberga", "Hamnkajen", "Norra torp"]) == [
        "Berglund",
        "Ekholm",
        "Fiskarberg",
    ]
    rows = [("Hamnkajen", *row[1:]) for row in REGISTERS.places]
    nameless = Registers(places=tuple(rows))
    assert not dict(MessyPeople(nameless, houses_of(nameless), Random(1)).kinds())


def test_a_person_beside_an_address_is_at_the_address(
    of_demo: Kinds,
) -> None:
    for kind in ("person_at_house", "firm_at_house"):
        places = made(of_demo, kind)
        named = [one for one, _ in places if any(name in one for name in AREA_OF_PLACE)]
        assert named
        assert all(truth.is_owed for _, truth in places)
        assert not [1 for text, truth in places if area_of(text) not in (truth.area, None)]


def on_a_ring(name: str, metres: float) -> set[str | None]:
    """The areas around a place at this distance."""
    (row,) = [one for one in REGISTERS.places if one[0] == name]
    lat, lon = float(row[-2]), float(row[-1])
    wide = METRES_OF_A_DEGREE * math.cos(math.radians(lat))
    turns = [math.tau * n / 16 for n in range(16)]
    return {
        WHEREABOUTS.area_of(
            lon + metres * math.cos(turn) / wide, lat + metres * math.sin(turn) / METRES_OF_A_DEGREE
        )
        for turn in turns
    }


def test_outside_of_a_place_is_its_area_only_if_no_border_is_near(
    of_demo: Kinds,
) -> None:
    places = made(of_demo, "outside_of_place")
    closes = re.compile(r"^(?:strax|precis|alldeles) ", re.IGNORECASE)
    for is_close, metres in ((True, CLOSE_METRES), (False, NOT_FAR_METRES)):
        ours = [one for one in places if bool(closes.match(one[0])) is is_close]
        truths = set()
        for text, truth in ours:
            (name,) = [one for one in AREA_OF_PLACE if text.casefold().endswith(one.casefold())]
            truths.add(truth.area is None)
            assert not truth.is_owed
            if truth.area is not None:
                assert on_a_ring(name, metres * 0.98) == {truth.area} == {AREA_OF_PLACE[name]}
        assert truths == {True, False}


def test_level_with_a_place_its_area_fits(
    of_demo: Kinds,
) -> None:
    for text, truth in made(of_demo, "level_with_place"):
        (name,) = [one for one in AREA_OF_PLACE if text.casefold().endswith(one.casefold())]
        assert truth == arguable(AREA_OF_PLACE[name])


def test_between_two_places_is_their_area_only_if_they_share_it(
    of_demo: Kinds,
) -> None:
    truths = set()
    for text, truth in made(of_demo, "between_places"):
        named = [one for one in AREA_OF_PLACE if re.search(rf"\b{one}\b", text, re.IGNORECASE)]
        areas = {AREA_OF_PLACE[one] for one in named}
        if len(named) == 2:
            truths.add(truth.area is None)
            assert truth == (arguable(areas.pop()) if len(areas) == 1 else NOBODY_KNOWS)
    assert truths == {True, False}


def test_on_a_road_of_one_area_it_is_there_wherever_the_place_is(
    of_demo: Kinds,
) -> None:
    areas: dict[str, set[str | None]] = {}
    for row in REGISTERS.roads:
        areas.setdefault(row[0], set()).add(WHEREABOUTS.area_of_row(row))
    owing = set()
    for text, truth in made(of_demo, "road_around_place"):
        (road,) = [one for one in areas if re.match(rf"(?:väg )?{one}\b", text, re.IGNORECASE)]
        assert truth.is_owed is (len(areas[road]) == 1)
        assert truth == NOBODY_KNOWS or truth.area in areas[road]
        owing.add(truth.is_owed)
    assert owing == {True, False}


def along_two_areas() -> RegisterHouses:
    """One street, whose houses of odd numbers lie in another area than those of even ones."""
    first, *_ = REGISTERS.addresses
    other = next(
        row
        for row in REGISTERS.addresses
        if WHEREABOUTS.area_of_row(row) != WHEREABOUTS.area_of_row(first)
    )
    rows: list[Row] = [
        ("Annangatan", str(number), "", first[3], *(first if number % 2 else other)[4:])
        for number in range(1, 24)
    ]
    return houses_of(Registers(addresses=tuple(rows)))


def test_what_is_counted_or_timed_after_a_street_is_no_house_and_one_thing_is_beside_one() -> None:
    houses, rng = along_two_areas(), Random(4)
    kinds = dict(MessyBeside(houses, OtherTowns(PACK, Registers(), rng), rng).kinds())
    for kind in ("count_after_street", "time_after_street"):
        places = made(kinds, kind)
        assert {truth for _, truth in places} == {NOBODY_KNOWS}
        assert [text for text, _ in places if re.search(r"annangatan \d", text, re.IGNORECASE)]
    area = {house.number: house.area for house in houses.known.houses}
    for text, truth in made(kinds, "one_thing_after_house"):
        (number,) = re.findall(r"annangatan (\d+)", text, re.IGNORECASE)
        assert truth == owed(area[int(number)])


def test_what_is_counted_on_a_street_of_one_area_is_there(
    of_demo: Kinds,
) -> None:
    places = made(of_demo, "count_after_street")
    localities = {row[3] for row in REGISTERS.addresses}
    there = [truth for text, truth in places if any(one in text for one in localities)]
    assert there
    assert all(truth.is_owed for truth in there)
