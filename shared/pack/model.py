"""What a pack says, as plain values: areas, catalogue, actors and who may see what exactly.

Everything that validates, reads files or computes borders is in the other modules; this one is
imported by the domain of every service and stays free of libraries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from shared.windows import Tier

NEAREST_AREA_METRES = 100  # a quay, a jetty, the rounding of a phone; not yet the neighbour's land
FINEST_EXACT_S3_LEVEL = 2  # exact counts of S3 below this level are internal (DESIGN §5 Release)


class Sensitivity(StrEnum):
    """How near an indicator comes to a person; decides grain, windows and release."""

    S0 = "S0"
    S1 = "S1"
    S2 = "S2"
    S3 = "S3"


GRAINS: Mapping[Sensitivity, Tier] = MappingProxyType(
    {
        Sensitivity.S0: Tier.MINUTE,
        Sensitivity.S1: Tier.MINUTE,
        Sensitivity.S2: Tier.HOUR,
        Sensitivity.S3: Tier.DAY,
    }
)
"""How coarse the instants of a class are at the least (DESIGN §2)."""


class Kind(StrEnum):
    """Whether an indicator is counted from events or delivered as a periodic figure."""

    EVENT = "event"
    STATISTIC = "statistic"


class Family(StrEnum):
    """What kind of thing happened; two actors' events of one family may be one incident."""

    FIRE = "fire"
    VIOLENCE = "violence"
    DAMAGE = "damage"
    THEFT = "theft"
    DISORDER = "disorder"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A leaf of the catalogue; every event counts in exactly one."""

    code: str
    name: str
    name_en: str
    kind: Kind
    sensitivity: Sensitivity
    family: Family
    actors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Coarsening:
    """How coarse an event of a class is when it leaves the anonymizer.

    Shape: `level` is the finest level of areas that it is counted at; `None` is the leaf level.
    """

    grain: Tier
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """An organisation that gives or gets."""

    id: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Area:
    """One area of the leaf level, while it is valid.

    Shape: of Stockholm days `[valid_from, valid_to)`, without an end while it is in use.
    Unit: `population` in inhabitants.
    """

    code: str
    name: str
    population: int
    valid_from: date = date.min
    valid_to: date | None = None

    @property
    def ends(self) -> date:
        """`valid_to`, or the last day of the calendar."""
        return self.valid_to or date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetForm:
    """How an actor's sheet is laid out.

    Shape: `columns` maps our field to the column's title; `name` is the sheet's, `None` the first
    one; `dates` and `times` are strptime patterns; `nyko_digits` is the length that numeric NYKO
    codes are filled up to. Unit: `crs` is the EPSG number of e and n; `time_zone` an IANA name.
    """

    columns: Mapping[str, str]
    name: str | None
    crs: int | None
    time_zone: str
    dates: tuple[str, ...]
    times: tuple[str, ...]
    nyko_digits: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What an actor has promised of events.

    Shape: `words` maps the actor's own words, folded, to indicator codes; empty means that the
    actor writes our codes. `sheet` is `None` where no files are agreed.
    """

    actor: str
    format: str
    codes: tuple[str, ...]
    words: Mapping[str, str]
    sheet: SheetForm | None


def folded(words: str) -> str:
    """The form in which titles and words are compared: case and blanks make no difference."""
    return " ".join(words.split()).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One municipality.

    Shape: `levels` is the prefix length of level 1, 2, 3; `areas` are the leaves in use, sorted by
    code, without the rest area; `retired` are those whose validity has an end, by code and time;
    `area_names` has the codes of every level, the rest area's and retired ones too; `exact` is
    actor id to the classes it is cleared for, S0 included, and who is not in it has S0 alone;
    `agreements` has the actors that have promised events; `coarsening` the classes for which the pack
    says more than DESIGN does; `compatible` are pairs of families of which two events may be one
    incident, besides two of one family.
    Unit: `crs` is the EPSG number of the municipality's own system; `webhook_networks` are CIDRs;
    `nearest_area_metres` is how far outside an area a point may lie and still count in it.
    """

    path: Path
    code: str
    name: str
    synthetic: bool
    levels: tuple[int, ...]
    rest_code: str
    crs: int
    areas: tuple[Area, ...]
    area_names: Mapping[str, str]
    indicators: Mapping[str, Indicator]
    actors: Mapping[str, Actor]
    exact: Mapping[str, frozenset[Sensitivity]]
    webhook_networks: tuple[str, ...]
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    retired: tuple[Area, ...] = ()
    coarsening: Mapping[Sensitivity, Coarsening] = field(default_factory=dict)
    nearest_area_metres: int = NEAREST_AREA_METRES
    compatible: tuple[tuple[Family, Family], ...] = ()
    _codes: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)
    _level: Mapping[str, int] = field(init=False, repr=False, compare=False)
    _population: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive the codes of every level once; they are asked for with each message."""
        leaves = [*(area.code for area in self.areas), self.rest_code]
        codes = tuple(tuple(sorted({leaf[:length] for leaf in leaves})) for length in self.levels)
        level = {code: index for index, group in enumerate(codes, start=1) for code in group}
        population = dict.fromkeys(level, 0)
        for area in self.areas:
            for length in self.levels:
                population[area.code[:length]] += area.population
        for code, (index, people) in self._gone(level).items():
            level[code], population[code] = index, people
        object.__setattr__(self, "_codes", codes)
        object.__setattr__(self, "_level", level)
        object.__setattr__(self, "_population", population)

    def _gone(self, present: Mapping[str, int]) -> dict[str, tuple[int, int]]:
        """The codes that no area in use has: level, and inhabitants on the last day of each."""
        gone: dict[str, tuple[int, int]] = {}
        for index, length in enumerate(self.levels, start=1):
            for code in {area.code[:length] for area in self.retired}.difference(present):
                held = [area for area in self.retired if area.code.startswith(code)]
                end = max(area.ends for area in held)
                gone[code] = index, sum(area.population for area in held if area.ends == end)
        return gone

    @property
    def leaf_level(self) -> int:
        """The number of the finest level."""
        return len(self.levels)

    @property
    def leaf_codes(self) -> frozenset[str]:
        """The codes that an event of now may have, the rest area's included."""
        return frozenset(self._codes[-1])

    def codes_at(self, level: int) -> tuple[str, ...]:
        """The codes in use of a level, sorted, the rest area's included.

        Raises:
            ValueError: the pack has no such level.
        """
        if not 1 <= level <= len(self.levels):
            raise ValueError(f"the pack has the levels 1 to {len(self.levels)}")
        return self._codes[level - 1]

    def code_at(self, leaf_code: str, level: int) -> str:
        """The code of the area of a level that holds the leaf.

        Raises:
            ValueError: the pack has no such level.
        """
        if not 1 <= level <= len(self.levels):
            raise ValueError(f"the pack has the levels 1 to {len(self.levels)}")
        return leaf_code[: self.levels[level - 1]]

    def level_of(self, code: str) -> int | None:
        """The level of an area's code, also a retired one's; `None`: no area has ever had it."""
        return self._level.get(code)

    def name_of(self, code: str) -> str:
        """The name of an area of any level.

        Raises:
            KeyError: no area has the code.
        """
        return self.area_names[code]

    def population_of(self, code: str) -> int:
        """The inhabitants of an area of any level, a retired one's at its end; rest has none.

        Raises:
            KeyError: no area has the code.
        """
        return self._population[code]

    def reportable_by(self, actor_id: str) -> tuple[Indicator, ...]:
        """What the actor may report, in the order of the catalogue; an unknown actor: nothing."""
        return tuple(one for one in self.indicators.values() if actor_id in one.actors)

    def grain_of(self, indicator_code: str) -> Tier:
        """What the instants of the indicator's events are floored to.

        Raises:
            KeyError: the catalogue has no such indicator.
        """
        sensitivity = self.indicators[indicator_code].sensitivity
        said = self.coarsening.get(sensitivity)
        return said.grain if said else GRAINS[sensitivity]

    def finest_level(self, indicator_code: str) -> int:
        """The finest level of areas that the indicator's events are counted at.

        Raises:
            KeyError: the catalogue has no such indicator.
        """
        said = self.coarsening.get(self.indicators[indicator_code].sensitivity)
        return said.level if said and said.level else self.leaf_level

    def is_cleared(self, actor_id: str, indicator_code: str, level: int) -> bool:
        """Whether the actor may see exact counts of the indicator at the level.

        S0 is for all; S3 is exact at level 1 and 2 at most, whoever asks.

        Raises:
            KeyError: the catalogue has no such indicator.
        """
        sensitivity = self.indicators[indicator_code].sensitivity
        if sensitivity is Sensitivity.S0:
            return True
        if sensitivity is Sensitivity.S3 and level > FINEST_EXACT_S3_LEVEL:
            return False
        return sensitivity in self.exact.get(actor_id, frozenset())
