"""Locating alone, for `lagesbild bench locating`: the same code, registers and areas as in a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from services.anonymizer.domain.locating.gazetteer import Gazetteer
from services.anonymizer.domain.locating.locate import Locator
from services.anonymizer.domain.locating.place import Place
from shared.messages.report import Location
from shared.pack import load_pack
from shared.pack.geometry import load_polygons
from shared.pack.registers import load_registers


class Locating:
    """Locates places of one pack as they stand in reports."""

    def __init__(self, folder: Path) -> None:
        """Read the pack.

        Raises:
            PackError: it cannot be used.
        """
        pack = load_pack(folder)
        gazetteer = Gazetteer(pack, load_registers(folder))
        self._locator = Locator(pack, load_polygons(pack), gazetteer)

    def locate(self, locations: Sequence[Mapping[str, object]]) -> list[Place]:
        """The place of each location, given by the names of `Location`'s fields."""
        return self._locator.locate([msgspec.convert(one, Location) for one in locations])
