"""What is one incident, report after report. The rules of decisions 0026 and 0027."""

import dataclasses

import pytest

from services.anonymizer.domain.linking.posterior import Posteriors
from services.anonymizer.domain.linking.rules import FAMILIES, rules_of
from shared.pack.model import Family
from tests.unit.anonymizer.builders import a_pack
from tests.unit.anonymizer.linking_builders import BEGAN_MS, HOUR_MS, Town, a_linker, seen


def test_the_first_report_of_an_incident_is_published_without_one() -> None:
    town = Town()
    decision = town.tell(seen(1)).decisions[0]
    assert decision.event.incident_id is None
    assert decision.founder is None


def test_the_second_gets_an_incident_and_names_the_founder_that_gets_it_too() -> None:
    town = Town()
    town.tell(seen(1))
    decision = town.tell(seen(2, "police")).decisions[0]
    assert decision.event.incident_id is not None
    assert decision.event.incident_id.version == 8
    assert decision.founder == (seen(1).event_id, 1)


def test_the_third_names_no_founder_for_the_incident_is_there() -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police"))
    decision = town.tell(seen(3, "guards")).decisions[0]
    assert decision.founder is None
    assert town.are_one(1, 2, 3)


def test_reports_of_one_batch_are_linked_as_if_they_came_one_by_one() -> None:
    together, apart = Town(), Town()
    batch = [seen(1), seen(2, "police"), seen(3, "police", east=300), seen(4, "guards", minute=20)]
    at_once = together.tell(*batch).decisions
    assert at_once == [apart.tell(one).decisions[0] for one in batch]


def test_two_reports_of_one_actor_are_never_one_incident() -> None:
    town = Town()
    town.tell(seen(1), seen(2))
    assert town.incident(2) is None


def test_an_incident_has_one_report_of_an_actor_also_by_way_of_another() -> None:
    town = Town()
    town.tell(seen(1, "fire"), seen(2, "police"))
    town.tell(seen(3, "fire", minute=1))
    assert town.are_one(1, 2)
    assert town.incident(3) is None


@pytest.mark.parametrize(
    ("other", "linked"),
    [
        (seen(2, "police", code="window"), True),
        (seen(2, "police", code="car"), False),
        (seen(2, "police", east=520), False),
        (seen(2, "police", north=-600), False),
        (seen(2, "police", minute=110), False),
        (seen(2, "police", minute=-110), False),
        (seen(2, "police", minute=60), True),
        (seen(2, "police", received_ms=25 * HOUR_MS), False),
        (seen(2, "police", received_ms=23 * HOUR_MS), True),
    ],
    ids=["compatible", "other family", "east", "south", "late", "early", "hour", "25 h", "23 h"],
)
def test_what_is_near_enough_to_be_compared(other: object, linked: bool) -> None:
    town = Town()
    town.tell(seen(1), now_ms=0)
    town.tell(other, now_ms=0)  # type: ignore[arg-type] # the parameter is a sighting
    assert town.are_one(1, 2) is linked


def test_a_report_without_a_place_is_not_linked() -> None:
    town = Town()
    town.tell(seen(1, east=float("nan")), seen(2, "police", east=float("nan")))
    assert town.incident(2) is None


def test_special_classes_are_never_linked() -> None:
    town = Town()
    town.tell(seen(1, code="at_home"), seen(2, "police", code="at_home", minute=1))
    assert town.incident(2) is None


def test_between_the_two_thresholds_it_is_counted_and_noted() -> None:
    town = Town(chance=0.5)
    decision = town.tell(seen(1), seen(2, "police")).decisions[1]
    assert decision.event.incident_id is None
    assert decision.possible
    unlikely = Town(chance=0.2).tell(seen(1), seen(2, "police")).decisions[1]
    assert not unlikely.possible


def test_of_equally_likely_ones_the_first_received_is_taken() -> None:
    town = Town()
    town.tell(seen(9, "guards", received_ms=5), seen(4, "housing", received_ms=9, east=80))
    town = Town()
    town.tell(seen(9, "guards", received_ms=5))
    town.tell(seen(4, "guards", received_ms=9))
    town.tell(seen(7, "police", received_ms=10))
    assert town.are_one(9, 7)


def test_a_withdrawn_report_leaves_its_incident_and_the_others_stay_together() -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police"), seen(3, "guards"))
    gone = town.tell(seen(1, live=False, version=2))
    assert gone.decisions[0].event.incident_id is None
    assert gone.freed == [(seen(1).event_id, 1)]
    assert gone.marks == []
    assert town.are_one(2, 3)
    town.tell(seen(5, "fire"))  # the founder's actor may come again
    assert town.are_one(2, 3, 5)


def test_a_report_that_was_withdrawn_is_found_by_nobody() -> None:
    town = Town()
    town.tell(seen(1), seen(1, live=False, version=2), seen(2, "police"))
    assert town.incident(2) is None


def test_a_correction_of_nothing_that_matters_keeps_its_incident() -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police"))
    incident = town.incident(1)
    decision = town.tell(seen(1, version=2)).decisions[0]
    assert decision.event.incident_id is not None
    assert decision.event.incident_id.bytes == incident
    assert decision.founder is None


@pytest.mark.parametrize(
    "changes", [{"east": 3000}, {"minute": 600}, {"code": "car"}], ids=["place", "time", "family"]
)
def test_a_correction_of_place_time_or_family_is_linked_anew(changes: dict[str, object]) -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police"))
    town.tell(seen(2, "police", version=2, **changes))  # type: ignore[arg-type] # of `seen`
    assert town.incident(2) is None
    town.tell(seen(3, "guards", **changes))  # type: ignore[arg-type] # of `seen`
    assert town.are_one(2, 3)


def test_a_correction_is_kept_by_its_event_when_its_mark_is_gone() -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police"))
    incident = town.incident(2)
    later = 30 * HOUR_MS
    town.tell(seen(9, code="car", east=9000), now_ms=later)
    town.tell(seen(2, "police", version=2, received_ms=later), now_ms=later)
    assert town.incident(2) == incident
    town.tell(seen(2, "police", version=3, received_ms=later, area="102", east=9000), now_ms=later)
    assert town.incident(2) is None


def test_a_lower_version_that_comes_late_changes_nothing() -> None:
    town = Town()
    town.tell(seen(1, version=3), seen(2, "police"))
    late = town.tell(seen(1, version=2, east=5000))
    assert late.decisions[0].event.incident_id is None
    assert late.marks == []
    assert town.are_one(1, 2)


def test_an_incident_of_one_version_never_changes() -> None:
    """A report near two incidents joins one; the two do not become one."""
    town = Town()
    town.tell(seen(1), seen(2, "police"))
    town.tell(seen(3, "fire", minute=60), seen(4, "guards", minute=75))
    first, second = town.incident(1), town.incident(3)
    town.tell(seen(5, "housing", minute=30))
    assert (town.incident(1), town.incident(3)) == (first, second)


def test_marks_are_forgotten_after_24_hours() -> None:
    town = Town()
    town.tell(seen(1), now_ms=0)
    assert len(town.linker.marks) == 1
    town.tell(seen(2, "police", received_ms=24 * HOUR_MS), now_ms=24 * HOUR_MS)
    assert len(town.linker.marks) == 1
    assert len(town.linker.marks.columns.key) == 1


def test_a_correction_that_gives_the_place_for_the_first_time_is_linked() -> None:
    """Area and time in the event are as they were: the place is what was missing."""
    town = Town()
    town.tell(seen(1), seen(2, "police", east=float("nan")))
    assert town.incident(2) is None
    town.tell(seen(2, "police", version=2))
    assert town.are_one(1, 2)


def test_a_correction_that_gives_the_place_for_the_first_time_is_bounded() -> None:
    town = Town(chance=0.0)
    town.tell(seen(1, code="threats"), seen(2, code="threats", east=float("nan")))
    assert town.tell(seen(2, code="threats", version=2)).decisions[0].event.surplus


@pytest.mark.parametrize("traffic", [False, True], ids=["quiet", "others come between"])
def test_an_incident_takes_no_more_24_hours_after_its_first_report(traffic: bool) -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police", received_ms=20 * HOUR_MS))
    assert town.are_one(1, 2)
    if traffic:
        town.tell(seen(9, code="car", east=9000, received_ms=25 * HOUR_MS - 1))
    town.tell(seen(3, received_ms=25 * HOUR_MS), seen(4, "guards", received_ms=25 * HOUR_MS))
    assert town.incident(3) not in {None, town.incident(2)}  # they are another one
    assert town.are_one(3, 4)


def test_an_incident_takes_no_more_by_the_clock_either() -> None:
    """Decided late: the first report is remembered no more, so nobody knows whose it was."""
    town = Town()
    town.tell(seen(1), seen(2, "police", received_ms=12 * HOUR_MS))
    town.tell(seen(3, received_ms=20 * HOUR_MS), now_ms=24 * HOUR_MS)
    assert town.incident(3) is None


def test_an_incident_takes_no_more_by_receipt_where_the_clock_is_behind() -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police", received_ms=20 * HOUR_MS))
    town.tell(seen(3, "guards", received_ms=25 * HOUR_MS), now_ms=20 * HOUR_MS)
    assert town.incident(3) is None


def test_the_first_report_of_an_incident_is_the_first_received_also_if_it_joins_late() -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police", received_ms=1))
    town.tell(seen(3, "guards", received_ms=-5 * HOUR_MS), now_ms=2)
    assert town.are_one(1, 3)
    town.tell(seen(4, "guards", received_ms=20 * HOUR_MS))
    assert town.incident(4) is None


def test_a_clock_that_was_ahead_lets_no_actor_in_twice() -> None:
    """At 22 h it stands 3 h ahead for one round: the first report is forgotten, the second is not."""
    town = Town()
    town.tell(seen(1), seen(2, "police", received_ms=5 * HOUR_MS))
    town.linker.forget(BEGAN_MS + 25 * HOUR_MS)
    town.tell(seen(3, received_ms=22 * HOUR_MS))
    assert town.incident(3) is None


def test_a_clock_that_was_ahead_lets_no_actor_in_by_way_of_a_correction() -> None:
    """Both are forgotten; one comes again corrected, and its incident is as closed as before."""
    town = Town()
    town.tell(seen(1), seen(2, "police", received_ms=5 * HOUR_MS))
    town.linker.forget(BEGAN_MS + 30 * HOUR_MS)
    town.tell(seen(2, "police", version=2, received_ms=20 * HOUR_MS))
    town.tell(seen(3, received_ms=22 * HOUR_MS))
    assert town.are_one(1, 2)
    assert town.incident(3) is None


def test_an_incident_whose_only_report_is_corrected_takes_others_as_before() -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police"), seen(2, "police", live=False, version=2))
    town.tell(seen(1, version=2))
    town.tell(seen(3, "guards"))
    assert town.are_one(1, 3)


def test_a_corrected_report_stays_in_no_incident_that_has_another_of_its_actor() -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police"))
    marks, incident = town.linker.marks, town.incident(1)
    assert incident is not None
    other = town.tell(seen(3, east=9000)).marks[0]
    marks.join(other, incident)  # no rule lets it in
    town.tell(seen(1, version=2))
    assert town.incident(1) is None


def test_what_is_24_hours_old_by_the_clock_is_found_by_nobody() -> None:
    town = Town()
    town.tell(seen(1), now_ms=0)
    town.tell(seen(2, "police", received_ms=20 * HOUR_MS), now_ms=24 * HOUR_MS)
    assert town.incident(2) is None


def test_what_is_decided_late_is_bounded_by_what_is_still_remembered() -> None:
    """The limit that decision 0027 names: what waits longer is bounded by less than 24 hours."""
    late = seen(2, code="threats", received_ms=14 * HOUR_MS)
    for hours, is_surplus in ((23.9, True), (24.1, False)):
        town = Town(chance=0.0)
        town.tell(seen(1, code="threats"), now_ms=0)
        decided = town.tell(late, now_ms=int(hours * HOUR_MS))
        assert decided.decisions[0].event.surplus is is_surplus


def test_marks_and_cells_are_forgotten_after_24_hours_also_if_no_report_comes() -> None:
    town = Town()
    town.tell(seen(1), seen(2, "police", received_ms=HOUR_MS), now_ms=HOUR_MS)
    town.linker.forget(BEGAN_MS + 24 * HOUR_MS)
    assert (len(town.linker.marks), len(town.linker.marks.columns.key)) == (1, 1)
    town.linker.forget(BEGAN_MS + 25 * HOUR_MS)
    assert (len(town.linker.marks), len(town.linker.marks.columns.key)) == (0, 0)


def test_where_reports_throng_nothing_is_said() -> None:
    town = Town()
    throng = [seen(number, f"actor{number}", code="car") for number in range(1, 30)]
    quiet = Town(chance=0.0)
    quiet.tell(*throng)
    quiet.linker._posteriors = a_linker()._posteriors
    assert quiet.tell(seen(99, "police", code="car")).decisions[0].event.incident_id is None
    assert town.tell(*throng[:2]).decisions[1].event.incident_id is not None


@pytest.mark.parametrize("code", ["threats", "at_home"])
def test_one_event_of_a_cell_and_indicator_is_counted_in_24_hours(code: str) -> None:
    town = Town(chance=0.0)
    first, second = town.tell(seen(1, code=code), seen(2, "police", code=code)).decisions
    assert (first.event.surplus, second.event.surplus) == (False, True)


@pytest.mark.parametrize(
    "other",
    [
        seen(2, code="fight"),
        seen(2, code="threats", east=150),
        seen(2, code="threats", minute=24 * 60),
        seen(2, code="threats", minute=-24 * 60),
        seen(2, code="threats", received_ms=25 * HOUR_MS),
    ],
    ids=["indicator", "cell", "a day later", "a day earlier", "received later"],
)
def test_what_the_bound_leaves_alone(other: object) -> None:
    town = Town(chance=0.0)
    town.tell(seen(1, code="threats"), now_ms=0)
    decided = town.tell(other, now_ms=0)  # type: ignore[arg-type] # the parameter is a sighting
    assert not decided.decisions[0].event.surplus


def test_other_classes_are_not_bounded() -> None:
    town = Town(chance=0.0)
    assert not town.tell(seen(1), seen(2, "police")).decisions[1].event.surplus


def test_one_that_is_surplus_stands_in_nobodys_way() -> None:
    town = Town(chance=0.0)
    town.tell(seen(1, code="threats"), seen(2, code="threats", minute=60))
    town.tell(seen(1, code="threats", live=False, version=2))
    assert not town.tell(seen(3, code="threats", minute=90)).decisions[0].event.surplus


def test_the_counted_one_stays_counted_when_it_is_corrected() -> None:
    town = Town(chance=0.0)
    town.tell(seen(1, code="threats"), seen(2, code="threats"))
    again = town.tell(seen(1, code="threats", version=2), seen(2, code="threats", version=2))
    assert [one.event.surplus for one in again.decisions] == [False, True]


def test_a_correction_into_another_cell_is_bounded_there() -> None:
    town = Town(chance=0.0)
    town.tell(seen(1, code="threats"), seen(2, code="threats", east=950))
    moved = town.tell(seen(2, code="threats", version=2)).decisions[0]
    assert moved.event.surplus
    back = town.tell(seen(2, code="threats", version=3, east=950)).decisions[0]
    assert not back.event.surplus


def test_a_table_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="posteriors"):
        Posteriors.of({"chances": [0.5], "same": 0.8, "possible": 0.3})


def test_rules_come_from_the_pack() -> None:
    pack = dataclasses.replace(a_pack(), compatible=((Family.FIRE, Family.DAMAGE),))
    rules = rules_of(pack)
    assert rules.compatible[FAMILIES[Family.DAMAGE]] == (FAMILIES[Family.FIRE],)
    traits = {code: (one.family != 0, one.bounded) for code, one in rules.traits.items()}
    assert traits == {
        "bin_fire": (True, False),
        "house_fire": (True, False),
        "threats": (True, True),
        "violence_at_home": (False, True),
    }
