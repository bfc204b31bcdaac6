"""`lagesbild chaos`: parts are killed and frozen under load, and every count is right."""

from tests.support.chaos import chaos

KINDS = (  # a broker that is killed, too, is in `test_everything_is_killed.py`: it takes longest
    "aggregator_kill",
    "aggregator_pause",
    "anonymizer_kill",
    "delivery_kill",
    "ingest_kill",
    "postgres_immediate",
    "postgres_kill",
)
MOST_FAILOVER_S = 20  # the goal is 10 on a machine of its own; other tests run beside this one


def test_whatever_is_killed_and_frozen_every_cell_and_every_answer_is_right() -> None:
    answer = chaos(
        *("--seconds", "7", "--faults-per-minute", "60", "--rate", "500", "--seed", "1"),
        *("--kinds", *KINDS),
    )
    said = answer.said
    assert answer.code == 0, answer.told
    assert said["ok"], said
    assert set(said["faults"]) == set(said["recovery_s"]) == set(KINDS)
    assert (said["lost"], said["doubled"], said["overlapping_owners"]) == (0, 0, 0)
    assert min(said["reports"], said["cells_checked"], said["views_checked"]) > 1000
    assert said["incidents_found"] > 0
    assert said["views_read"] > 0  # what was compared has been followed through the faults
    assert 0 < said["failover_s"] <= MOST_FAILOVER_S
