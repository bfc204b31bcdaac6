"""Cells in memory against a sum over every change, whatever comes in whatever order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.delivery.domain import cells, writing
from services.delivery.domain import copy as copies
from services.delivery.domain.cells import TierCells
from services.delivery.domain.copy import REACH, Changes, Copy, Pictures, cells_of
from services.delivery.domain.places import Places, Series
from services.delivery.domain.selection import Selection
from services.delivery.domain.view import Plan, composed, plan
from services.delivery.domain.writing import Writer
from shared.buckets import instant_of, number_of
from shared.pack.model import Coarsening, Sensitivity
from shared.windows import Tier, Window, is_offered, segments
from tests.support.delivery import a_pack

PACK = a_pack()
BEGUN = datetime(2026, 10, 24, 21, 58, 30, tzinfo=UTC)  # soon a day of 25 hours begins
SERIES = (
    *(
        Series(at, code, area)
        for at, (code, area) in enumerate(
            (code, area) for code in ("bins", "houses") for area in ("101", "102", "111", "999")
        )
    ),
)
DAY_MINUTES = 24 * 60

deltas = st.tuples(
    st.sampled_from([one.number for one in SERIES]),
    st.one_of(
        st.integers(0, 20),
        st.integers(0, 2 * DAY_MINUTES),
        st.integers(0, 40 * DAY_MINUTES),
        st.integers(0, 380 * DAY_MINUTES),
    ),
    st.integers(-3, 9),
    st.integers(-3, 9),
)


@dataclass(frozen=True)
class Add:
    """Changes, by how many minutes ago they are about."""

    changes: Sequence[tuple[int, int, int, int]]


@dataclass(frozen=True)
class Move:
    """The clock goes on, or is put right by a little. Unit: seconds."""

    seconds: int


@dataclass(frozen=True)
class Keep:
    """A tier is kept from so many of its buckets ago."""

    tier: Tier
    buckets: int


steps = st.lists(
    st.one_of(
        st.builds(Add, st.lists(deltas, min_size=1, max_size=12)),
        st.builds(
            Move, st.sampled_from([-90, 1, 30, 61, 3600, 3 * 3600, 7 * 3600, 86_400, 20 * 86_400])
        ),
        st.builds(Keep, st.sampled_from(Tier), st.integers(1, 400)),
    ),
    max_size=14,
)


@dataclass
class Naive:
    """Remembers every change, and adds up."""

    now: datetime = BEGUN
    kept_from: dict[Tier, int] = field(default_factory=lambda: dict.fromkeys(Tier, 0))
    changes: list[tuple[int, datetime, int, int]] = field(default_factory=list)

    def sums(self, grain: Tier, length: int) -> dict[tuple[str, str, Window], tuple[int, int]]:
        found: dict[tuple[str, str, Window], tuple[int, int]] = {}
        for window in filter(lambda one: is_offered(one, grain), Window):
            for part in segments(window, self.now, grain=grain):
                low = max(part.start, instant_of(self.kept_from[part.tier], part.tier))
                for number, at, reports, incidents in self.changes:
                    if low <= at < part.end:
                        key = (SERIES[number].area[:length], SERIES[number].indicator, window)
                        before = found.get(key, (0, 0))
                        found[key] = before[0] + reports, before[1] + incidents
        return {key: sums for key, sums in found.items() if sums != (0, 0)}


def columns(rows: Iterable[tuple[int, datetime, int, int]]) -> Changes:
    table = [(number, number_of(at, Tier.MINUTE), r, i) for number, at, r, i in rows]
    by_column = np.array(table or np.zeros((0, 4)), np.int64).reshape(-1, 4).T
    return Changes(by_column[0], by_column[1], by_column[2:])


def loaded(naive: Naive, series: Sequence[Series]) -> Copy:
    """What a load of the tables would give: whole buckets of each tier that windows reach."""
    places = Places()
    places.name(series)
    rows = columns(naive.changes)
    tiers = {}
    for tier, buckets in rows.buckets().items():
        first = number_of(naive.now, tier) - REACH[tier]
        held = buckets >= first
        tiers[tier] = TierCells(
            buckets[held],
            places.numbered(rows.series[held]),
            rows.counts[:, held],
            held_from=first,
        )
    return Copy(
        seen="",
        edition="",
        indicators=frozenset({"bins", "houses"}),
        places=places,
        tiers=tiers,
        kept_from=dict(naive.kept_from),
    )


def applied(step: Add | Move | Keep, naive: Naive, copy: Copy) -> None:
    match step:
        case Add(changes):
            rows = [(n, naive.now - timedelta(minutes=ago), r, i) for n, ago, r, i in changes]
            naive.changes += rows
            copy.places.name(SERIES)
            copy.add(columns(rows))
        case Move(seconds):
            naive.now += timedelta(seconds=seconds)
        case Keep(tier, buckets):
            first = number_of(naive.now, tier) - buckets
            naive.kept_from[tier] = max(naive.kept_from[tier], first)
            copy.kept_from = dict(naive.kept_from)


def sums_of(copy: Copy, now: datetime, grain: Tier, length: int) -> dict[Any, tuple[int, int]]:
    cut = {
        window: segments(window, now, grain=grain) for window in Window if is_offered(window, grain)
    }
    assert copy.reaches(cut)
    found = copy.sums(cut, grain=grain, prefix_lengths=(length,))[length]
    return {
        key: (count.reports, count.incidents)
        for key, count in cells_of(found, {"bins", "houses"}, None)
    }


@settings(max_examples=40)
@given(
    st.lists(deltas, max_size=40),
    steps,
    st.sampled_from([1, 3, 8192]),
    st.sampled_from([Tier.MINUTE, Tier.HOUR, Tier.DAY]),
)
def test_every_window_is_the_sum_of_all_changes_however_they_came(
    before: Sequence[tuple[int, int, int, int]],
    following: Sequence[Add | Move | Keep],
    most_late: int,
    grain: Tier,
) -> None:
    naive = Naive()
    naive.changes = [(n, BEGUN - timedelta(minutes=ago), r, i) for n, ago, r, i in before]
    copy = loaded(naive, SERIES)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cells, "MOST_LATE", most_late)
        patched.setattr(cells, "MOST_LATE_PARTS", 2)
        for step in (None, *following):
            if step is not None:
                applied(step, naive, copy)
            copy.forget_before({tier: number_of(naive.now, tier) for tier in Tier})
            for length in (3, 2):
                found = sums_of(copy, naive.now, grain, length)
                assert found == naive.sums(grain, length)


def test_old_cells_are_forgotten_and_windows_move_without_being_summed_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    naive = Naive()
    naive.changes = [(0, BEGUN - timedelta(minutes=ago), 1, 1) for ago in range(1, 1400)]
    copy = loaded(naive, SERIES)
    sums_of(copy, naive.now, Tier.MINUTE, 3)
    held = copy.cells
    summed = []
    between = TierCells.between

    def watched(self: TierCells, low: int, high: int, places: int) -> Any:
        summed.append(self.rows(low, high))
        return between(self, low, high, places)

    monkeypatch.setattr(TierCells, "between", watched)
    naive.now += timedelta(minutes=1)
    assert sums_of(copy, naive.now, Tier.MINUTE, 3) == naive.sums(Tier.MINUTE, 3)
    assert sum(summed) < 50
    later = naive.now + timedelta(days=40)
    copy.forget_before({tier: number_of(later, tier) for tier in Tier})
    assert copy.cells < held / 10
    naive.now = later
    assert sums_of(copy, later, Tier.MINUTE, 3) == naive.sums(Tier.MINUTE, 3)


selections = st.builds(
    Selection,
    indicators=st.sets(st.sampled_from(["bins", "houses"]), min_size=1).map(tuple),
    areas=st.none() | st.sets(st.sampled_from(["101", "111", "999"]), min_size=1).map(tuple),
    level=st.just(3),
    windows=st.sets(st.sampled_from(Window), min_size=1).map(
        lambda chosen: tuple(one for one in Window if one in chosen)
    ),
)


def pictures_of(copies: Mapping[str, Copy], planned: Plan) -> list[Pictures]:
    """As the mirror draws them, with one class in two copies, as if its grain had changed."""
    return [
        Pictures((code,), copies[code].sums(cut, grain=grain, prefix_lengths=(3,)))
        for code in planned.offered
        for grain in [planned.grains[code]]
        for cut in [planned.cut[grain]]
    ]


@settings(max_examples=40)
@given(st.lists(deltas, max_size=60), st.lists(selections, min_size=1, max_size=4), st.booleans())
def test_a_view_that_is_written_from_columns_is_the_one_that_is_composed_of_cells(
    changes: Sequence[tuple[int, int, int, int]], asked: Sequence[Selection], one_copy: bool
) -> None:
    naive = Naive()
    naive.changes = [(n, BEGUN - timedelta(minutes=ago), r, i) for n, ago, r, i in changes]
    whole = loaded(naive, SERIES)
    apart = {
        code: loaded(
            Naive(changes=[one for one in naive.changes if SERIES[one[0]].indicator == code]),
            [one for one in SERIES if one.indicator == code],
        )
        for code in ("bins", "houses")
    }
    copies = dict.fromkeys(apart, whole) if one_copy else apart
    writer = Writer()
    for selection, more in product(asked, range(3)):  # the same again, with other numbers
        planned = plan(PACK, selection, actor="fire", as_of=BEGUN)
        for code, copy in copies.items() if more else ():
            numbers = [one.number for one in SERIES if one.indicator == code][:more]
            copy.add(columns((number, BEGUN, more, 1) for number in numbers))
        planned = replace(planned, hidden=frozenset() if selection.areas else frozenset({"102"}))
        pictures = pictures_of(copies, planned)
        sums = [
            cell
            for picture in pictures
            for cell in cells_of(picture.levels[3], picture.indicators, planned.areas)
        ]
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(writing, "BLOCK", 2)
            written = writer.view(planned, pictures)
        assert msgspec.json.encode(written) == msgspec.json.encode(composed(planned, sums))


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        (1, [("1", "bins", 5), ("1", "houses", 7), ("9", "houses", 2)]),
        (2, [("10", "bins", 5), ("10", "houses", 7), ("99", "houses", 2)]),
        (3, [("101", "bins", 5), ("999", "houses", 2)]),
    ],
)
@pytest.mark.parametrize("policy", [{Sensitivity.S1: Coarsening(Tier.MINUTE, 2)}, {}])
def test_a_place_of_a_coarser_level_counts_there_and_above_and_in_no_finer_area(
    level: int,
    shown: list[tuple[str, str, int]],
    policy: Mapping[Sensitivity, Coarsening],
) -> None:
    """With the policy it is not offered below; without it, a policy that was lifted, it is nowhere."""
    series = [Series(0, "bins", "101"), Series(1, "houses", "10"), Series(2, "houses", "999")]
    counted = [(0, BEGUN, 5, 5), (1, BEGUN, 7, 7), (2, BEGUN, 2, 2)]
    copy = loaded(Naive(changes=counted), series)
    selection = Selection(("bins", "houses"), None, level, (Window.H1,))
    planned = plan(a_pack(coarsening=policy), selection, actor="fire", as_of=BEGUN)
    pictures = [
        Pictures(
            (code,),
            copy.sums(planned.cut[grain], grain=grain, prefix_lengths=(planned.prefix_length,)),
        )
        for code, grain in planned.grains.items()
    ]
    sums = [
        cell
        for picture in pictures
        for cell in cells_of(picture.levels[level], picture.indicators, planned.areas)
    ]
    view = composed(planned, sums)
    expected = [one for one in shown if not policy or level < 3 or one[1] == "bins"]
    assert [(one.area, one.indicator, one.reports) for one in view.cells] == expected
    assert msgspec.json.encode(Writer().view(planned, pictures)) == msgspec.json.encode(view)


def test_texts_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_CELLS", 60)
    monkeypatch.setattr(writing, "MOST_ENDINGS", 5)
    writer = Writer()
    selection = Selection(("bins", "houses"), None, 3, tuple(Window))
    planned = plan(PACK, selection, actor="fire", as_of=BEGUN)
    for many in range(1, 9):
        naive = Naive(changes=[(n, BEGUN, many * 10 + n, n) for n in range(8)])
        copy = loaded(naive, SERIES)
        pictures = pictures_of({"bins": copy, "houses": copy}, planned)
        cells_shown = msgspec.json.decode(bytes(writer.view(planned, pictures).cells))
        assert {one["reports"] for one in cells_shown} == {many * 10 + n for n in range(8)}
        assert len(writer._sheets) == 1
        assert len(writer._endings) <= 5


def test_sums_are_kept_for_the_choices_of_windows_that_were_asked_for_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(copies, "MOST_CHOICES", 3)
    naive = Naive(changes=[(0, BEGUN, 1, 1)])
    copy = loaded(naive, SERIES)
    kept = []
    for window in (Window.H1, Window.H6, Window.H24, Window.H1, Window.D7):
        cut = {window: segments(window, BEGUN, grain=Tier.MINUTE)}
        copy.sums(cut, grain=Tier.MINUTE, prefix_lengths=(3,))
        kept.append([chosen for _, (chosen,) in copy._levels])
    assert kept[-1] == [Window.H24, Window.H1, Window.D7]
