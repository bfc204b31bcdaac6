"""A run is well only if everything was counted, rightly, each partition by its owner alone."""

from dataclasses import replace

import pytest

from deploy.chaos.compare import Comparison
from deploy.chaos.figures import Outcome
from deploy.chaos.views import Sighting

WELL = Outcome(
    reports=1000,
    linked=40,
    incidents_found=7,
    incidents_halved=0,
    decided_again=0,
    moves={"new": 1000},
    faults={"kafka_kill": 2},
    fencings=3,
    overlapping=0,
    writes=50,
    drained=True,
    comparison=Comparison(cells=90),
    recovery_s={"kafka_kill": 4.5},
    recovery_alone_s={},
    failovers_s=[5.0, 6.123],
    views=Sighting(cells=700),
    read={200: 40, 0: 3},
    seconds=60.04,
)


def test_a_run_is_well_when_nothing_is_wrong() -> None:
    assert WELL.ok


@pytest.mark.parametrize(
    "worse",
    [
        replace(WELL, drained=False),
        replace(WELL, comparison=Comparison(cells=90, wrong=1)),
        replace(WELL, comparison=Comparison()),
        replace(WELL, overlapping=1),
        replace(WELL, writes=0),
        replace(WELL, decided_again=1),
        replace(WELL, incidents_halved=1),
        replace(WELL, views=Sighting(cells=700, wrong=1)),
        replace(WELL, views=Sighting()),
    ],
)
def test_one_thing_is_enough_to_be_not_well(worse: Outcome) -> None:
    assert not worse.ok


def test_the_answer_has_the_keys_of_the_contract() -> None:
    said = WELL.as_json()
    contract = {
        "ok": True,
        "reports": 1000,
        "faults": {"kafka_kill": 2},
        "fencings": 3,
        "overlapping_owners": 0,
        "cells_checked": 90,
        "lost": 0,
        "doubled": 0,
        "recovery_s": {"kafka_kill": 4.5},
        "failover_s": 6.12,
        "failovers_s": [5.0, 6.12],
    }
    assert said | contract == said
