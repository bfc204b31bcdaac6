"""The aggregator's own metrics."""

from prometheus_client import Counter, Gauge, Histogram

from services.aggregator.domain.plan import Restart
from shared.errors import DeadReason
from shared.metrics import LATENCY_BUCKETS, at_zero

EVENTS_READ = Counter(
    "lagesbild_events_read", "Records of the event log whose transaction committed."
)
EVENTS_COUNTED = Counter(
    "lagesbild_events_counted", "Events that changed the counts: new, corrected or withdrawn."
)
DEAD_LETTERS = Counter(
    "lagesbild_dead_letters", "Messages that can never succeed.", ["stage", "reason"]
)
TRANSACTION_SECONDS = Histogram(
    "lagesbild_transaction_duration_seconds",
    "Time of one counting transaction, from begin to commit.",
    buckets=LATENCY_BUCKETS,
)
BATCH_RECORDS = Histogram(
    "lagesbild_transaction_records",
    "Records in one counting transaction.",
    buckets=(1, 10, 100, 500, 1000, 2000, 5000, 10_000),
)
EVENT_AGE_SECONDS = Histogram(
    "lagesbild_event_age_seconds",
    "Time from ingest's acceptance until the stage was done with it.",
    ["stage"],
    buckets=LATENCY_BUCKETS,
)
FENCED = Counter("lagesbild_partitions_fenced", "Partitions that a newer owner had claimed.")
RETRIES = Counter("lagesbild_transactions_retried", "Transactions tried again.", ["reason"])
RESTARTS = Counter(
    "lagesbild_log_restarts",
    "Partitions read again from their first record, for the log is not what it was.",
    ["reason"],
)
GAPS = Counter("lagesbild_log_gaps", "Times when the next record of a partition was missing.")
OWNED = Gauge("lagesbild_partitions_owned", "Partitions that this process may count.")

RETRY_REASONS = ("database_away", "refused")

at_zero(DEAD_LETTERS, ["aggregator"], list(DeadReason))
at_zero(EVENT_AGE_SECONDS, ["aggregator"])
at_zero(RETRIES, RETRY_REASONS)
at_zero(RESTARTS, list(Restart))
