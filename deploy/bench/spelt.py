"""How actors say where: by systems' coordinates mostly, by code, or in words; and how they spell."""

from collections.abc import Mapping
from enum import StrEnum
from random import Random
from types import MappingProxyType

from deploy.bench import mix
from deploy.bench.country import LOCALITY, Address


class Way(StrEnum):
    """How a report says where something happened."""

    DEGREES = "degrees"
    METRES = "metres"
    NYKO = "nyko"
    ADDRESS = "address"
    PROPERTY = "property"
    OBJECT = "object"
    NOTHING = "nothing"


class Mix(StrEnum):
    """Which reports are made."""

    PRODUCTION = "production"
    WRITTEN = "written"


WAYS: Mapping[Mix, Mapping[Way, float]] = MappingProxyType(
    {
        Mix.PRODUCTION: {
            Way.DEGREES: 0.45,
            Way.METRES: 0.25,
            Way.NYKO: mix.NYKO_SHARE,
            Way.ADDRESS: 0.09,
            Way.PROPERTY: 0.03,
            Way.OBJECT: 0.02,
            Way.NOTHING: 0.01,
        },
        Mix.WRITTEN: {Way.ADDRESS: 1.0},
    }
)
"""Assumptions: most reports come out of systems that know where their cars and cases are."""

SPELLINGS: Mapping[str, float] = MappingProxyType(
    {"as_registered": 0.70, "with_door": 0.12, "shortened": 0.12, "mistyped": 0.06}
)

_FIRST = [
    "Al",
    "Asp",
    "Berg",
    "Björk",
    "Bok",
    "Dal",
    "Ek",
    "Eld",
    "Fur",
    "Fågel",
    "Gran",
    "Gull",
    "Hagel",
    "Hav",
    "Hjort",
    "Holm",
    "Is",
    "Järn",
    "Klint",
    "Kvarn",
    "Lind",
    "Lärk",
    "Mossa",
    "Nord",
    "Näck",
    "Ox",
    "Ren",
    "Rönn",
    "Skog",
    "Sol",
    "Sten",
    "Sund",
    "Tall",
    "Torn",
    "Ugglor",
    "Vass",
    "Vind",
    "Väst",
    "Åker",
    "Ör",
]
_SECOND = ["lunda", "bo", "hag", "backs", "torps", "viks", "näs", "mo", "ängs", "holms"]
_LAST = ("gatan", "vägen", "stigen", "gränd", "torget")
STREETS = tuple(f"{a}{b}{c}" for c in _LAST for b in _SECOND for a in _FIRST)
NUMBERS = 60
_SHORT = {"gatan": "g.", "vägen": "v."}


def house(number: int) -> tuple[str, int, str]:
    """Street, number and letter of an address of the register; never the same for two."""
    street, door = divmod(number, NUMBERS)
    return STREETS[street % len(STREETS)], door + 1, "AB"[number % 2]


def spelt(address: Address, rng: Random) -> str:
    """The address as somebody writes it."""
    street, number, letter = address[:3]
    (how,) = rng.choices(tuple(SPELLINGS), tuple(SPELLINGS.values()))
    if how == "with_door":
        return f"{street} {number}{letter} lgh 1203, {LOCALITY}"
    if how == "shortened":
        for long, short in _SHORT.items():
            if street.endswith(long):
                return f"{street.removesuffix(long)}{short} {number} {letter}"
        return f"{street.upper()} {number} {letter}"
    if how == "mistyped":
        at = rng.randrange(1, 4)
        street = street[:at] + street[at + 1] + street[at] + street[at + 2 :]
    return f"{street} {number}{letter}, {LOCALITY}"
