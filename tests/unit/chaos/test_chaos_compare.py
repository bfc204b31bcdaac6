"""Whatever is lost, doubled or moved is noticed; what a tier keeps no more is not asked for."""

from datetime import UTC, datetime, timedelta

from deploy.chaos.compare import Comparison, compared
from deploy.chaos.oracle import Count
from deploy.demo.truth import Cell

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TIERS = ("minute", "hour", "day")


def cells(area: str = "111", *, at: datetime = NOON, n: int = 2) -> dict[Cell, Count]:
    return {Cell(tier, "fire", at, area): Count(n, n) for tier in TIERS}


def comparison(
    expected: dict[Cell, Count],
    found: dict[Cell, Count],
    kept_from: dict[str, datetime] | None = None,
) -> Comparison:
    return compared(expected, found.items(), kept_from=kept_from or {})


def verdict(one: Comparison) -> tuple[int, int, int]:
    return one.wrong, one.lost, one.doubled


def test_equal_cells_are_right() -> None:
    one = comparison(cells(), cells())
    assert (one.cells, *verdict(one)) == (3, 0, 0, 0)


def test_a_lost_event_is_noticed_once() -> None:
    assert verdict(comparison(cells(n=2), cells(n=1))) == (3, 1, 0)


def test_a_doubled_event_is_noticed_once() -> None:
    assert verdict(comparison(cells(n=2), cells(n=3))) == (3, 0, 1)


def test_a_moved_event_is_both() -> None:
    assert verdict(comparison(cells("111"), cells("112"))) == (6, 2, 2)


def test_a_cell_that_is_absent_is_lost() -> None:
    assert verdict(comparison(cells(), {})) == (3, 2, 0)


def test_a_cell_that_nobody_expects_is_doubled() -> None:
    assert verdict(comparison({}, cells())) == (3, 0, 2)


def test_losses_and_doubles_never_make_up_for_each_other() -> None:
    expected = cells("111", n=2) | cells("112", n=2)
    found = cells("111", n=1) | cells("112", n=3)
    assert verdict(comparison(expected, found)) == (6, 1, 1)


def test_an_incident_that_is_missing_is_noticed_although_its_reports_are_there() -> None:
    found = {cell: Count(2, 1) for cell in cells()}
    one = comparison(cells(n=2), found)
    assert verdict(one) == (3, 1, 0)
    assert one.tallies["day", "reports"].lost == 0


def test_one_wrong_tier_is_enough() -> None:
    found = cells() | {Cell("hour", "fire", NOON, "111"): Count(1, 1)}
    assert verdict(comparison(cells(), found)) == (1, 1, 0)


def test_what_a_tier_keeps_no_more_is_not_asked_for() -> None:
    old = NOON - timedelta(days=9)
    found = {cell: count for cell, count in cells(at=old).items() if cell.tier == "day"}
    kept_from = dict.fromkeys(("minute", "hour"), NOON)
    assert verdict(comparison(cells(at=old), found, kept_from)) == (0, 0, 0)
    assert verdict(comparison(cells(at=old), found)) == (2, 2, 0)


def test_the_first_differences_are_shown() -> None:
    one = comparison(cells(n=2), cells(n=1))
    assert {shown.cell for shown in one.shown} == set(cells())
    assert one.shown[0].expected == Count(2, 2)
    assert one.shown[0].found == Count(1, 1)
