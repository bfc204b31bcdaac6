"""A fault is over when counting has moved past everything that had been accepted."""

from deploy.chaos.plan import Kind
from deploy.chaos.recovery import Recoveries, Sight


def sight(*, reports: int = 10, anonymized: int = 10, events: int = 10, counted: int = 10) -> Sight:
    return Sight(
        reports={0: reports, 1: reports},
        anonymized={0: anonymized, 1: anonymized},
        events={0: events, 1: events},
        counted={0: counted, 1: counted},
    )


def test_a_killed_aggregator_is_made_up_for_when_its_partitions_are_past_the_end() -> None:
    recoveries = Recoveries()
    recoveries.begin(Kind.AGGREGATOR_KILL, sight(), at=100.0, partitions=[1])
    only_the_other = Sight(events={0: 20, 1: 20}, counted={0: 20, 1: 10})
    recoveries.see(only_the_other, at=101.0)
    assert recoveries.open
    recoveries.see(Sight(events={0: 20, 1: 20}, counted={0: 10, 1: 11}), at=104.5)
    assert not recoveries.open
    assert recoveries.longest() == {"aggregator_kill": 4.5}


def test_what_only_reached_the_end_has_not_moved_on() -> None:
    recoveries = Recoveries()
    recoveries.begin(Kind.POSTGRES_KILL, sight(counted=5), at=0.0)
    recoveries.see(sight(events=10, counted=10), at=1.0)
    assert recoveries.open


def test_a_killed_anonymizer_must_pass_its_reports_and_counting_its_events() -> None:
    recoveries = Recoveries()
    recoveries.begin(Kind.ANONYMIZER_KILL, sight(), at=0.0)
    recoveries.see(sight(reports=20, events=12, counted=12), at=1.0)
    recoveries.see(sight(reports=20, anonymized=15, events=15, counted=12), at=2.0)
    recoveries.see(sight(reports=20, anonymized=15, events=18, counted=15), at=3.0)
    assert recoveries.open
    recoveries.see(sight(reports=20, anonymized=15, events=18, counted=16), at=4.0)
    assert recoveries.longest() == {"anonymizer_kill": 4.0}


def test_the_longest_of_a_kind_is_kept() -> None:
    recoveries = Recoveries()
    for began, took in ((0.0, 3.0), (10.0, 7.0), (20.0, 1.0)):
        recoveries.begin(Kind.POSTGRES_KILL, sight(), at=began)
        recoveries.see(sight(counted=11), at=began + took)
    assert recoveries.longest() == recoveries.longest_alone() == {"postgres_kill": 7.0}


def test_faults_that_overlap_are_not_alone() -> None:
    recoveries = Recoveries()
    recoveries.begin(Kind.POSTGRES_KILL, sight(), at=0.0)
    recoveries.begin(Kind.AGGREGATOR_KILL, sight(), at=1.0)
    recoveries.see(sight(counted=11), at=2.0)
    assert recoveries.longest() == {"aggregator_kill": 1.0, "postgres_kill": 2.0}
    assert recoveries.longest_alone() == {}


def test_drained_is_everything_counted_and_nothing_waiting() -> None:
    assert sight().is_drained
    assert not sight(anonymized=9).is_drained
    assert not sight(counted=9).is_drained
