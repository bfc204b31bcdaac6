"""`lagesbild bench linking`: how well reports of one incident are found, one line of JSON.

Reports of a seeded town whose truth is known go through the anonymizer's own linker, and besides
through two rules of the research. What is learned is learned on another seed.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from deploy.bench import linking_baselines as baselines
from deploy.bench.figures import Budget
from deploy.bench.linking_score import Labels, Score, by_pair, score
from deploy.bench.linking_town import DAYS, Told, told
from deploy.bench.own_run import EXIT_NOT_OK, EXIT_OK, EXIT_USER, say
from shared.language import Language, Text
from shared.pack.model import Family

FIT_PRECISION = 0.98
"""Of the threshold on the seed it is fitted on: above the goal, for no real town is this one."""

THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
FEWEST_DAYS = 30

BUDGETS: Mapping[str, Budget] = {
    "precision": Budget(0.95, is_ceiling=False),
    "recall": Budget(0.70, is_ceiling=False),
    "over_count": Budget(0.06, is_ceiling=True),
}

Table = dict[str, Any]


class Linker(Protocol):
    """The anonymizer's linker: deploy imports no service, the command line hands it over."""

    def labels(self, reports: Told, learned_table: Mapping[str, Any] | None = None) -> Labels:
        """The incident of each report, by this table or by the service's own."""
        ...

    @property
    def fit_seed(self) -> int:
        """The seed that the service's own table was learned of."""
        ...

    def learn(self, reports: Told) -> Mapping[str, Any]:
        """A table for the service, but for its threshold."""
        ...


NewLinker = Callable[[tuple[tuple[Family, Family], ...]], Linker]
"""Makes a linker for a municipality with these compatible families."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkingOptions:
    """The options of the command line. Shape: `fit` is the file to write what is learned to."""

    seed: int = 2
    days: int = DAYS
    fit: Path | None = None
    compatible: tuple[tuple[Family, Family], ...] = ()
    json: bool = False
    language: Language = Language.SV


def linking(options: LinkingOptions, new_linker: NewLinker) -> int:
    """Measure, or learn; the exit code is 0 only if every goal is met."""
    if options.days < FEWEST_DAYS:
        say(
            Text(f"--days är minst {FEWEST_DAYS}.", f"--days is at least {FEWEST_DAYS}."),
            options.language,
        )
        return EXIT_USER
    if options.fit is not None:
        reports = told(options.seed, days=options.days)
        table = {**fitted(new_linker(options.compatible), reports), "seed": options.seed}
        options.fit.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")
        return EXIT_OK
    figures = measured(options, new_linker)
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        sys.stdout.write("".join(f"{name:<18}{value}\n" for name, value in figures.items()))
    return EXIT_OK if all(one["met"] for one in figures["budgets"].values()) else EXIT_NOT_OK


def measured(options: LinkingOptions, new_linker: NewLinker) -> dict[str, Any]:
    """The keys of `lagesbild bench linking --json`; a contract (docs/performance.md).

    Shape: no goal is met on the seed that the table was learned of, whatever the figures are.
    """
    reports = told(options.seed, days=options.days)
    linker = new_linker(options.compatible)
    labels, is_fresh = linker.labels(reports), options.seed != linker.fit_seed
    found = score(reports, labels)
    said = found.as_json()
    return {
        **said,
        "by_pair": by_pair(reports, labels),
        "baselines": _baselines(reports, options, new_linker, linker.fit_seed),
        "over_count_unlinked": round(len(reports) / found.incidents - 1, 4),
        "true_pairs": found.true,
        "reports": len(reports),
        "incidents": found.incidents,
        "seed": options.seed,
        "fit_seed": linker.fit_seed,
        "budgets": {
            name: {"goal": goal.goal, "met": is_fresh and goal.is_met_by(said[name])}
            for name, goal in BUDGETS.items()
        },
    }


def fitted(linker: Linker, reports: Told) -> Table:
    """What is learned of these reports, with the lowest threshold that is precise enough on them."""
    table = dict(linker.learn(reports))
    for threshold in THRESHOLDS:
        table["same"] = threshold
        if score(reports, linker.labels(reports, table)).precision >= FIT_PRECISION:
            break
    return table


def _baselines(
    reports: Told, options: LinkingOptions, new_linker: NewLinker, fit_seed: int
) -> Mapping[str, Mapping[str, Any]]:
    fit = told(fit_seed, days=options.days)
    model = baselines.logistic(fit, baselines.near(fit))
    near = baselines.near(reports)
    found: Mapping[str, Score] = {
        "small_area": score(reports, baselines.by_small_area(reports, near)),
        "exact_place": score(reports, baselines.by_exact_place(reports, near, model)),
        "same_family_only": score(reports, new_linker(()).labels(reports)),
    }
    return {name: one.as_json() for name, one in found.items()}
