"""Exempelstad on paper: where its districts lie, what they are called, how many live there.

Everything here is invented. Positions are kilometres east and north of the town's main square.
"""

from dataclasses import dataclass

Point = tuple[float, float]

SEED = 9998
CODE = "9998"
NAME = "Exempelstad"
REST_CODE = "999"
REST_NAME = "Övrigt"
NEAREST_AREA_METRES = 150
CRS = 3010  # SWEREF 99 16 30, the zone of the square
SQUARE_LAT = 59.2
SQUARE_LON = 17.1
PARTS = {
    "1": "Centrala staden",
    "2": "Norra kommundelen",
    "3": "Västra kommundelen",
    "4": "Södra kommundelen",
}


@dataclass(frozen=True, slots=True)
class District:
    """An area of level 2 and its leaves.

    Shape: the leaves are numbered by their distance from `centre`, so the first is the middle.
    Unit: `radius` in kilometres, `people` in inhabitants.
    """

    code: str
    name: str
    centre: Point
    radius: float
    people: int
    leaves: tuple[str, ...]
    is_rural: bool = False


DISTRICTS = (
    District(
        code="11",
        name="Innerstaden",
        centre=(0.0, 0.0),
        radius=0.75,
        people=8_700,
        leaves=(
            "Rådhuskvarteren",
            "Garvarholmen",
            "Smedjetorget",
            "Kyrkbacken",
            "Stationsstaden",
            "Hamnkajen",
        ),
    ),
    District(
        code="12",
        name="Norrstaden",
        centre=(-0.5, 1.7),
        radius=0.8,
        people=7_200,
        leaves=("Klosterlyckan", "Bruksparken", "Väverskan", "Norrtullsängen", "Repslagarbacken"),
    ),
    District(
        code="13",
        name="Söderstaden",
        centre=(-0.3, -1.7),
        radius=0.8,
        people=6_800,
        leaves=("Söderkvarn", "Tegelhagen", "Åkerlyckan", "Fiskarvallen", "Gasverksområdet"),
    ),
    District(
        code="21",
        name="Björkängen",
        centre=(-2.2, 4.0),
        radius=1.3,
        people=8_200,
        leaves=(
            "Björkhöjden",
            "Lärkbacken",
            "Ängskullen",
            "Näktergalen",
            "Hasselparken",
            "Trädgårdsbyn",
        ),
    ),
    District(
        code="22",
        name="Strandnäs",
        centre=(1.6, 5.4),
        radius=1.3,
        people=3_600,
        leaves=("Solängsudden", "Båtviken", "Fyrbacka", "Sjöglimten"),
    ),
    District(
        code="23",
        name="Norrbygden",
        centre=(-2.8, 9.6),
        radius=3.2,
        people=1_300,
        leaves=("Norrbyskogen", "Älgtorp", "Mossebo", "Tallmossen"),
        is_rural=True,
    ),
    District(
        code="31",
        name="Västerhöjden",
        centre=(-3.3, 0.2),
        radius=1.3,
        people=8_600,
        leaves=(
            "Kvarnbacken",
            "Hagalyckan",
            "Lindtorpet",
            "Mellanåsen",
            "Västerhöjd",
            "Logistikparken",
        ),
    ),
    District(
        code="32",
        name="Kvarnby",
        centre=(-9.0, 2.6),
        radius=1.0,
        people=3_400,
        leaves=("Mjölnarängen", "Hyttbacken", "Sågverkstomten", "Kvarnby gärde"),
    ),
    District(
        code="33",
        name="Västerbygden",
        centre=(-9.4, -2.6),
        radius=3.0,
        people=1_100,
        leaves=("Stenkulla", "Björnhult", "Långsjötrakten", "Grävlingstorp"),
        is_rural=True,
    ),
    District(
        code="41",
        name="Söderängen",
        centre=(-1.9, -4.6),
        radius=1.3,
        people=6_200,
        leaves=(
            "Humleplan",
            "Ekhagsbacken",
            "Rönnlunden",
            "Vallmoåsen",
            "Skördeängen",
            "Ladugårdsfältet",
        ),
    ),
    District(
        code="42",
        name="Holmviken",
        centre=(2.0, -7.0),
        radius=1.5,
        people=3_600,
        leaves=("Skepparnäs", "Sjöboda", "Gröndalsstrand", "Ålviken", "Tångudden", "Lövön"),
    ),
    District(
        code="43",
        name="Sörbygden",
        centre=(-4.6, -9.4),
        radius=3.2,
        people=1_300,
        leaves=("Råbäck", "Hultängen", "Örntorp", "Sörbyskogen"),
        is_rural=True,
    ),
)
ISLAND = "Lövön"  # a leaf of its own, not cut from the mainland
FEW_PEOPLE = {"Gasverksområdet": 46, "Logistikparken": 12, "Tallmossen": 0}  # works and a reserve

# Rough outlines, clockwise or not; `land` makes coast and borders of them.
BORDER: tuple[Point, ...] = (
    (-5.2, 12.6),
    (-1.0, 13.4),
    (4.2, 11.6),
    (9.0, 9.0),
    (9.5, -9.0),
    (4.0, -12.6),
    (-3.0, -13.2),
    (-8.2, -11.4),
    (-10.8, -7.2),
    (-13.6, -4.4),
    (-13.0, 0.6),
    (-13.9, 4.8),
    (-10.2, 6.8),
    (-8.6, 10.4),
)
LAKE: tuple[Point, ...] = (
    (14.0, 14.0),
    (4.6, 13.0),
    (3.4, 10.4),
    (4.4, 8.0),
    (3.2, 6.4),
    (3.6, 4.2),
    (2.2, 2.6),
    (1.9, 1.3),
    (0.9, 0.5),
    (0.55, 0.0),
    (1.1, -0.3),
    (2.3, -0.9),
    (1.8, -2.6),
    (2.6, -4.4),
    (4.2, -5.4),
    (3.4, -6.8),
    (4.4, -8.4),
    (3.2, -10.0),
    (4.6, -12.4),
    (14.0, -14.0),
)
POND: tuple[Point, ...] = (
    (-6.9, -4.7),
    (-6.1, -4.2),
    (-5.5, -5.2),
    (-5.9, -6.6),
    (-6.7, -7.3),
    (-7.3, -6.4),
)
ISLANDS: tuple[tuple[Point, ...], ...] = (
    ((5.2, -4.0), (6.2, -3.2), (7.2, -3.8), (7.3, -5.3), (6.3, -6.1), (5.6, -5.2)),  # ISLAND
    ((4.5, 5.0), (5.1, 5.4), (5.3, 4.7), (4.8, 4.4)),
    ((4.1, 1.5), (4.6, 1.9), (4.8, 1.3)),
)

# Numbered roads, through the town and the country around it; the last one never leaves a wood.
ROADS: dict[str, tuple[Point, ...]] = {
    "E99": ((-14.0, 1.2), (-6.0, 1.4), (-1.4, 0.6), (-0.6, -1.6), (-0.9, -6.0), (-2.0, -13.0)),
    "957": ((-0.5, 1.7), (-1.8, 4.4), (-2.6, 8.0), (-2.0, 13.0)),
    "1998": ((-10.6, -2.2), (-10.2, -2.6), (-9.9, -3.1)),
}
