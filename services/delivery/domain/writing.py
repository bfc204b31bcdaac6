"""A view written from columns: 26,000 cells as JSON, and only those anew that have changed.

What stands before a cell's numbers never changes while the places are the same, so it is kept, in
the order in which a view lists its cells; and so is each whole cell as it was written last, with
the numbers it has. A view is a choice among these texts. Most cells of a view are as they were at
the one before: of a minute's events each is in a few windows and levels.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from operator import add

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.delivery.domain.copy import Pictures
from services.delivery.domain.places import Grouping
from services.delivery.domain.view import Plan, WrittenView
from shared.buckets import Numbers
from shared.windows import Window

MOST_ENDINGS = 100_000
MOST_CELLS = 200_000  # of all sheets; its texts take about 350 bytes
BLOCK = 64  # cells that are joined beforehand

_WINDOWS = tuple(Window)
_AT = {window: at for at, window in enumerate(_WINDOWS)}
_INCIDENT_BITS = 32
_INCIDENTS = (1 << _INCIDENT_BITS) - 1

Texts = NDArray[np.object_]


@dataclass(slots=True)
class _Sheet:
    """The texts of all cells of some groupings, in the order of a view.

    Shape: `order` is the place of each in the flat counts: groups times windows, one grouping after
    the other; `areas[area_of[c]]` is where cell `c` is. `begun` is its text up to the first number,
    `whole` its text when its numbers were `numbers`. The cells `shown` last are joined in `blocks`.
    """

    order: Numbers
    areas: tuple[str, ...]
    area_of: Numbers
    begun: Texts
    whole: Texts
    numbers: Numbers
    shown: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    blocks: list[bytes] = field(default_factory=list)

    def written(self, cells: Numbers, numbers: Numbers, endings: "_Endings") -> bytes:
        """These cells with these numbers, as a list in JSON."""
        is_new = numbers != self.numbers[cells]
        new, of = cells[is_new], numbers[is_new]
        texts = map(add, self.begun[new].tolist(), map(endings.__getitem__, of.tolist()))
        self.whole[new] = np.fromiter(texts, np.object_, len(new))
        self.numbers[new] = of
        if not len(cells):
            return b"[]"
        self._join(cells, np.flatnonzero(is_new))
        listed = self.blocks.copy()
        listed[0] = b"[" + listed[0]  # before joining: afterwards it would copy megabytes
        listed[-1] += b"]"
        return b",".join(listed)

    def _join(self, cells: Numbers, new: Numbers) -> None:
        """Join these cells by blocks; if they are the ones of last time, only what is new."""
        if np.array_equal(cells, self.shown):
            some = np.unique(new // BLOCK).tolist()
        else:
            self.shown = cells
            self.blocks = [b""] * -(-len(cells) // BLOCK)
            some = range(len(self.blocks))
        for at in some:
            block = cells[at * BLOCK : (at + 1) * BLOCK]
            self.blocks[at] = b",".join(self.whole[block].tolist())


class _Endings(dict[int, bytes]):
    """The end of a cell by its two numbers in one; most have been written before."""

    def __missing__(self, number: int) -> bytes:
        if len(self) >= MOST_ENDINGS:
            self.clear()
        incidents = number & _INCIDENTS
        incidents -= (incidents >> (_INCIDENT_BITS - 1)) << _INCIDENT_BITS  # its sign
        reports = (number - incidents) >> _INCIDENT_BITS
        text = self[number] = b'%d,"incidents":%d}' % (reports, incidents)
        return text


class Writer:
    """Writes views, and keeps the texts that they share."""

    def __init__(self) -> None:
        self._sheets: OrderedDict[tuple[Grouping, ...], _Sheet] = OrderedDict()
        self._endings = _Endings()

    def view(self, plan: Plan, pictures: Sequence[Pictures]) -> WrittenView:
        """The plan's view: its cells that are not zero, by area, indicator and length of window."""
        return WrittenView(
            as_of=plan.as_of,
            cells=msgspec.Raw(self._cells(plan, pictures)),
            withheld=plan.withheld,
            not_offered=plan.not_offered,
        )

    def _cells(self, plan: Plan, pictures: Sequence[Pictures]) -> bytes:
        length = plan.prefix_length
        drawn = [one for one in pictures if one.levels[length]]
        if not drawn:
            return b"[]"
        sheet = self._sheet(tuple(one.levels[length][0].groups for one in drawn))
        numbers = np.concatenate([_by_group(one, length) for one in drawn])[sheet.order]
        shown = np.flatnonzero((numbers != 0) & _asked_for(sheet, plan))
        return sheet.written(shown, numbers[shown], self._endings)

    def _sheet(self, groupings: tuple[Grouping, ...]) -> _Sheet:
        """The texts for these; the ones that were not asked for longest are forgotten."""
        found = self._sheets.get(groupings)
        if found is None:
            found = self._sheets[groupings] = _sheet(groupings)
        self._sheets.move_to_end(groupings)
        while len(self._sheets) > 1 and sum(len(one.order) for one in self._sheets.values()) > (
            MOST_CELLS
        ):
            self._sheets.popitem(last=False)
        return found


def _by_group(picture: Pictures, length: int) -> Numbers:
    """The two counts in one number by group and window, flat; what is not asked for is zero.

    One grouping may stand in two pictures, each with indicators of its own.
    """
    level = picture.levels[length]
    groups = level[0].groups
    found = np.zeros((len(groups.area_of), len(_WINDOWS)), np.int64)
    for one in level:
        found[:, _AT[one.window]] = (one.counts[0] << _INCIDENT_BITS) + one.counts[1]
    known = _among(groups.indicators, picture.indicators)
    if not known.all():
        found[~known[groups.indicator_of]] = 0
    return found.ravel()


def _asked_for(sheet: _Sheet, plan: Plan) -> NDArray[np.bool_]:
    """Which cells lie in areas that the plan shows."""
    areas = np.ones(len(sheet.areas), np.bool_)
    if plan.areas is not None:
        areas = _among(sheet.areas, frozenset(plan.areas))
    if plan.hidden:
        areas &= ~_among(sheet.areas, plan.hidden)
    return areas[sheet.area_of]


def _among(codes: tuple[str, ...], wanted: Collection[str]) -> NDArray[np.bool_]:
    return np.fromiter((code in wanted for code in codes), np.bool_, len(codes))


def _sheet(groupings: Sequence[Grouping]) -> _Sheet:
    places = [
        (grouping.areas[area], grouping.indicators[indicator])
        for grouping in groupings
        for area, indicator in zip(
            grouping.area_of.tolist(), grouping.indicator_of.tolist(), strict=True
        )
    ]
    order = sorted(range(len(places)), key=places.__getitem__)
    areas = tuple(sorted({area for area, _ in places}))
    area_at = {code: at for at, code in enumerate(areas)}
    begun = np.empty(len(places) * len(_WINDOWS), np.object_)
    begun[:] = [_text(*places[at], window) for at in order for window in _WINDOWS]
    each = np.arange(len(_WINDOWS))
    areas_in_order = np.array([area_at[places[at][0]] for at in order], np.int64)
    return _Sheet(
        order=(np.array(order, np.int64)[:, None] * len(_WINDOWS) + each).ravel(),
        areas=areas,
        area_of=np.repeat(areas_in_order, len(_WINDOWS)),
        begun=begun,
        whole=np.empty(len(begun), np.object_),
        numbers=np.zeros(len(begun), np.int64),  # zero is never written
    )


def _text(area: str, indicator: str, window: Window) -> bytes:
    """A cell up to its first number."""
    return b'{"area":%b,"indicator":%b,"window":%b,"reports":' % tuple(
        map(msgspec.json.encode, (area, indicator, window))
    )
