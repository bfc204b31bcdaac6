"""What the anonymizer knows of a municipality: its catalogue's grains and its areas."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.anonymizer.domain.divisions import Divisions
from shared.pack.geometry import Polygons
from shared.pack.model import Kind, Pack
from shared.windows import GRAIN, Tier


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality.

    Shape: `grains` is indicator code to the grain of its class, for the indicators that are
    counted from events; `statistics` are the other codes of the catalogue.
    """

    code: str
    grains: Mapping[str, Tier]
    statistics: frozenset[str]
    divisions: Divisions


def municipality(pack: Pack, *divided: Polygons) -> Municipality:
    """The municipality of a pack and the borders of its divisions, the oldest first."""
    catalogue = pack.indicators.values()
    return Municipality(
        code=pack.code,
        grains={one.code: GRAIN[one.sensitivity] for one in catalogue if one.kind is Kind.EVENT},
        statistics=frozenset(one.code for one in catalogue if one.kind is Kind.STATISTIC),
        divisions=Divisions(pack, divided),
    )
