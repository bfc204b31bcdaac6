"""The chaos harness sees what is broken on purpose, each time by what it is there for."""

from pathlib import Path

from deploy.chaos.plan import Fault, Kind, first_instances
from tests.support.chaos import a_stage

ONE, OTHER = first_instances()["aggregator"]
PAST_THE_SESSION_S = 6.0  # and then until the other has taken over
MOST_ACTS = 3  # who is struck between two batches has nothing to lose, or to write when it wakes


async def test_every_guarantee_that_is_taken_away_is_missed(tmp_path: Path) -> None:
    """One test, for its servers cost more than its acts."""
    async with a_stage(tmp_path) as stage:
        without_versions = await stage.act(without="version_rule")
        kills = [Fault(0.0, Kind.AGGREGATOR_KILL, name) for name in (ONE, OTHER)]
        for _ in range(MOST_ACTS):
            offsets_first = await stage.act(without="transaction", faults=kills)
            if offsets_first.comparison.lost:
                break
        freeze = [Fault(0.0, Kind.AGGREGATOR_PAUSE, ONE, PAST_THE_SESSION_S)]
        for _ in range(MOST_ACTS):
            unfenced = await stage.act(without="fence", faults=freeze)
            if unfenced.overlapping:
                break
    assert without_versions.comparison.lost > 0
    assert without_versions.comparison.doubled > 0
    assert offsets_first.comparison.lost > 0
    assert unfenced.overlapping > 0
    assert [without_versions.overlapping, offsets_first.overlapping] == [0, 0]
    assert all(outcome.drained for outcome in (without_versions, offsets_first, unfenced))
