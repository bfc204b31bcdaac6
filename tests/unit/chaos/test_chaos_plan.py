"""The faults follow from the seed, and never ask for what is not there."""

import pytest

from deploy.chaos.plan import FEWEST, MOST, Fault, Kind, first_instances, planned

PAST_THE_SESSION_S = 6


def faults(
    seed: int = 1,
    *,
    seconds: float = 1200,
    per_minute: float = 12,
    kinds: tuple[Kind, ...] = tuple(Kind),
) -> list[Fault]:
    return planned(seed=seed, seconds=seconds, per_minute=per_minute, kinds=kinds)


def test_the_same_seed_plans_the_same_and_another_does_not() -> None:
    assert faults(1) == faults(1) != faults(2)


def test_as_many_as_are_asked_for_in_their_time_and_order() -> None:
    planned_ones = faults()
    assert len(planned_ones) == 240
    times = [fault.at_s for fault in planned_ones]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] < 1200


def test_no_faults_are_planned_if_none_are_wanted() -> None:
    assert faults(per_minute=0) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_short_run_has_every_kind_once(seed: int) -> None:
    assert {fault.kind for fault in faults(seed)[: len(Kind)]} == set(Kind)


@pytest.mark.parametrize("seed", range(20))
def test_only_who_is_there_is_struck_and_the_numbers_stay_in_bounds(seed: int) -> None:
    there = {part: set(names) for part, names in first_instances().items()}
    for fault in faults(seed):
        names = there.get(fault.kind.part)
        if names is None:
            assert fault.target == fault.kind.part
            continue
        if fault.kind.verb == "join":
            assert fault.target not in names
            names.add(fault.target)
        else:
            assert fault.target in names
        if fault.kind.verb == "leave":
            names.remove(fault.target)
        assert FEWEST <= len(names) <= MOST


def test_a_pause_is_longer_than_the_group_waits() -> None:
    pauses = [fault.pause_s for fault in faults() if fault.kind.verb == "pause"]
    assert pauses
    assert min(pauses) > PAST_THE_SESSION_S


def test_only_the_kinds_that_are_asked_for_come() -> None:
    kinds = (Kind.KAFKA_KILL, Kind.AGGREGATOR_PAUSE)
    assert {fault.kind for fault in faults(kinds=kinds)} == set(kinds)


def test_a_kind_that_is_never_possible_never_comes() -> None:
    assert faults(kinds=(Kind.AGGREGATOR_LEAVE,)) == []


def test_nobody_joins_when_all_are_there() -> None:
    joins = faults(kinds=(Kind.AGGREGATOR_JOIN,))
    assert [fault.target for fault in joins] == ["aggregator-3", "aggregator-4"]
