"""Which division of the municipality an event is located in: that of its own day.

The choice depends on `occurred_at` alone, so a report that is read again after the areas have
changed gets the same code. The first division known stands for all time before it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from services.anonymizer.domain.locating.gazetteer import Gazetteer
from services.anonymizer.domain.locating.locate import Locator
from services.anonymizer.domain.locating.place import Place
from shared.messages.report import Location
from shared.pack.geometry import Polygons
from shared.pack.model import Pack
from shared.pack.registers import Registers
from shared.windows import STOCKHOLM


class Divisions:
    """Places the reports of one municipality, each in the division of its Stockholm day.

    The locator of an earlier division is made when the first event of its time comes: most
    installations never see one, and its table of squares is memory.
    """

    def __init__(self, pack: Pack, divided: Sequence[Polygons], registers: Registers) -> None:
        """Take the divisions, the oldest first; the registers are the same in all of them."""
        self._pack = pack
        self._gazetteer = Gazetteer(pack, registers)
        self._divided = divided
        self._starts = [_midnight(one.valid_from) for one in divided[1:]]
        self._present = Locator(pack, divided[-1], self._gazetteer)
        self._past: dict[int, Locator] = {}

    def locate(
        self, locations: Sequence[Location | None], instants: Sequence[datetime]
    ) -> list[Place]:
        """The place of each location at its instant, in their order."""
        if not self._starts or min(instants) >= self._starts[-1]:
            return self._present.locate(locations)
        by_division: dict[int, list[int]] = {}
        for number, instant in enumerate(instants):
            by_division.setdefault(bisect_right(self._starts, instant), []).append(number)
        places: dict[int, Place] = {}
        for division, numbers in by_division.items():
            found = self._locator(division).locate([locations[number] for number in numbers])
            places.update(zip(numbers, found, strict=True))
        return [places[number] for number in range(len(locations))]

    def _locator(self, division: int) -> Locator:
        """The locator of a division, counted from the oldest."""
        if division == len(self._starts):
            return self._present
        if division not in self._past:
            divided = self._divided[division]
            self._past[division] = Locator(self._pack, divided, self._gazetteer)
        return self._past[division]


def _midnight(day: date) -> datetime:
    """When the day begins in Stockholm."""
    return datetime.combine(day, time.min, tzinfo=STOCKHOLM).astimezone(UTC)
