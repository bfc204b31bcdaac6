"""The oracle: versions, grains, days and incidents, against cells that are written out here."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from deploy.chaos.content import Content, Said
from deploy.chaos.incidents import Linked
from deploy.chaos.load import Load
from deploy.chaos.oracle import Count, Oracle
from deploy.demo.decisions import Decided, Decisions
from deploy.demo.truth import Cell
from tests.unit.chaos.scene import BEGAN, SCENERY

MINUTE = int(BEGAN.timestamp()) // 60
DAY = datetime(2026, 3, 28, 23, tzinfo=UTC)  # of Stockholm
HOUR = datetime(2026, 3, 29, 0, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)
INCIDENT, OTHER = UUID(int=91), UUID(int=92)


def oracle(*linked: Linked) -> Oracle:
    told = Oracle(Content(SCENERY), SCENERY.coarse)
    for one in linked:
        told.accept_linked(one)
    return told


def linked(
    event: UUID,
    version: int = 1,
    incident: UUID | None = None,
    *,
    minute: int = MINUTE,
    area: str = "111",
) -> Linked:
    return Linked(event, version, incident, Said("fire", minute, area))


def withdrawn(event: UUID, version: int) -> Linked:
    return Linked(event, version, None, None)


def by_area(told: Oracle) -> dict[str, Count]:
    return {cell.area: count for cell, count in told.cells().items() if cell.tier == "minute"}


def test_an_event_is_in_one_cell_of_each_tier() -> None:
    assert oracle(linked(FIRST)).cells() == {
        Cell("minute", "fire", BEGAN, "111"): Count(1, 1),
        Cell("hour", "fire", HOUR, "111"): Count(1, 1),
        Cell("day", "fire", DAY, "111"): Count(1, 1),
    }


def test_the_grain_of_a_class_holds_in_every_tier() -> None:
    robbery = Linked(FIRST, 1, None, Said("robbery", MINUTE, "111"))
    arrest = Linked(SECOND, 1, None, Said("arrest", MINUTE, "111"))
    buckets = {(cell.tier, cell.indicator): cell.bucket for cell in oracle(robbery, arrest).cells()}
    assert buckets["minute", "robbery"] == HOUR
    assert {buckets[tier, "arrest"] for tier in ("minute", "day")} == {DAY}


def test_a_coarse_class_is_in_the_area_of_its_level_and_the_rest_area_stays_whole() -> None:
    told = oracle(
        Linked(FIRST, 1, None, Said("arrest", MINUTE, "111")),
        Linked(SECOND, 1, None, Said("arrest", MINUTE, "999")),
    )
    assert by_area(told) == {"11": Count(1, 1), "999": Count(1, 1)}
    assert {cell.area for cell in told.shown(BEGAN)} == {"11", "999"}


def test_the_highest_version_holds_in_whatever_order_it_comes() -> None:
    told = oracle(linked(FIRST, 3, area="999"), linked(FIRST, 2), linked(FIRST, 3, area="999"))
    assert by_area(told) == {"999": Count(1, 1)}


def test_a_withdrawn_event_stays_withdrawn() -> None:
    assert oracle(linked(FIRST), withdrawn(FIRST, 2), linked(FIRST)).cells() == {}


def test_an_incident_counts_once_and_with_its_earliest_event() -> None:
    told = oracle(
        linked(FIRST, 1, INCIDENT), linked(SECOND, 1, INCIDENT, minute=MINUTE - 1, area="999")
    )
    assert by_area(told) == {"111": Count(1, 0), "999": Count(1, 1)}


def test_of_equally_early_events_the_smallest_id_has_the_incident() -> None:
    both = (linked(SECOND, 1, INCIDENT, area="999"), linked(FIRST, 1, INCIDENT))
    for order in (both, both[::-1]):
        assert by_area(oracle(*order)) == {"111": Count(1, 1), "999": Count(1, 0)}


def test_an_incident_moves_when_its_earliest_event_is_withdrawn_or_corrected() -> None:
    both = (linked(FIRST, 1, INCIDENT, minute=MINUTE - 1), linked(SECOND, 1, INCIDENT, area="999"))
    assert by_area(oracle(*both))["111"] == Count(1, 1)
    assert by_area(oracle(*both, withdrawn(FIRST, 2))) == {"999": Count(1, 1)}
    later = linked(FIRST, 2, INCIDENT, minute=MINUTE + 1)
    assert by_area(oracle(*both, later)) == {"111": Count(1, 0), "999": Count(1, 1)}


def test_a_version_can_move_an_event_to_another_incident() -> None:
    both = (linked(FIRST, 1, INCIDENT), linked(SECOND, 1, INCIDENT))
    assert by_area(oracle(*both, linked(SECOND, 2, OTHER))) == {"111": Count(2, 2)}


def test_reports_count_in_their_winning_versions() -> None:
    content = Content(SCENERY)
    load = Load(SCENERY, content)
    told = oracle()
    newest: dict[int, int] = {}
    for _ in range(20):
        tellings = load.next(50).tellings
        told.accept(tellings)
        for number, version in tellings:
            newest[number] = max(version, newest.get(number, 0))
    live = [said for telling in newest.items() if (said := content.said(*telling))]
    assert told.reports == 1000
    for tier in ("minute", "hour", "day"):
        assert total(told, tier) == len(live)


def test_a_report_whose_number_comes_late_is_not_forgotten() -> None:
    told = oracle()
    told.accept([(1000, 1)])
    told.accept([(3, 1)])
    assert total(told, "day") == 2


def total(told: Oracle, tier: str) -> int:
    return sum(counts(cells=told.cells().items(), tier=tier))


def counts(*, cells: Iterable[tuple[Cell, Count]], tier: str) -> list[int]:
    return [count.reports for cell, count in cells if cell.tier == tier]


def test_a_window_has_what_lies_between_its_start_and_now() -> None:
    told = oracle(
        linked(FIRST, incident=INCIDENT, minute=MINUTE - 60),
        linked(SECOND, incident=INCIDENT, minute=MINUTE),
    )
    shown = told.shown(BEGAN + timedelta(seconds=30))
    assert {key.window: count for key, count in shown.items()} == {
        "15m": Count(1, 0),  # the incident is where its earliest event is
        "1h": Count(2, 1),
        "6h": Count(2, 1),
        "24h": Count(2, 1),
        "7d": Count(2, 1),
        "30d": Count(2, 1),
    }


def test_what_happens_in_the_minute_after_is_in_no_window() -> None:
    told = oracle(linked(FIRST, minute=MINUTE + 1))
    assert told.shown(BEGAN + timedelta(seconds=30)) == {}


def test_reports_that_were_linked_are_one_incident() -> None:
    content = Content(SCENERY)
    told = oracle()
    told.accept([(0, 1), (1, 1), (2, 1)])  # by fire, by police, by fire
    alone = sum(count.incidents for cell, count in told.cells().items() if cell.tier == "minute")
    decisions = Decisions()
    events = [made_by_ingest(90 + number) for number in range(3)]
    decisions.add(
        [
            Decided(events[0], 1, None),
            Decided(events[1], 1, INCIDENT),
            Decided(events[0], 1, INCIDENT),
            Decided(events[2], 2, INCIDENT),  # of a version that does not hold
        ]
    )
    told.learn(decisions, lambda number: events[number])
    cells = told.cells()
    minutes = {cell: count for cell, count in cells.items() if cell.tier == "minute"}
    assert sum(count.reports for count in minutes.values()) == 3
    assert sum(count.incidents for count in minutes.values()) == alone - 1
    said = [one for number in (0, 1) if (one := content.said(number, 1))]
    assert len(said) == 2
    assert not decisions.again
    assert decisions.halved == 0


def made_by_ingest(number: int) -> UUID:
    return UUID(int=number | 8 << 76 | 8 << 60)  # version and variant


def test_an_incident_whose_founder_was_not_told_once_more_is_halved() -> None:
    decisions = Decisions()
    decisions.add(
        [Decided(made_by_ingest(1), 1, INCIDENT), Decided(made_by_ingest(1), 2, INCIDENT)]
    )
    assert decisions.halved == 1
    decisions.add([Decided(made_by_ingest(2), 1, INCIDENT), Decided(FIRST, 1, OTHER)])
    assert decisions.halved == 0


def test_a_version_that_is_linked_twice_was_decided_again() -> None:
    decisions = Decisions()
    one = made_by_ingest(1)
    decisions.add([Decided(one, 1, INCIDENT), Decided(one, 1, INCIDENT)])
    assert not decisions.again
    decisions.add([Decided(one, 2, OTHER), Decided(one, 1, OTHER)])
    assert decisions.again == {(one, 1)}
