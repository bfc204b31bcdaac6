"""The anonymizer's own metrics."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.anonymizer.domain.lifetimes import Purpose
from services.anonymizer.domain.steps import Step
from shared.ages import Ages
from shared.errors import DeadReason
from shared.messages.event import Placement
from shared.metrics import LATENCY_BUCKETS, at_zero
from shared.quality import Confidence

STAGE = "anonymizer"
LIVE_STATES = ("usable", "retired")
WHY_DESTROYED = ("processed", "age")
BATCH_BUCKETS = (1, 10, 100, 500, 1000, 2000, 5000, 10_000, 20_000)


class Metrics:
    """What is counted and measured, in one registry; every label value exists from the start."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.reports_anonymized = Counter(
            "lagesbild_reports_anonymized",
            "Reports that left as events, withdrawals included.",
            registry=registry,
        )
        self.events_placed = Counter(
            "lagesbild_events_placed",
            "Live events by how they found their area.",
            ["placement"],
            registry=registry,
        )
        self.events_located = Counter(
            "lagesbild_events_located",
            "Live events by how sure their area is.",
            ["confidence"],
            registry=registry,
        )
        self.reports_missed = Counter(
            "lagesbild_reports_missed",
            "Accepted reports that Kafka deleted before they were anonymized.",
            registry=registry,
        )
        self.reports_lost = Counter(
            "lagesbild_reports_lost",
            "Accepted reports whose key was destroyed before they were anonymized.",
            registry=registry,
        )
        self.keys_destroyed = Counter(
            "lagesbild_keys_destroyed",
            "Keys that this process has destroyed, by what they were for and why.",
            ["purpose", "reason"],
            registry=registry,
        )
        self.keys_made_again = Counter(
            "lagesbild_keys_made_again",
            "Keys of this hour that were made though there had been one: clocks disagree.",
            registry=registry,
        )
        self._keys = Gauge(
            "lagesbild_keys",
            "Keys in the key folder that are not destroyed.",
            ["purpose", "state"],
            registry=registry,
        )
        self.linking_key_is_missing = Gauge(
            "lagesbild_linking_key_is_missing",
            "1 while the linking key of today was destroyed: nothing is linked or bounded.",
            registry=registry,
        )
        self.dead_letters = Counter(
            "lagesbild_dead_letters",
            "Messages that can never succeed.",
            ["stage", "reason"],
            registry=registry,
        )
        self.tripwire_hits = Counter(
            "lagesbild_tripwire_hits",
            "Events that did not leave, for a code of theirs looks like an identifier.",
            registry=registry,
        )
        self.batch_records = Histogram(
            "lagesbild_batch_records",
            "Records in one batch.",
            buckets=BATCH_BUCKETS,
            registry=registry,
        )
        self.batch_seconds = Histogram(
            "lagesbild_batch_duration_seconds",
            "Time from a batch's arrival until its offsets were committed.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self._step_seconds = Histogram(
            "lagesbild_step_duration_seconds",
            "Time of one step of a batch.",
            ["step"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self.event_age_seconds = Ages(
            "lagesbild_event_age_seconds",
            "Time from ingest's acceptance until the stage was done with it.",
            stage=STAGE,
            registry=registry,
        )
        self.founders_missing = Counter(
            "lagesbild_founders_missing",
            "Events that began an incident and were not told of it: the database has lost their decision.",
            registry=registry,
        )
        self.events_linked = Counter(
            "lagesbild_events_linked",
            "Events that were found to be of an incident that another actor had reported.",
            registry=registry,
        )
        self.events_possible = Counter(
            "lagesbild_events_possible_duplicates",
            "Events that may be of such an incident, and are counted by themselves.",
            registry=registry,
        )
        self.events_surplus = Counter(
            "lagesbild_events_surplus",
            "Events beyond the contribution bound of their class.",
            registry=registry,
        )
        self.linking_seconds = Histogram(
            "lagesbild_linking_duration_seconds",
            "Time of deciding a batch's incidents, from asking for a connection to the commit.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self._key_round_age = Gauge(
            "lagesbild_key_round_age_seconds",
            "Since when no anonymizer has been seen to finish a round with Kafka about keys.",
            registry=registry,
        )
        self._lag_records = Gauge(
            "lagesbild_lag_records",
            "Records of this process's partitions that it has not anonymized yet.",
            registry=registry,
        )
        at_zero(self.keys_destroyed, list(Purpose), WHY_DESTROYED)
        at_zero(self._step_seconds, list(Step))
        at_zero(self._keys, list(Purpose), LIVE_STATES)
        at_zero(self.events_placed, list(Placement))
        at_zero(self.events_located, list(Confidence))
        at_zero(self.dead_letters, [STAGE], list(DeadReason))

    def timed(self, step: Step) -> AbstractContextManager[object]:
        """Observe how long a batch takes in a step."""
        return self._step_seconds.labels(step).time()

    def watch_lag(self, lag: Callable[[], float]) -> None:
        """Ask for the lag whenever somebody reads the metrics."""
        self._lag_records.set_function(lag)

    def watch_key_rounds(self, age: Callable[[], float]) -> None:
        """Ask for the age of the last round whenever somebody reads the metrics."""
        self._key_round_age.set_function(age)

    def show_keys(self, live: Iterable[tuple[str, str]]) -> None:
        """Tell how many keys there are. Shape: purpose and state of each."""
        found = Tally(live)
        for purpose in Purpose:
            for state in LIVE_STATES:
                self._keys.labels(purpose, state).set(found[purpose, state])
