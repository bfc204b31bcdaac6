"""The line of JSON of `lagesbild bench anonymizer`. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from deploy.bench.figures import BUDGETS, Budget
from deploy.bench.samples import Course
from deploy.bench.sealed_fill import Outcome
from shared.language import Text

ANONYMIZER = "anonymizer"
STEPS = "lagesbild_step_duration_seconds"
GOALS: Mapping[str, Budget] = MappingProxyType(
    {
        "events_per_s": Budget(10_000, is_ceiling=False),
        "without_linking": BUDGETS[ANONYMIZER],
    }
)
PLAUSIBLE = (0.2, 1.2)
"""Of the share that another actor has reported too: a linker that finds less, or more, is broken."""

SURE_FROM = 5000  # events: of fewer the share is chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """One way through the filled topic. Unit: `step_s` seconds by step."""

    course: Course
    step_s: Mapping[str, float]
    outcome: Outcome

    def us(self) -> dict[str, float]:
        """Microseconds of wall time per record, by step."""
        return {
            step: round(1e6 * took / self.course.records, 2) for step, took in self.step_s.items()
        }

    @property
    def distinct_per_second(self) -> float:
        """Distinct events per second: resends and later versions are records, but no more events."""
        return self.course.per_second * self.course.events / self.course.records

    def is_whole(self) -> bool:
        """Whether every report came out as its event, and nothing else."""
        return self.outcome.events == self.course.events and self.outcome.dead == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymizerFigures:
    """What one run has measured.

    Shape: `linkable` is the share of events whose incident another actor has reported too; `load`
    describes the log.
    """

    linked: Drained
    unlinked: Drained
    linkable: float
    load: Mapping[str, Any]
    load_average: tuple[float, ...]

    @property
    def linked_share(self) -> float:
        """Of the events, those of an incident of several."""
        return self.linked.outcome.linked / self.linked.course.events

    @property
    def links_plausibly(self) -> bool:
        """Whether about so much was linked as could be, and nothing with linking off."""
        least, most = (one * self.linkable for one in PLAUSIBLE)
        is_small = self.linked.course.events < SURE_FROM
        plausible = is_small or least <= self.linked_share <= most
        return plausible and self.unlinked.outcome.linked == 0

    @property
    def ok(self) -> bool:
        """Whether both ways everything came out, linked as it should be."""
        return self.linked.is_whole() and self.unlinked.is_whole() and self.links_plausibly

    def as_json(self) -> dict[str, Any]:
        """The keys of `lagesbild bench anonymizer --json`; a contract (docs/performance.md).

        Unit: `events_per_s` and `without_linking` are records per second, as all `us_per_event` are for
        each record; `distinct_events_per_s` are events. `notes` says the same to people.
        """
        both = {"linked": self.linked, "without_linking": self.unlinked}
        rates = {
            "events_per_s": round(self.linked.course.per_second),
            "without_linking": round(self.unlinked.course.per_second),
        }
        return {
            **rates,
            "distinct_events_per_s": {
                name: round(one.distinct_per_second) for name, one in both.items()
            },
            "us_per_event": self.linked.us(),
            "us_per_event_without_linking": self.unlinked.us(),
            "cpu_us_per_event": {name: one.course.cpu_us for name, one in both.items()},
            "rss_mb": {name: one.course.rss_mb_most(ANONYMIZER) for name, one in both.items()},
            "seconds": {
                name: round(one.course.last.at - one.course.first.at, 2)
                for name, one in both.items()
            },
            "load": dict(self.load),
            "verified": self.ok,
            "distinct_events": {name: one.outcome.events for name, one in both.items()},
            "published": {name: one.outcome.records for name, one in both.items()},
            "dead": {name: one.outcome.dead for name, one in both.items()},
            "linked_share": round(self.linked_share, 4),
            "linkable_share": self.linkable,
            "load_average": list(self.load_average),
            "budgets": {
                name: {"goal": goal.goal, "met": goal.is_met_by(rates[name])}
                for name, goal in GOALS.items()
            },
        }


def notes(figures: AnonymizerFigures) -> Text:
    """What the two rates count, and what the run without linking leaves out."""
    course = figures.linked.course
    again = f"{1 - course.events / course.records:.0%}"
    linked, unlinked = (
        f"{one.distinct_per_second:,.0f}" for one in (figures.linked, figures.unlinked)
    )
    return Text(
        f"events_per_s och without_linking är poster i sekunden. {again} av posterna är omsändningar, "
        "rättelser och återtaganden; en omsändning går förbi länkningens beslut och lagring.\n"
        f"Olika händelser i sekunden: {linked} med länkning, {unlinked} utan.\n"
        "Utan länkning faller också bidragsgränsen (surplus) bort: inget slås upp, beslutas eller lagras.",
        f"events_per_s and without_linking are records per second. {again} of the records are resends, "
        "corrections and withdrawals; a resend passes by linking's decision and store.\n"
        f"Distinct events per second: {linked} with linking, {unlinked} without.\n"
        "Without linking the contribution bound (surplus) is off, too: nothing is looked up, decided or stored.",
    )


def step_seconds(metrics: str) -> dict[str, float]:
    """Seconds by step, of the text that the anonymizer's metrics are read as."""
    return {
        sample.labels["step"]: sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == f"{STEPS}_sum"
    }
