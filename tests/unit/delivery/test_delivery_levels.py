"""Sums by level that are kept: the same as summed anew, and what is given out stays as it is."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.domain import levels
from services.delivery.domain.levels import Levels
from services.delivery.domain.places import Grouping, Places, Series

CODES = ("bins", "houses")
SERIES = [
    Series(at, code, area)
    for at, (code, area) in enumerate(
        (code, f"{part}{place}") for code in CODES for part in "12" for place in "0123"
    )
] + [Series(16, "pupils", "1")]  # its class is coarser: in no area of the finest level
WINDOWS, KINDS = 3, 2

changes = st.lists(
    st.tuples(
        st.integers(0, WINDOWS - 1),
        st.integers(0, KINDS - 1),
        st.integers(0, len(SERIES) - 1),
        st.integers(-5, 9),
    ),
    max_size=6,
)


def places_of(many: int) -> Places:
    places = Places()
    places.name(SERIES[:many])
    return places


def groupings_of(places: Places) -> list[Grouping]:
    return [places.grouped(length) for length in (2, 1)]


@given(st.lists(changes, max_size=6), st.sampled_from([0, 1, 4]))
def test_kept_sums_are_those_that_are_summed_anew(steps: list[Any], anew: int) -> None:
    groupings = groupings_of(places_of(len(SERIES)))
    by_place = np.zeros((WINDOWS, KINDS, len(SERIES)), np.int64)
    kept = Levels()
    given_out: list[tuple[Any, Any]] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(levels, "ANEW", anew)
        for step in steps:
            by_place = by_place.copy()
            for window, kind, place, more in step:
                by_place[window, kind, place] += more
            found = kept.at(by_place, groupings)
            wanted = [grouping.summed(by_place) for grouping in groupings]
            given_out += zip(found, wanted, strict=True)
            for one, right in given_out:  # those of earlier readings too
                np.testing.assert_array_equal(one, right)


def test_only_what_has_changed_is_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    places = places_of(len(SERIES))
    by_place = np.ones((WINDOWS, KINDS, len(SERIES)), np.int64)
    kept = Levels()
    kept.at(by_place, groupings_of(places))
    by_place = by_place.copy()
    by_place[1, 0, 5] += 7
    wanted = [one.summed(by_place) for one in groupings_of(places)]

    def must_not(*_: Any) -> Any:
        raise AssertionError("summed anew")

    monkeypatch.setattr(Grouping, "summed", must_not)
    for found, right in zip(kept.at(by_place, groupings_of(places)), wanted, strict=True):
        np.testing.assert_array_equal(found, right)


def test_a_place_that_is_new_makes_other_groups() -> None:
    kept = Levels()
    for many in (5, 9, len(SERIES)):
        groupings = groupings_of(places_of(many))
        by_place = np.arange(WINDOWS * KINDS * many).reshape(WINDOWS, KINDS, many)
        for found, one in zip(kept.at(by_place, groupings), groupings, strict=True):
            np.testing.assert_array_equal(found, one.summed(by_place))
        assert len(kept._kept) == len(groupings)
