"""What each file of a pack may hold. Codes are text, keys are fixed, nothing is guessed.

Strict on purpose: a code that YAML reads as a number has already lost its leading zero.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.pack.model import NEAREST_AREA_METRES, Family, Kind
from shared.windows import Tier

LEVELS = 3  # the product's words and defaults say NYKO3

Name = Annotated[str, StringConstraints(pattern=r"^\S(.{0,78}\S)?$")]
MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}$")]
ActorId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,30}$")]
IndicatorCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,39}$")]
Clearance = Annotated[str, StringConstraints(pattern=r"^S[0-3](@[0-9])?$")]
ClassName = Annotated[str, StringConstraints(pattern=r"^S[0-3]$")]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Title = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,200}$")]
DatePattern = Annotated[str, StringConstraints(pattern=r"^(%[Yymd]|[-/. ])+$")]
TimePattern = Annotated[str, StringConstraints(pattern=r"^(%[HMS]|[:. ])+$")]
DeliveryFormat = Annotated[str, StringConstraints(pattern=r"^(api|excel|csv|feed|form)$")]


class FileModel(BaseModel):
    """What every file has in common: no unknown keys, no conversions."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class MunicipalityFile(FileModel):
    """municipality.yaml.

    Unit: `levels` in characters of the code, `crs` an EPSG number; `nearest_area_metres` is how far
    from an area a point may lie, in water or in a gap, and still count in it.
    """

    code: MunicipalityCode
    name: Name
    name_en: Name | None = None
    synthetic: bool
    crs: Annotated[int, Field(ge=3006, le=3018)]  # SWEREF 99 TM and its twelve local zones
    levels: Annotated[
        list[Annotated[int, Field(ge=1, le=12)]], Field(min_length=LEVELS, max_length=LEVELS)
    ]
    rest_code: AreaCode
    rest_name: Name
    area_names: dict[AreaCode, Name]
    nearest_area_metres: Annotated[int, Field(ge=0, le=5_000)] = NEAREST_AREA_METRES


class ActorEntry(FileModel):
    """One organisation."""

    id: ActorId
    name: Name
    name_en: Name


class ActorsFile(FileModel):
    """actors.yaml."""

    actors: Annotated[list[ActorEntry], Field(min_length=1)]


class IndicatorEntry(FileModel):
    """One leaf of the catalogue."""

    code: IndicatorCode
    name: Name
    name_en: Name
    kind: Annotated[Kind, Field(strict=False)]
    sensitivity: Annotated[ClassName, Field(alias="class")]
    family: Annotated[Family, Field(strict=False)]
    actors: list[ActorId]


class IndicatorsFile(FileModel):
    """indicators.yaml."""

    indicators: Annotated[list[IndicatorEntry], Field(min_length=1)]


class Promise(FileModel):
    """What comes, in which format, and the longest time between two deliveries."""

    format: DeliveryFormat
    interval_hours: Annotated[int, Field(ge=1, le=9000)]  # a little over a year
    codes: Annotated[list[IndicatorCode], Field(min_length=1)]


class Columns(FileModel):
    """Our fields to the titles of an actor's columns; what is not named is not read."""

    id: Title | None = None
    version: Title | None = None
    withdrawn: Title | None = None
    indicator: Title | None = None
    occurred_at: Title | None = None
    date: Title | None = None
    time: Title | None = None
    confirmed: Title | None = None
    lat: Title | None = None
    lon: Title | None = None
    e: Title | None = None
    n: Title | None = None
    nyko: Title | None = None
    address: Title | None = None
    property: Title | None = None
    object: Title | None = None
    text: Title | None = None


class SheetEntry(FileModel):
    """An actor's Excel sheet. Unit: `crs` an EPSG number, `time_zone` an IANA name."""

    columns: Columns
    name: Title | None = None
    crs: Annotated[int, Field(ge=1, le=999_999)] | None = None
    time_zone: str = "Europe/Stockholm"
    dates: Annotated[list[DatePattern], Field(min_length=1)] = ["%Y-%m-%d"]
    times: Annotated[list[TimePattern], Field(min_length=1)] = ["%H:%M", "%H:%M:%S", "%H.%M"]
    nyko_digits: Annotated[int, Field(ge=1, le=12)] | None = None


class EventPromise(Promise):
    """Events, in the actor's own words and columns. Shape: `words` to codes of the catalogue."""

    words: dict[Title, IndicatorCode] = {}
    sheet: SheetEntry | None = None


class AgreementFile(FileModel):
    """agreements/<actor>.yaml: what the actor has promised to deliver."""

    actor: ActorId
    events: EventPromise | None = None
    statistics: Promise | None = None

    @property
    def promises(self) -> tuple[tuple[str, Kind, Promise], ...]:
        """What is promised, with the file's key and the kind that belongs under it."""
        both = (("events", Kind.EVENT), ("statistics", Kind.STATISTIC))
        made = [(key, kind, getattr(self, key)) for key, kind in both]
        return tuple(one for one in made if one[2] is not None)


class Webhooks(FileModel):
    """Where webhooks may go although the address is not public."""

    allow_networks: list[str] = []


class CoarseningEntry(FileModel):
    """How coarse the events of a class leave the anonymizer; what is left out is as in DESIGN §2."""

    time: Annotated[Tier | None, Field(strict=False)] = None
    level: Annotated[int, Field(ge=1, le=LEVELS)] | None = None


class Linking(FileModel):
    """Which families' events may be one incident although the families differ, two by two."""

    compatible: list[
        Annotated[list[Annotated[Family, Field(strict=False)]], Field(min_length=2, max_length=2)]
    ] = []


class PolicyFile(FileModel):
    """policy.yaml: who may see exact counts of which classes, where pushes may go, what is linked.

    Shape: a class is `S1`, `S2` or, for S3, `S3@2`: down to level 2 and no further. `coarsening` is
    by class.
    """

    exact: dict[ActorId, list[Clearance]]
    coarsening: dict[ClassName, CoarseningEntry] = {}
    webhooks: Webhooks = Webhooks()
    linking: Linking = Linking()


class AreaProperties(BaseModel):
    """The properties of a feature in areas.geojson; others, as GIS tools add them, are left."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    code: AreaCode
    name: Name
    population: Annotated[int, Field(ge=0, le=10_000_000)]
    valid_from: Day
    valid_to: Day | None
