"""A small register in the four squares of `builders`, with the traps of real ones."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from services.anonymizer.domain.locating.gazetteer import Gazetteer
from services.anonymizer.domain.locating.locate import Locator
from shared.messages.report import Location
from shared.pack.registers import Registers
from tests.unit.anonymizer.builders import a_pack, polygons

IN_101, IN_102 = ("59.05", "17.05"), ("59.05", "17.15")
IN_201, IN_202 = ("59.15", "17.05"), ("59.15", "17.15")

REGISTERS = Registers(
    addresses=[
        ("Björkvägen", "1", "", "Norrby", *IN_101),
        ("Björkvägen", "2", "", "Norrby", *IN_101),
        ("Björkvägen", "12", "", "Norrby", *IN_101),
        ("Björkvägen", "12", "B", "Norrby", *IN_101),
        ("Ringgatan", "3", "", "Norrby", *IN_102),
        ("Ringgatan", "3", "", "Söderby", *IN_201),
        ("Ringgatan", "5", "", "Söderby", *IN_201),
        ("Tallvägen", "4", "", "Söderby", *IN_202),
        ("Hallvägen", "4", "", "Söderby", *IN_101),
        ("Långgatan", "1", "", "Söderby", *IN_101),
        ("Långgatan", "3", "", "Söderby", *IN_101),
        ("Långgatan", "9", "", "Söderby", *IN_102),
        ("Backgatan", "7", "", "Söderby", *IN_101),
        ("Bäckgatan", "7", "", "Söderby", *IN_202),
        ("Sankt Olofs gata", "6", "", "Söderby", *IN_202),
        ("Norra Storgatan", "8", "", "Söderby", *IN_201),
    ],
    properties=[
        ("SMÅSTAD BJÖRNEN 1", *IN_101),
        ("SMÅSTAD BJÖRNEN 2", *IN_202),
        ("SMÅSTAD ÖSTBERGA 3:14", *IN_201),
        ("SMÅSTAD ÖSTBERGA 3:15", *IN_201),
    ],
    objects=[
        ("Ängsskolan", "school", *IN_201),
        ("Söderby torg", "square", *IN_202),
        ("Norrbys idrottsplats", "sports", *IN_102),
        ("Norrbys park", "park", *IN_102),
        ("Parkhallen", "sports", *IN_101),
        ("PARKHALLEN", "shop", *IN_202),
        ("Brohallen", "sports", *IN_101),
        ("BROHALLEN", "shop", *IN_101),
    ],
    places=[("Sandviken", *IN_102), ("Strandnäs", *IN_102), ("Viks", *IN_202)],
    roads=[("E20", *IN_101), ("E20", *IN_102), ("225", *IN_201), ("57", *IN_101), ("57", *IN_201)],
)


def a_locator(
    registers: Registers = REGISTERS, area_names: Mapping[str, str] = MappingProxyType({})
) -> Locator:
    pack = replace(a_pack(), area_names=area_names)
    return Locator(pack, polygons(), Gazetteer(pack, registers))


def answer_of(locator: Locator, text: str, field: str = "address") -> tuple[str, str, str]:
    """Area, method and class of a text in a field."""
    location: dict[str, Any] = {field: text}
    (place,) = locator.locate([Location(**location)])
    return place.area, place.placement.value, place.confidence.value
