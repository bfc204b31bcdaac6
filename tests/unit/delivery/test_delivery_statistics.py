"""Sums of statistics: numerators and denominators over what was reported, nothing twice."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.domain.mistake import MistakeCode
from services.delivery.domain.selection import Wanted
from services.delivery.domain.statistic_wish import StatisticWish, question_of, wish_mistakes
from services.delivery.domain.statistics import (
    Figure,
    MissingAreas,
    StatisticAnswer,
    StatisticQuestion,
    StatisticValue,
    answered,
    cleared,
)
from tests.support.delivery import a_pack

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PACK = a_pack()  # leaves 101, 102, 111, 201; levels of 1, 2 and 3 digits
LEAVES = tuple(area.code for area in PACK.areas)


def a_figure(
    area: str,
    numerator: int,
    denominator: int | None = 100,
    *,
    actor: str = "school",
    period: str = "2025",
    since: datetime = NOON,
) -> Figure:
    return Figure("grades", period, actor, area, numerator, denominator, since)


def answer(
    *figures: Figure, level: int = 1, areas: tuple[str, ...] | None = None
) -> StatisticAnswer:
    question = StatisticQuestion(("grades",), areas, level, None, None, None)
    return answered(PACK, question, figures, shown=("grades",), as_of=NOON)


def sums(found: StatisticAnswer) -> dict[str, tuple[int, int | None]]:
    return {one.area: (one.numerator, one.denominator) for one in found.values}


def test_a_sum_says_what_it_is_made_of() -> None:
    later = NOON + timedelta(days=1)
    found = answer(a_figure("101", 3, 40), a_figure("111", 1, 10, since=later))
    assert found == StatisticAnswer(
        as_of=NOON,
        values=(StatisticValue("grades", "1", "2025", "school", 4, 50, 2, 3, later),),
        missing=(MissingAreas("grades", "2025", ("102", "201")),),
        withheld=(),
    )


def test_shares_are_never_averaged() -> None:
    found = answer(a_figure("101", 1, 2), a_figure("102", 0, 98))
    assert sums(found) == {"1": (1, 100)}  # 1 %, and not the 25 % in the middle of 50 % and 0 %


def test_missing_is_not_zero_and_zero_is_not_missing() -> None:
    found = answer(a_figure("101", 0, 0), level=3)
    assert sums(found) == {"101": (0, 0)}
    assert found.missing == (MissingAreas("grades", "2025", ("102", "111", "201")),)


def test_where_nothing_at_all_was_reported_nothing_is_missing() -> None:
    assert (answer().values, answer().missing) == ((), ())


def test_one_figure_without_a_denominator_leaves_the_sum_without() -> None:
    found = answer(a_figure("101", 3, 40), a_figure("102", 2, None))
    assert sums(found) == {"1": (5, None)}


def test_a_coarse_figure_stands_in_where_none_of_its_leaves_has_one() -> None:
    figures = (a_figure("10", 9, 90), a_figure("111", 1, 10))
    assert sums(answer(*figures, level=1)) == {"1": (10, 100)}
    assert sums(answer(*figures, level=2)) == {"10": (9, 90), "11": (1, 10)}
    assert answer(*figures, level=2).missing == (MissingAreas("grades", "2025", ("201",)),)
    value = next(one for one in answer(*figures, level=2).values if one.area == "10")
    assert (value.areas_reported, value.areas_expected) == (2, 2)


def test_a_coarse_figure_never_counts_beside_its_own_leaves() -> None:
    figures = (a_figure("1", 90), a_figure("10", 9), a_figure("101", 2))
    for level, area in ((1, "1"), (2, "10"), (3, "101")):
        assert sums(answer(*figures, level=level)) == {area: (2, 100)}
    assert answer(*figures).missing == (MissingAreas("grades", "2025", ("102", "111", "201")),)


def test_a_coarse_figure_is_not_divided() -> None:
    found = answer(a_figure("1", 90), level=2)
    assert found.values == ()
    assert found.missing == (MissingAreas("grades", "2025", LEAVES),)


def test_actors_are_never_added_together() -> None:
    found = answer(a_figure("101", 1), a_figure("101", 5, actor="board"), a_figure("102", 2))
    values = [(one.actor, one.numerator, one.areas_reported) for one in found.values]
    assert values == [("board", 5, 1), ("school", 3, 2)]
    assert found.missing == (MissingAreas("grades", "2025", ("111", "201")),)


def test_one_actors_leaves_do_not_put_anothers_coarse_figure_aside() -> None:
    found = answer(a_figure("1", 7), a_figure("101", 5, actor="board"))
    assert {one.actor: one.numerator for one in found.values} == {"board": 5, "school": 7}


def test_the_rest_area_has_a_value_and_is_never_missing() -> None:
    found = answer(a_figure("999", 4, 5))
    (value,) = found.values
    assert (value.area, value.areas_reported, value.areas_expected) == ("9", 1, 1)
    assert found.missing == (MissingAreas("grades", "2025", LEAVES),)


def test_only_the_areas_asked_for_have_values_or_are_missing() -> None:
    found = answer(a_figure("101", 1), a_figure("201", 2), level=2, areas=("10", "11"))
    assert sums(found) == {"10": (1, 100)}
    assert found.missing == (MissingAreas("grades", "2025", ("102", "111")),)


def test_a_leaf_that_the_pack_has_lost_still_counts_in_the_areas_above() -> None:
    found = answer(a_figure("109", 4, 5), a_figure("101", 1, 5), level=2)
    assert sums(found) == {"10": (5, 10)}


def test_values_are_in_order_of_period_and_area() -> None:
    figures = [
        a_figure(area, 1, period=period)
        for period in ("2025-02", "2025", "2024/2025", "2025-01")
        for area in ("201", "101")
    ]
    found = answer(*figures, level=3)
    assert [(one.period, one.area) for one in found.values] == [
        (period, area)
        for period in ("2024/2025", "2025-01", "2025", "2025-02")
        for area in ("101", "201")
    ]


Reported = dict[str, tuple[int, int]]
reported = st.dictionaries(
    st.sampled_from([*LEAVES, "999"]),
    st.integers(0, 50).flatmap(lambda n: st.tuples(st.just(n), st.integers(n, 100))),
)
coarse = st.dictionaries(
    st.sampled_from(["1", "2", "9", "10", "11", "20"]), st.tuples(st.just(7), st.just(70))
)


@given(reported)
def test_every_level_is_the_sum_of_the_leaves_that_reported(leaves: Reported) -> None:
    figures = [a_figure(area, *numbers) for area, numbers in leaves.items()]
    for level, length in enumerate(PACK.levels, start=1):
        expected: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for area, (numerator, denominator) in leaves.items():
            expected[area[:length]][0] += numerator
            expected[area[:length]][1] += denominator
        found = answer(*figures, level=level)
        assert sums(found) == {area: tuple(both) for area, both in expected.items()}
        for value in found.values:
            shares = [
                Fraction(*leaves[leaf])
                for leaf in leaves
                if leaf.startswith(value.area) and leaves[leaf][1]
            ]
            if value.denominator and shares:
                share = Fraction(value.numerator, value.denominator)
                assert min(shares) <= share <= max(shares)


def recursive(area: str, figures: Reported) -> tuple[int, int] | None:
    """The rule another way: what lies inside, and else the area's own figure."""
    direct = [code for code in figures if code.startswith(area) and code != area]
    tops = [
        code
        for code in direct
        if not any(code != other and code.startswith(other) for other in direct)
    ]
    inside = [found for code in tops if (found := recursive(code, figures))]
    if inside:
        return sum(one for one, _ in inside), sum(other for _, other in inside)
    return figures.get(area)


@given(reported, coarse)
def test_with_coarse_figures_among_them_nothing_is_counted_twice(
    leaves: Reported, upper: Reported
) -> None:
    every = {**leaves, **upper}
    figures = [a_figure(area, *numbers) for area, numbers in every.items()]
    for level in (1, 2, 3):
        expected = {
            area: both
            for area in PACK.codes_at(level)
            if (both := recursive(area, every)) is not None
        }
        found = answer(*figures, level=level)
        assert sums(found) == expected
        covered = sum(one.areas_reported for one in found.values if one.area[0] != "9")
        lacking = sum(len(one.areas) for one in found.missing)
        if every:
            assert covered + lacking == len(LEAVES)


def test_what_the_actor_is_not_cleared_for_is_withheld_and_not_looked_at() -> None:
    question = StatisticQuestion(("gone", "grades"), None, 1, None, None, None)
    assert cleared(PACK, question, actor="fire") == ()
    found = answered(PACK, question, [a_figure("101", 1)], shown=(), as_of=NOON)
    assert (found.values, found.missing, found.withheld) == ((), (), ("gone", "grades"))


def a_wish(**given: Any) -> StatisticWish:
    return StatisticWish(
        indicators=given.get("indicators"),
        wanted=Wanted(None, given.get("areas"), given.get("level"), None),
        periods=given.get("periods"),
        begins_from=given.get("begins_from"),
        begins_before=given.get("begins_before"),
    )


def test_left_out_means_every_statistic_at_the_usual_level() -> None:
    assert question_of(PACK, a_wish()) == StatisticQuestion(("grades",), None, 3, None, None, None)


def test_a_question_has_each_code_once_and_days() -> None:
    wish = a_wish(
        indicators=["grades", "grades"],
        areas=["11", "10"],
        periods=["2025", "2024", "2025"],
        begins_from="2024-01-01",
        begins_before="2026-02-28",
    )
    assert not list(wish_mistakes(PACK, wish))
    assert question_of(PACK, wish) == StatisticQuestion(
        ("grades",), ("10", "11"), 2, ("2024", "2025"), date(2024, 1, 1), date(2026, 2, 28)
    )


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"indicators": ["grades", "none"]}, "indicator[1]", MistakeCode.UNKNOWN_CODE),
        ({"indicators": ["bins"]}, "indicator[0]", MistakeCode.NOT_A_STATISTIC),
        ({"periods": ["2025", "2025-9"]}, "period[1]", MistakeCode.NOT_A_PERIOD),
        ({"begins_from": "2025"}, "from", MistakeCode.NOT_A_DAY),
        ({"begins_from": "20250101"}, "from", MistakeCode.NOT_A_DAY),
        ({"begins_before": "2025-02-29"}, "to", MistakeCode.NOT_A_DAY),
    ],
)
def test_what_cannot_be_asked_is_named(
    given: dict[str, Any], field: str, code: MistakeCode
) -> None:
    found = [(one.field, one.code) for one in wish_mistakes(PACK, a_wish(**given))]
    assert found == [(field, code)]
