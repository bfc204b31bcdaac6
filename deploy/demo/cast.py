"""Who plays in the demo, read from the pack: who reports what, and who wants to see what."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from deploy.demo.draft import Form
from deploy.demo.faults import Forbidden
from deploy.demo.ground import Ground
from deploy.demo.registers import written_places
from deploy.demo.sheets import Clerk
from deploy.demo.simulator import Part
from deploy.demo.temperament import Temperament, temperaments
from deploy.demo.truth import GRAINS, Coarse, Width
from shared.pack.geometry import load_polygons
from shared.pack.model import Family, Kind, Pack, Sensitivity

SUBSCRIBERS: Mapping[str, frozenset[Family]] = MappingProxyType(
    {"fire": frozenset({Family.FIRE, Family.DAMAGE}), "police": frozenset(Family)}
)
"""The actors that subscribe, and the families of events that their work is about."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscriber asks for. Shape: `withheld` are the codes among them that it may not see."""

    actor: str
    indicators: tuple[str, ...]
    withheld: frozenset[str]


def parts(pack: Pack, *, rate: float) -> tuple[Part, ...]:
    """The part of every actor that reports events.

    Unit: `rate` in reports per second of all actors together.
    """
    reported = {
        actor: tuple(one.code for one in pack.reportable_by(actor) if one.kind is Kind.EVENT)
        for actor in pack.actors
    }
    playing = [actor for actor, codes in reported.items() if codes]
    tempers = temperaments(playing, rate=rate)
    clerks = {actor: _clerk(pack, actor) for actor in playing}
    return tuple(
        Part(
            actor=actor,
            indicators=reported[actor],
            forbidden=_forbidden(pack, actor),
            temperament=_tempered(tempers[actor], clerks[actor]),
            clerk=clerks[actor],
        )
        for actor in playing
    )


def coarse(pack: Pack) -> dict[str, Coarse]:
    """How coarse every indicator that events count in is: by its class, or what the policy says."""
    return {
        one.code: _coarse(pack, one.sensitivity)
        for one in pack.indicators.values()
        if one.kind is Kind.EVENT
    }


def ground(pack: Pack) -> Ground:
    """The pack's areas, to choose places in."""
    polygons = load_polygons(pack)
    return Ground(
        polygons.codes,
        polygons.geometries,
        rest_code=pack.rest_code,
        written=written_places(pack, polygons),
    )


def wishes(pack: Pack) -> tuple[Wish, ...]:
    """What each subscriber asks for: what it may see of its families, and one code that it may not."""
    return tuple(
        _wish(pack, actor, families)
        for actor, families in SUBSCRIBERS.items()
        if actor in pack.actors
    )


def _coarse(pack: Pack, sensitivity: Sensitivity) -> Coarse:
    policy = pack.coarsening.get(sensitivity)
    width = Width(policy.grain.value) if policy else GRAINS[sensitivity.value]
    level = policy.level if policy and policy.level else len(pack.levels)
    return Coarse(width, pack.levels[level - 1], pack.rest_code)


def _clerk(pack: Pack, actor: str) -> Clerk | None:
    """Who fills in the actor's sheet, if a sheet is agreed."""
    agreement = pack.agreements.get(actor)
    return Clerk(agreement, agreement.sheet) if agreement and agreement.sheet else None


def _tempered(one: Temperament, clerk: Clerk | None) -> Temperament:
    return replace(one, form=Form.EXCEL) if clerk else one


def _wish(pack: Pack, actor: str, families: frozenset[Family]) -> Wish:
    events = [
        one
        for one in pack.indicators.values()
        if one.kind is Kind.EVENT and pack.finest_level(one.code) == pack.leaf_level
    ]
    cleared = {one.code for one in events if pack.is_cleared(actor, one.code, pack.leaf_level)}
    wanted = [one.code for one in events if one.code in cleared and one.family in families]
    denied = [one.code for one in events if one.code not in cleared][:1]
    return Wish(actor, (*wanted, *denied), frozenset(denied))


def _forbidden(pack: Pack, actor: str) -> Forbidden:
    codes = pack.indicators.values()
    return Forbidden(
        foreign=tuple(
            one.code for one in codes if one.kind is Kind.EVENT and actor not in one.actors
        ),
        statistics=tuple(one.code for one in codes if one.kind is Kind.STATISTIC),
    )
