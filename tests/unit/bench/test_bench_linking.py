"""The generator with known truth, and how linking is scored against it."""

import json
from pathlib import Path

import numpy as np
import pytest

from deploy.bench import linking_baselines as baselines
from deploy.bench.linking import LinkingOptions, linking, measured
from deploy.bench.linking_score import by_pair, pairs_of, score
from deploy.bench.linking_town import DAYS, told
from services.anonymizer.domain.linking.posterior import Posteriors
from services.anonymizer.measure.linking import TruthLinking
from shared.pack.model import Family

DAYS_HERE = 60


def test_the_same_seed_tells_the_same() -> None:
    one, again, other = (told(seed, days=DAYS_HERE) for seed in (3, 3, 4))
    assert np.array_equal(one.e, again.e)
    assert len(one) != len(other)


def test_there_are_ten_thousand_true_pairs_and_no_actor_twice_in_one_incident() -> None:
    reports = told(2)
    assert DAYS == 1000
    assert len(pairs_of(reports.incident)) >= 10_000
    both = np.stack([reports.incident, reports.actor], axis=1)
    assert len(np.unique(both, axis=0)) == len(reports)


def test_the_errors_are_those_of_the_research() -> None:
    reports = told(2)
    times = np.bincount(np.bincount(reports.incident))
    share = times / times.sum()
    assert share[2] == pytest.approx(0.18, abs=0.01)
    assert share[3] == pytest.approx(0.03, abs=0.005)
    pairs = pairs_of(reports.incident)
    differ = reports.family[pairs >> 32] != reports.family[pairs & 0xFFFFFFFF]
    assert differ.mean() == pytest.approx(0.11, abs=0.015)  # 7 % of the reports, drawn anew


def test_a_perfect_linker_has_a_perfect_score() -> None:
    reports = told(2, days=DAYS_HERE)
    found = score(reports, reports.incident)
    assert (found.precision, found.recall, found.split, found.swallowed) == (1, 1, 0, 0)
    assert all(one["recall"] == 1 for one in by_pair(reports, reports.incident).values())


def test_nothing_linked_and_everything_linked_are_told_apart() -> None:
    reports = told(2, days=DAYS_HERE)
    nothing = score(reports, np.arange(len(reports)))
    assert (nothing.recall, nothing.precision) == (0, 1)
    assert nothing.as_json()["over_count"] > 0.2
    reports = told(2, days=DAYS_HERE // 4)  # all its pairs are millions already
    everything = score(reports, np.zeros(len(reports), np.int64))
    assert everything.recall == 1
    assert everything.precision < 0.001
    assert everything.as_json()["swallowed"] > 0.99


def test_the_exact_places_beat_the_small_areas() -> None:
    fit, reports = told(1, days=DAYS_HERE), told(2, days=DAYS_HERE)
    near = baselines.near(reports)
    exact = baselines.by_exact_place(reports, near, baselines.logistic(fit, baselines.near(fit)))
    assert (
        score(reports, exact).recall > score(reports, baselines.by_small_area(reports, near)).recall
    )


def test_the_goals_are_met_on_a_seed_that_nothing_was_learned_from() -> None:
    compatible = ((Family.FIRE, Family.DAMAGE), (Family.VIOLENCE, Family.DISORDER))
    figures = measured(LinkingOptions(seed=5, days=300, compatible=compatible), TruthLinking)
    assert figures["precision"] >= 0.95
    assert figures["recall"] >= 0.70
    assert figures["over_count"] <= 0.06
    assert figures["baselines"]["small_area"]["recall"] < figures["recall"]
    assert {"by_pair", "true_pairs", "f1", "fit_seed", "seed"} <= figures.keys()


def test_no_goal_is_met_on_the_seed_that_the_table_was_learned_of() -> None:
    """Whatever its figures are: they say nothing of a town that nobody has seen."""
    learned_of = TruthLinking(()).fit_seed
    figures = measured(LinkingOptions(seed=learned_of, days=DAYS_HERE), TruthLinking)
    assert figures["fit_seed"] == learned_of == 1
    assert figures["precision"] > 0.95
    assert not any(one["met"] for one in figures["budgets"].values())


def test_a_table_names_the_seed_that_it_was_learned_of(tmp_path: Path) -> None:
    path = tmp_path / "posteriors.json"
    assert linking(LinkingOptions(seed=4, days=DAYS_HERE, fit=path), TruthLinking) == 0
    assert Posteriors.of(json.loads(path.read_text(encoding="utf-8"))).seed == 4
