"""The view: the counts of a selection that one actor is cleared for, and what it does not show."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.delivery.domain.selection import Selection
from shared.pack.model import Pack, Sensitivity
from shared.windows import STOCKHOLM, Segment, Tier, Window, is_offered, segments

Key = tuple[str, str, Window]


class Count(NamedTuple):
    """What was counted: reports, and the incidents that they tell of, each counted once."""

    reports: int
    incidents: int


NOTHING = Count(0, 0)


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom a view is composed."""

    municipality: str
    actor: str


class Cell(msgspec.Struct, frozen=True, gc=False):
    """The reports and incidents of one indicator in one area and window."""

    area: str
    indicator: str
    window: str
    reports: int
    incidents: int


class NotOffered(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was asked for of an indicator and is counted nowhere, so it has no number, not even 0.

    Shape: `windows` are shorter than four grains of the indicator; with `finest_level` they are all
    that were asked for, because its events are not counted at so fine a level, but at that one.
    """

    indicator: str
    windows: tuple[str, ...]
    finest_level: int | None = None


class View(msgspec.Struct, frozen=True):
    """What the actor sees.

    Shape: cells by area, indicator and window from short to long; `withheld` are the codes that
    the actor is not cleared for, whether or not anything was counted.
    """

    as_of: datetime
    cells: tuple[Cell, ...]
    withheld: tuple[str, ...]
    not_offered: tuple[NotOffered, ...]


class WrittenView(msgspec.Struct, frozen=True):
    """A view whose cells are JSON already: `domain.writing` makes it from columns."""

    as_of: datetime
    cells: msgspec.Raw
    withheld: tuple[str, ...]
    not_offered: tuple[NotOffered, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be summed for a view, before anything is read.

    Shape: `offered` is each indicator that is shown, with its windows, `classes` and `grains` the
    class and grain of each; `cut` has the pieces of each window for each grain; `hidden` are leaf
    areas that have ended and were not asked for by their code. Sums of higher levels have them all
    the same.
    """

    as_of: datetime
    prefix_length: int
    areas: tuple[str, ...] | None
    every_area: tuple[str, ...]
    offered: Mapping[str, tuple[Window, ...]]
    classes: Mapping[str, Sensitivity]
    grains: Mapping[str, Tier]
    cut: Mapping[Tier, Mapping[Window, tuple[Segment, ...]]]
    withheld: tuple[str, ...]
    not_offered: tuple[NotOffered, ...]
    hidden: frozenset[str] = frozenset()

    @property
    def parts(self) -> Iterator[tuple[str, Window, Segment]]:
        """Each piece of a window, for each indicator."""
        for code, windows in self.offered.items():
            for window in windows:
                for segment in self.cut[self.grains[code]][window]:
                    yield code, window, segment


def plan(pack: Pack, selection: Selection, *, actor: str, as_of: datetime) -> Plan:
    """What the actor may see of the selection, and what has to be summed for it.

    A code that the catalogue has lost since is withheld, an area that has gone has no cells.
    """
    cleared = [code for code in selection.indicators if _is_cleared(pack, actor, code, selection)]
    shown = [code for code in cleared if selection.level <= pack.finest_level(code)]
    grains = {code: pack.grain_of(code) for code in shown}
    offered = {
        code: tuple(window for window in selection.windows if is_offered(window, grain))
        for code, grain in grains.items()
    }
    cut = {
        grain: {
            window: segments(window, as_of, grain=grain)
            for window in selection.windows
            if is_offered(window, grain)
        }
        for grain in {*grains.values()}
    }
    codes = pack.codes_at(selection.level) if selection.level <= pack.leaf_level else ()
    return Plan(
        as_of=as_of,
        prefix_length=pack.levels[min(selection.level, pack.leaf_level) - 1],
        areas=selection.areas,
        every_area=codes if selection.areas is None else selection.areas,
        offered=offered,
        classes={code: pack.indicators[code].sensitivity for code in shown},
        grains=grains,
        cut=cut,
        withheld=tuple(code for code in selection.indicators if code not in cleared),
        not_offered=tuple(_not_offered(pack, selection, cleared, offered)),
        hidden=_hidden(pack, selection, as_of),
    )


def composed(plan: Plan, counted: Iterable[tuple[Key, Count]], *, zeros: bool = False) -> View:
    """The view from the sums that were read; with `zeros` also every cell without reports."""
    sums = dict(counted)
    if plan.hidden:
        sums = {key: count for key, count in sums.items() if key[0] not in plan.hidden}
    keys: Iterable[Key]
    if zeros:
        gone = {area for area, _, _ in sums}.difference(plan.every_area)
        keys = (
            (area, code, window)
            for area in sorted({*plan.every_area, *gone})
            for code, windows in plan.offered.items()
            for window in windows
        )
    else:
        place = {window: index for index, window in enumerate(Window)}
        keys = sorted(sums, key=lambda key: (key[0], key[1], place[key[2]]))
    return View(
        as_of=plan.as_of,
        cells=tuple(Cell(*key, *sums.get(key, NOTHING)) for key in keys),
        withheld=plan.withheld,
        not_offered=plan.not_offered,
    )


def _is_cleared(pack: Pack, actor: str, code: str, selection: Selection) -> bool:
    """Whether the actor may see the indicator at the level, or where it is counted at the finest.

    Who may see it there is told that there is nothing finer; to anybody else it is withheld.
    """
    if code not in pack.indicators:
        return False
    return pack.is_cleared(actor, code, min(selection.level, pack.finest_level(code)))


def _hidden(pack: Pack, selection: Selection, as_of: datetime) -> frozenset[str]:
    """Leaf areas that have ended, unless it is asked for areas by their codes."""
    if not pack.retired or selection.areas is not None:
        return frozenset()
    day = as_of.astimezone(STOCKHOLM).date()
    return frozenset(area.code for area in pack.retired if area.ends <= day) - pack.leaf_codes


def _not_offered(
    pack: Pack,
    selection: Selection,
    cleared: Iterable[str],
    offered: Mapping[str, tuple[Window, ...]],
) -> Iterator[NotOffered]:
    for code in cleared:
        if code not in offered:
            yield NotOffered(code, selection.windows, pack.finest_level(code))
        elif missing := tuple(one for one in selection.windows if one not in offered[code]):
            yield NotOffered(code, missing)
