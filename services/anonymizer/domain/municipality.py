"""What the anonymizer knows of a municipality: how coarse its catalogue is, and its areas."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.anonymizer.domain.locating.divisions import Divisions
from services.anonymizer.domain.locating.place import Place
from shared.pack.geometry import Polygons
from shared.pack.model import Kind, Pack
from shared.pack.registers import Registers
from shared.windows import Tier


@dataclass(frozen=True, slots=True)
class Coarse:
    """How coarse an indicator's events leave. Unit: `digits` of an area's code that are kept."""

    grain: Tier
    digits: int


NO_REGISTERS = Registers()


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality.

    Shape: `coarse` has the indicators that are counted from events; `statistics` are the other
    codes of the catalogue.
    """

    code: str
    rest_code: str
    coarse: Mapping[str, Coarse]
    statistics: frozenset[str]
    divisions: Divisions

    def area_of(self, place: Place, coarse: Coarse) -> str:
        """The code that an event at the place leaves with; the rest area's stays as it is."""
        return place.area if place.area == self.rest_code else place.area[: coarse.digits]


def municipality(
    pack: Pack, *divided: Polygons, registers: Registers = NO_REGISTERS
) -> Municipality:
    """The municipality of a pack, the borders of its divisions, the oldest first, its registers."""
    catalogue = pack.indicators.values()
    return Municipality(
        code=pack.code,
        rest_code=pack.rest_code,
        coarse={one.code: _coarse(pack, one.code) for one in catalogue if one.kind is Kind.EVENT},
        statistics=frozenset(one.code for one in catalogue if one.kind is Kind.STATISTIC),
        divisions=Divisions(pack, divided, registers),
    )


def _coarse(pack: Pack, indicator: str) -> Coarse:
    digits = pack.levels[pack.finest_level(indicator) - 1]
    return Coarse(pack.grain_of(indicator), digits)
