"""The view: who sees what of a selection, and what stands beside the cells."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.domain.push import push_of, webhook_id
from services.delivery.domain.selection import Selection, Wanted, selected
from services.delivery.domain.view import Count, Key, NotOffered, Plan, View, composed, plan
from shared.pack.model import Coarsening, Pack, Sensitivity
from shared.windows import Tier, Window, is_offered, start_of
from tests.support.delivery import a_pack

NOON = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)
PACK = a_pack()
COARSE = a_pack(
    coarsening={
        Sensitivity.S1: Coarsening(Tier.HOUR, 1),
        Sensitivity.S3: Coarsening(Tier.DAY, 2),
    }
)


def planned(
    actor: str = "fire",
    indicators: Sequence[str] | None = None,
    areas: Sequence[str] | None = None,
    level: int | None = None,
    windows: Sequence[str] | None = None,
    pack: Pack = PACK,
) -> Plan:
    selection = selected(pack, Wanted(indicators, areas, level, windows))
    return plan(pack, selection, actor=actor, as_of=NOON)


def test_codes_that_the_actor_is_not_cleared_for_are_withheld_and_never_summed() -> None:
    found = planned("fire")
    assert found.withheld == ("people", "special")
    assert {code for code, _, _ in found.parts} == {"bins", "houses"}


def test_an_actor_without_clearance_has_what_is_for_all() -> None:
    found = planned("guards")
    assert found.withheld == ("houses", "people", "special")
    assert set(found.offered) == {"bins"}


def test_withheld_does_not_depend_on_what_was_counted() -> None:
    found = composed(planned(indicators=["people"], windows=["24h"]), (), zeros=True)
    assert found == View(as_of=NOON, cells=(), withheld=("people",), not_offered=())


def test_the_special_class_is_exact_down_to_level_two_only() -> None:
    assert "special" in planned("social", level=3).withheld
    assert "special" not in planned("social", level=2).withheld


def test_a_window_of_fewer_than_four_grains_is_named_and_has_no_cell() -> None:
    found = composed(planned("social", level=2, indicators=["special"]), (), zeros=True)
    assert found.not_offered == (NotOffered("special", ("15m", "1h", "6h", "24h")),)
    assert {cell.window for cell in found.cells} == {"7d", "30d", "12mo"}


def test_a_withheld_code_is_not_named_among_the_windows_either() -> None:
    assert planned("fire").not_offered == ()


def test_zero_cells_are_left_out_unless_they_are_asked_for() -> None:
    asked = planned(indicators=["bins"], windows=["1h"])
    counted = {("101", "bins", Window.H1): Count(3, 2)}.items()
    cells = composed(asked, counted).cells
    assert [(cell.area, cell.reports, cell.incidents) for cell in cells] == [("101", 3, 2)]
    assert [(cell.area, cell.reports) for cell in composed(asked, counted, zeros=True).cells] == [
        ("101", 3),
        ("102", 0),
        ("111", 0),
        ("201", 0),
        ("999", 0),
    ]


def test_zero_cells_are_of_the_given_areas_only() -> None:
    asked = planned(areas=["11", "10"], indicators=["bins"], windows=["1h"])
    assert [cell.area for cell in composed(asked, (), zeros=True).cells] == ["10", "11"]


def test_the_level_is_that_of_the_given_areas_and_else_the_third() -> None:
    assert planned(areas=["11"]).prefix_length == 2
    assert planned().prefix_length == 3


def test_below_its_finest_level_an_indicator_is_not_offered_and_never_zero() -> None:
    asked = ["bins", "houses"]
    for level in (2, 3):
        found = composed(planned(level=level, indicators=asked, pack=COARSE), (), zeros=True)
        assert {cell.indicator for cell in found.cells} == {"bins"}
        assert found.not_offered == (NotOffered("houses", tuple(Window), 1),)
        assert found.withheld == ()
    top = composed(planned(level=1, indicators=asked, pack=COARSE), (), zeros=True)
    assert {cell.indicator for cell in top.cells} == {"bins", "houses"}
    assert top.not_offered == (NotOffered("houses", ("15m", "1h")),)  # its grain is an hour now


def test_who_is_cleared_at_the_finest_level_is_told_of_it_and_others_are_not() -> None:
    special = ["special"]
    assert planned("social", level=3, indicators=special, pack=COARSE).withheld == ()
    (told,) = planned("social", level=3, indicators=special, pack=COARSE).not_offered
    assert (told.indicator, told.finest_level) == ("special", 2)
    hidden = planned("fire", level=3, indicators=special, pack=COARSE)
    assert (hidden.withheld, hidden.not_offered) == (("special",), ())


def test_what_is_not_offered_has_nothing_to_be_summed() -> None:
    found = planned(level=3, pack=COARSE)
    assert "houses" not in {*found.offered, *found.classes, *found.grains}
    assert {code for code, _, _ in found.parts} == {"bins"}


def test_the_level_is_on_the_wire_only_where_it_is_the_reason() -> None:
    too_short = planned("social", level=2, indicators=["special"], pack=COARSE).not_offered
    assert "finest_level" not in msgspec.to_builtins(too_short[0])
    too_fine = planned(level=2, indicators=["houses"], pack=COARSE).not_offered
    assert msgspec.to_builtins(too_fine[0])["finest_level"] == 1


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(PACK.codes_at(3)),
            st.sampled_from(["bins", "houses"]),
            st.sampled_from(list(Window)),
        ),
        st.builds(Count, st.integers(1, 99), st.integers(1, 99)),
    ),
    st.booleans(),
)
def test_cells_are_sorted_by_area_indicator_and_length_of_window(
    counted: dict[Key, Count], zeros: bool
) -> None:
    order = list(Window)
    cells = composed(planned(), counted.items(), zeros=zeros).cells
    keys = [(cell.area, cell.indicator, order.index(Window(cell.window))) for cell in cells]
    assert keys == sorted(keys)
    shown = {
        (cell.area, cell.indicator, cell.window): Count(cell.reports, cell.incidents)
        for cell in cells
    }
    assert {key: count for key, count in shown.items() if count.reports} == counted


def test_every_window_is_offered_and_begins_where_the_rule_says() -> None:
    starts: dict[tuple[str, Window], datetime] = {}
    for code, window, segment in planned("social", level=2).parts:
        starts.setdefault((code, window), segment.start)
    assert starts
    for (code, window), start in starts.items():
        grain = PACK.grain_of(code)
        assert is_offered(window, grain)
        assert start == start_of(window, NOON, grain=grain)


def test_a_code_that_the_catalogue_has_lost_is_withheld_and_breaks_nothing() -> None:
    selection = Selection(("bins", "lost"), None, 3, (Window.H1,))
    found = plan(PACK, selection, actor="fire", as_of=NOON)
    assert found.withheld == ("lost",)
    assert set(found.offered) == {"bins"}


def test_a_level_that_the_pack_has_lost_is_its_finest() -> None:
    selection = Selection(("bins",), None, 7, (Window.H1,))
    assert plan(PACK, selection, actor="fire", as_of=NOON).prefix_length == 3


SUBSCRIPTION = UUID(int=7)


def test_a_push_is_the_full_view_with_its_place_in_the_order() -> None:
    asked = planned(indicators=["people", "bins"], windows=["1h"])
    found = composed(asked, [(("101", "bins", Window.H1), Count(3, 2))])
    push = push_of(found, subscription=SUBSCRIPTION, seq=4, due_at=NOON)
    assert msgspec.json.decode(push.body) == {
        "type": "lagesbild.view.updated",
        "timestamp": "2026-11-23T12:00:30Z",
        "data": {
            "subscription": str(SUBSCRIPTION),
            "seq": 4,
            "due_at": "2026-11-23T12:00:30Z",
            "as_of": "2026-11-23T12:00:30Z",
            "cells": [
                {"area": "101", "indicator": "bins", "window": "1h", "reports": 3, "incidents": 2}
            ],
            "withheld": ["people"],
            "not_offered": [],
        },
    }


@given(st.uuids(), st.integers(1, 2**40))
def test_the_id_of_a_push_is_the_same_for_ever_and_fit_for_its_signature(
    subscription: UUID, seq: int
) -> None:
    found = webhook_id(subscription, seq)
    assert found == webhook_id(subscription, seq)
    assert found != webhook_id(subscription, seq + 1)
    assert "." not in found
