"""The view: the counts of a selection that one actor is cleared for, and what it does not show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from services.delivery.domain.selection import Selection
from shared.pack.model import Pack
from shared.windows import GRAIN, Segment, Tier, Window, is_offered, segments

Key = tuple[str, str, Window]


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom a view is composed."""

    municipality: str
    actor: str


class Cell(msgspec.Struct, frozen=True, gc=False):
    """The reports of one indicator in one area and window."""

    area: str
    indicator: str
    window: str
    reports: int


class NotOffered(msgspec.Struct, frozen=True):
    """The windows that are too short for the indicator's class: fewer than four grains."""

    indicator: str
    windows: tuple[str, ...]


class View(msgspec.Struct, frozen=True):
    """What the actor sees.

    Shape: cells by area, indicator and window from short to long; `withheld` are the codes that
    the actor is not cleared for, whether or not anything was counted.
    """

    as_of: datetime
    cells: tuple[Cell, ...]
    withheld: tuple[str, ...]
    not_offered: tuple[NotOffered, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be summed for a view, before anything is read.

    Shape: `offered` is each indicator that is shown, with its windows; `parts` are the pieces of
    windows to sum, each for one indicator.
    """

    as_of: datetime
    prefix_length: int
    areas: tuple[str, ...] | None
    every_area: tuple[str, ...]
    offered: Mapping[str, tuple[Window, ...]]
    parts: tuple[tuple[str, Window, Segment], ...]
    withheld: tuple[str, ...]
    not_offered: tuple[NotOffered, ...]


def plan(pack: Pack, selection: Selection, *, actor: str, as_of: datetime) -> Plan:
    """What the actor may see of the selection, and what has to be summed for it.

    A code that the catalogue has lost since is withheld, an area that has gone has no cells.
    """
    cleared = [code for code in selection.indicators if _is_cleared(pack, actor, code, selection)]
    windows = {code: _windows(pack, code, selection) for code in cleared}
    cut: dict[tuple[Window, Tier], tuple[Segment, ...]] = {}
    parts: list[tuple[str, Window, Segment]] = []
    for code, (offered, _) in windows.items():
        grain = GRAIN[pack.indicators[code].sensitivity]
        for window in offered:
            if (window, grain) not in cut:
                cut[window, grain] = segments(window, as_of, grain=grain)
            parts.extend((code, window, segment) for segment in cut[window, grain])
    codes = pack.codes_at(selection.level) if selection.level <= pack.leaf_level else ()
    return Plan(
        as_of=as_of,
        prefix_length=pack.levels[min(selection.level, pack.leaf_level) - 1],
        areas=selection.areas,
        every_area=codes if selection.areas is None else selection.areas,
        offered={code: offered for code, (offered, _) in windows.items()},
        parts=tuple(parts),
        withheld=tuple(code for code in selection.indicators if code not in windows),
        not_offered=tuple(
            NotOffered(code, tuple(missing)) for code, (_, missing) in windows.items() if missing
        ),
    )


def composed(plan: Plan, counted: Iterable[tuple[Key, int]], *, zeros: bool = False) -> View:
    """The view from the sums that were read; with `zeros` also every cell without reports."""
    sums = dict(counted)
    keys: Iterable[Key]
    if zeros:
        keys = (
            (area, code, window)
            for area in plan.every_area
            for code, windows in plan.offered.items()
            for window in windows
        )
    else:
        place = {window: index for index, window in enumerate(Window)}
        keys = sorted(sums, key=lambda key: (key[0], key[1], place[key[2]]))
    return View(
        as_of=plan.as_of,
        cells=tuple(Cell(*key, sums.get(key, 0)) for key in keys),
        withheld=plan.withheld,
        not_offered=plan.not_offered,
    )


def _is_cleared(pack: Pack, actor: str, code: str, selection: Selection) -> bool:
    return code in pack.indicators and pack.is_cleared(actor, code, selection.level)


def _windows(
    pack: Pack, code: str, selection: Selection
) -> tuple[tuple[Window, ...], tuple[Window, ...]]:
    """The windows that are offered for the indicator, and those that are not."""
    grain = GRAIN[pack.indicators[code].sensitivity]
    offered = tuple(window for window in selection.windows if is_offered(window, grain))
    return offered, tuple(window for window in selection.windows if window not in offered)
