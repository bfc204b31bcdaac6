"""A fault is over when counting has moved past everything that had been accepted."""

from collections.abc import Collection

from deploy.chaos.plan import Kind
from deploy.chaos.recovery import Recoveries, Sight


def sight(
    *, at: float, reports: int = 10, anonymized: int = 10, events: int = 10, counted: int = 10
) -> Sight:
    return Sight(
        looked_at=at,
        reports={0: reports, 1: reports},
        anonymized={0: anonymized, 1: anonymized},
        events={0: events, 1: events},
        counted={0: counted, 1: counted},
    )


def struck(
    kind: Kind, *, at: float = 0.0, partitions: Collection[int] | None = None, reader: int = 7
) -> Recoveries:
    recoveries = Recoveries()
    recoveries.begin(kind, Sight(reader=reader), at=at, partitions=partitions)
    return recoveries


def test_a_killed_aggregator_is_made_up_for_when_its_partitions_are_past_the_end() -> None:
    recoveries = struck(Kind.AGGREGATOR_KILL, at=100.0, partitions=[1])
    only_the_other = Sight(looked_at=100.5, events={0: 20, 1: 20}, counted={0: 30, 1: 20})
    recoveries.see(only_the_other, at=101.0)
    assert recoveries.open
    recoveries.see(Sight(looked_at=104.4, counted={0: 10, 1: 21}), at=104.5)
    assert not recoveries.open
    assert recoveries.longest() == {"aggregator_kill": 4.5}


def test_what_it_had_counted_itself_before_it_was_struck_makes_up_for_nothing() -> None:
    recoveries = struck(Kind.AGGREGATOR_KILL, at=1.0)
    recoveries.see(sight(at=0.9, events=10, counted=12), at=1.1)
    recoveries.see(sight(at=1.0, events=10, counted=12), at=1.2)
    recoveries.see(sight(at=1.3, events=15, counted=12), at=1.4)
    assert recoveries.open
    recoveries.see(sight(at=7.0, events=40, counted=16), at=7.1)
    assert recoveries.longest() == {"aggregator_kill": 6.1}


def test_what_only_reached_the_end_has_not_moved_on() -> None:
    recoveries = struck(Kind.POSTGRES_KILL)
    recoveries.see(sight(at=1.0, events=10, counted=10), at=1.0)
    assert recoveries.open


def test_a_killed_anonymizer_must_pass_its_reports_and_counting_its_events() -> None:
    recoveries = struck(Kind.ANONYMIZER_KILL)
    recoveries.see(sight(at=1.0, reports=14, events=12, counted=12), at=1.0)
    recoveries.see(sight(at=2.0, reports=20, anonymized=15, events=15, counted=12), at=2.0)
    recoveries.see(sight(at=3.0, reports=20, anonymized=15, events=18, counted=15), at=3.0)
    assert recoveries.open
    recoveries.see(sight(at=4.0, reports=20, anonymized=15, events=18, counted=16), at=4.0)
    assert recoveries.longest() == {"anonymizer_kill": 4.0}


def test_a_killed_delivery_is_made_up_for_when_another_one_answers() -> None:
    recoveries = struck(Kind.DELIVERY_KILL, reader=7)
    for at, reader in ((1.0, 7), (2.0, None)):
        recoveries.see(Sight(looked_at=at, reader=reader), at=at)
    assert recoveries.open
    recoveries.see(Sight(looked_at=3.0, reader=8), at=3.0)
    assert recoveries.longest() == {"delivery_kill": 3.0}


def test_the_longest_of_a_kind_is_kept() -> None:
    recoveries = Recoveries()
    for began, took in ((0.0, 3.0), (10.0, 7.0), (20.0, 1.0)):
        recoveries.begin(Kind.POSTGRES_KILL, Sight(), at=began)
        recoveries.see(sight(at=began + 0.5), at=began + 0.5)
        recoveries.see(sight(at=began + 0.6, counted=11), at=began + took)
    assert recoveries.longest() == recoveries.longest_alone() == {"postgres_kill": 7.0}


def test_faults_that_overlap_are_not_alone() -> None:
    recoveries = struck(Kind.POSTGRES_KILL)
    recoveries.begin(Kind.AGGREGATOR_KILL, Sight(), at=1.0)
    recoveries.see(sight(at=1.5, counted=11), at=2.0)
    assert recoveries.longest() == {"aggregator_kill": 1.0, "postgres_kill": 2.0}
    assert recoveries.longest_alone() == {}


def test_drained_is_everything_counted_and_nothing_waiting() -> None:
    assert sight(at=0.0).is_drained
    assert not sight(at=0.0, anonymized=9).is_drained
    assert not sight(at=0.0, counted=9).is_drained
