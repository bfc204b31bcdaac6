"""Statistics of a selection, summed to a level: numerators and denominators, never shares.

**The rule of sums.** An actor may report areas of any level. A figure counts in an area of the
level asked for if it was reported for that area or for one inside it, and if nothing was reported
for a still smaller area inside its own: the finest figures win, so nothing is counted twice, and a
figure of a coarser area stands in only where none of its leaves has one. A coarser area than those
of the level asked for never counts: its figure cannot be divided.

* The value of an area is the sum of the numerators and the sum of the denominators of what counts
  in it. Whoever wants a share divides; an average of shares would weigh small areas too much.
* A sum has a denominator only if every figure in it has one.
* An area in which nothing counts has no value: missing is not zero. Its leaves stand in `missing`
  if anything at all was reported for the indicator and period. The rest area is never missing.
* Several actors' figures are never added together, for nobody knows whether they overlap: each
  actor has values of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

import msgspec

from shared.pack.model import Kind, Pack
from shared.periods import Period, period_of


@dataclass(frozen=True, slots=True)
class StatisticQuestion:
    """What is asked for.

    Shape: codes sorted, each once; `areas` None is all of the level; `periods` None is every one;
    a period is asked for if it also begins in `[begins_from, begins_before)`.
    """

    indicators: tuple[str, ...]
    areas: tuple[str, ...] | None
    level: int
    periods: tuple[str, ...] | None
    begins_from: date | None
    begins_before: date | None


class Figure(msgspec.Struct, frozen=True, gc=False):
    """One actor's figure for one area of any level, as it stands since an instant."""

    indicator: str
    period: str
    actor: str
    area: str
    numerator: int
    denominator: int | None
    standing_since: datetime


class StatisticValue(msgspec.Struct, frozen=True, gc=False):
    """What an actor's figures of one indicator and period add up to in an area.

    Shape: `areas_reported` of the `areas_expected` leaves in the area are covered by the figures;
    `denominator` None: there is none, or not of every figure.
    """

    indicator: str
    area: str
    period: str
    actor: str
    numerator: int
    denominator: int | None
    areas_reported: int
    areas_expected: int
    updated_at: datetime


class MissingAreas(msgspec.Struct, frozen=True):
    """The leaves that nobody reported, though something was for the indicator and period."""

    indicator: str
    period: str
    areas: tuple[str, ...]


class StatisticAnswer(msgspec.Struct, frozen=True):
    """The answer. Shape: sorted by indicator, period, area and actor; `withheld` not cleared for."""

    as_of: datetime
    values: tuple[StatisticValue, ...]
    missing: tuple[MissingAreas, ...]
    withheld: tuple[str, ...]


_Counted: TypeAlias = Mapping[str, list[Figure]]
"""What counts in each area of the level."""


def cleared(pack: Pack, question: StatisticQuestion, *, actor: str) -> tuple[str, ...]:
    """The codes of the question that the actor may see exactly at its level."""
    return tuple(
        code
        for code in question.indicators
        if code in pack.indicators and pack.is_cleared(actor, code, question.level)
    )


def every_statistic(pack: Pack) -> tuple[str, ...]:
    """The catalogue's statistics, sorted."""
    return tuple(sorted(one.code for one in pack.indicators.values() if one.kind is Kind.STATISTIC))


def answered(
    pack: Pack,
    question: StatisticQuestion,
    figures: Iterable[Figure],
    *,
    shown: Sequence[str],
    as_of: datetime,
) -> StatisticAnswer:
    """The answer from the figures that were read; only codes of `shown` are looked at.

    A code that the catalogue has lost since is withheld.
    """
    reported: dict[tuple[str, Period], dict[str, list[Figure]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for figure in figures:
        if figure.indicator in shown:
            about = (figure.indicator, period_of(figure.period))
            reported[about][figure.actor].append(figure)
    values: list[StatisticValue] = []
    missing: list[MissingAreas] = []
    for (indicator, period), by_actor in sorted(reported.items()):
        counted = {actor: _counted(pack, of, question) for actor, of in by_actor.items()}
        covered: set[str] = set()
        found: list[StatisticValue] = []
        for by_area in counted.values():
            for area, of in by_area.items():
                leaves = _covered(pack, of)
                covered |= leaves
                found.append(_value(area, of, leaves, expected=_leaves(pack, area)))
        values += sorted(found, key=lambda one: (one.area, one.actor))
        lacking = tuple(sorted(_wanted_leaves(pack, question) - covered))
        if lacking:
            missing.append(MissingAreas(indicator, period.text, lacking))
    return StatisticAnswer(
        as_of=as_of,
        values=tuple(values),
        missing=tuple(missing),
        withheld=tuple(code for code in question.indicators if code not in shown),
    )


def _counted(pack: Pack, figures: Sequence[Figure], question: StatisticQuestion) -> _Counted:
    """Of one actor's figures of a period those that count, by area of the level."""
    length = pack.levels[question.level - 1]
    divided = {
        figure.area[:shorter]
        for figure in figures
        for shorter in pack.levels
        if shorter < len(figure.area)
    }
    by_area: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        area = figure.area[:length]
        is_asked = question.areas is None or area in question.areas
        if len(figure.area) >= length and figure.area not in divided and is_asked:
            by_area[area].append(figure)
    return by_area


def _value(
    area: str, figures: Sequence[Figure], covered: set[str], *, expected: set[str]
) -> StatisticValue:
    first = figures[0]
    denominators = [one.denominator for one in figures if one.denominator is not None]
    return StatisticValue(
        indicator=first.indicator,
        area=area,
        period=first.period,
        actor=first.actor,
        numerator=sum(one.numerator for one in figures),
        denominator=sum(denominators) if len(denominators) == len(figures) else None,
        areas_reported=len(covered),
        areas_expected=len(covered | expected),
        updated_at=max(one.standing_since for one in figures),
    )


def _covered(pack: Pack, figures: Iterable[Figure]) -> set[str]:
    """The leaves that the figures speak for; a leaf that the pack has lost speaks for itself."""
    return {leaf for one in figures for leaf in _leaves(pack, one.area) or {one.area}}


def _leaves(pack: Pack, area: str) -> set[str]:
    return {leaf for leaf in pack.leaf_codes if leaf.startswith(area)}


def _wanted_leaves(pack: Pack, question: StatisticQuestion) -> set[str]:
    """The leaves inside the areas that are asked for, without the rest area."""
    return set(_real_leaves(pack, question.areas))


def _real_leaves(pack: Pack, areas: Sequence[str] | None) -> Iterator[str]:
    for area in pack.areas:
        if areas is None or any(area.code.startswith(one) for one in areas):
            yield area.code
