"""Reads the files of a pack and holds them against each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.language import Text
from shared.pack.agreements import agreement_mistakes, reporter_mistakes
from shared.pack.features import AREAS_FILES, AreaFeature, read_features
from shared.pack.forms import agreed
from shared.pack.identifiers import (
    actor_identifiers,
    area_identifiers,
    city_identifiers,
    indicator_identifiers,
)
from shared.pack.mistakes import Mistake, PackError, in_reading_order
from shared.pack.model import Actor, Area, Indicator, Pack, Sensitivity
from shared.pack.policy import cleared, coarsening, policy_mistakes
from shared.pack.rules import (
    actor_mistakes,
    area_name_mistakes,
    indicator_mistakes,
    level_mistakes,
    rest_mistakes,
)
from shared.pack.schema import (
    ActorsFile,
    AgreementFile,
    IndicatorEntry,
    IndicatorsFile,
    MunicipalityFile,
    PolicyFile,
)
from shared.pack.sheets import Sheet, read_sheet
from shared.pack.validity import feature_mistakes

AGREEMENTS = "agreements"


@dataclass(frozen=True, slots=True)
class Folder:
    """The files that could be read; `None` stands for one that could not."""

    path: Path
    municipality: Sheet[MunicipalityFile] | None
    actors: Sheet[ActorsFile] | None
    indicators: Sheet[IndicatorsFile] | None
    policy: Sheet[PolicyFile] | None
    agreements: tuple[Sheet[AgreementFile], ...]
    features: tuple[AreaFeature, ...]
    unreadable: tuple[Mistake, ...]

    @property
    def current(self) -> list[AreaFeature]:
        """The areas whose validity has no end, sorted by code."""
        chosen = [one for one in self.features if one.is_current]
        return sorted(chosen, key=lambda one: one.properties.code)


def load_pack(path: Path) -> Pack:
    """Read a pack, without its borders and registers.

    Raises:
        PackError: something in the files that were read is wrong; it lists everything.
    """
    folder = read_folder(path)
    found = in_reading_order(folder_mistakes(folder))
    if found:
        raise PackError(found)
    return _pack(folder)


def read_folder(path: Path) -> Folder:
    """Read every file but the registers; what cannot be read is in `unreadable`."""
    if not path.is_dir():
        message = Text(sv="Det finns ingen sådan mapp.", en="There is no such folder.")
        return Folder(path, None, None, None, None, (), (), (Mistake(".", 1, message),))
    municipality, unreadable = read_sheet(path, "municipality.yaml", MunicipalityFile)
    actors, more = read_sheet(path, "actors.yaml", ActorsFile)
    unreadable += more
    indicators, more = read_sheet(path, "indicators.yaml", IndicatorsFile)
    unreadable += more
    policy, more = read_sheet(path, "policy.yaml", PolicyFile)
    unreadable += more
    features, more = read_features(path)
    unreadable += more
    agreements: list[Sheet[AgreementFile]] = []
    for found in sorted((path / AGREEMENTS).glob("*.yaml")):
        sheet, more = read_sheet(path, f"{AGREEMENTS}/{found.name}", AgreementFile)
        agreements += [sheet] if sheet else []
        unreadable += more
    return Folder(
        path,
        municipality,
        actors,
        indicators,
        policy,
        tuple(agreements),
        tuple(features),
        tuple(unreadable),
    )


def folder_mistakes(folder: Folder) -> Iterator[Mistake]:
    """Everything wrong in and between the files; a file that could not be read blames no other."""
    yield from folder.unreadable
    known = {one.id for one in folder.actors.content.actors} if folder.actors else None
    yield from _area_mistakes(folder)
    if folder.actors:
        yield from actor_mistakes(folder.actors)
        yield from actor_identifiers(folder.actors)
    if folder.indicators:
        yield from indicator_mistakes(folder.indicators, known)
        yield from indicator_identifiers(folder.indicators)
    if folder.policy:
        yield from policy_mistakes(folder.policy, known)
    catalogue = _catalogue(folder.indicators)
    for agreement in folder.agreements:
        yield from agreement_mistakes(agreement, catalogue)
    every_agreement = not any(one.file.startswith(AGREEMENTS) for one in folder.unreadable)
    if folder.indicators and known is not None and every_agreement:
        yield from reporter_mistakes(folder.agreements, folder.indicators, known)


def _area_mistakes(folder: Folder) -> Iterator[Mistake]:
    city = folder.municipality
    yield from feature_mistakes(
        list(folder.features), code_length=city.content.levels[-1] if city else None
    )
    yield from area_identifiers(folder.features)
    if city:
        yield from city_identifiers(city)
        leaves = {one.properties.code for one in folder.features}  # retired ones need names too
        yield from level_mistakes(city)
        yield from rest_mistakes(city, leaves)
        if leaves and not any(one.file in AREAS_FILES for one in folder.unreadable):
            yield from area_name_mistakes(city, leaves)


def _catalogue(sheet: Sheet[IndicatorsFile] | None) -> dict[str, IndicatorEntry] | None:
    return {one.code: one for one in sheet.content.indicators} if sheet else None


def _pack(folder: Folder) -> Pack:
    """The values of a folder without mistakes."""
    if not (folder.municipality and folder.actors and folder.indicators and folder.policy):
        raise AssertionError("a folder without mistakes has every file")
    city = folder.municipality.content
    areas = tuple(_area(one) for one in folder.current)
    retired = sorted(
        (_area(one) for one in folder.features if not one.is_current),
        key=lambda area: (area.code, area.valid_from),
    )
    rest_names = {city.rest_code[:length]: city.rest_name for length in city.levels}
    leaf_names = {area.code: area.name for area in (*retired, *areas)}  # the newest name holds
    entries = folder.indicators.content.indicators
    return Pack(
        path=folder.path,
        code=city.code,
        name=city.name,
        synthetic=city.synthetic,
        levels=tuple(city.levels),
        rest_code=city.rest_code,
        crs=city.crs,
        areas=areas,
        area_names=dict(city.area_names) | leaf_names | rest_names,
        indicators={one.code: _indicator(one) for one in entries},
        actors={
            one.id: Actor(one.id, one.name, one.name_en) for one in folder.actors.content.actors
        },
        exact={
            one.id: cleared(folder.policy.content.exact.get(one.id, ()))
            for one in folder.actors.content.actors
        },
        webhook_networks=tuple(folder.policy.content.webhooks.allow_networks),
        agreements={
            one.content.actor: agreed(one.content.actor, one.content.events)
            for one in folder.agreements
            if one.content.events
        },
        retired=tuple(retired),
        coarsening=coarsening(folder.policy.content.coarsening),
        nearest_area_metres=city.nearest_area_metres,
        compatible=tuple((a, b) for a, b in folder.policy.content.linking.compatible),
    )


def _area(one: AreaFeature) -> Area:
    area = one.properties
    return Area(area.code, area.name, area.population, one.valid_from, one.valid_to)


def _indicator(entry: IndicatorEntry) -> Indicator:
    return Indicator(
        code=entry.code,
        name=entry.name,
        name_en=entry.name_en,
        kind=entry.kind,
        sensitivity=Sensitivity(entry.sensitivity),
        family=entry.family,
        actors=frozenset(entry.actors),
    )
