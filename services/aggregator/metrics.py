"""The aggregator's own metrics."""

from prometheus_client import Counter, Gauge, Histogram

from services.aggregator.domain.plan import Restart
from shared.ages import Ages
from shared.errors import DeadReason
from shared.metrics import LATENCY_BUCKETS, at_zero
from shared.windows import Tier

EVENTS_READ = Counter(
    "lagesbild_events_read", "Records of the event log whose transaction committed."
)
EVENTS_COUNTED = Counter(
    "lagesbild_events_counted", "Events that changed the counts: new, corrected or withdrawn."
)
STATISTICS_READ = Counter(
    "lagesbild_statistics_read", "Records of the statistics' log whose transaction committed."
)
STATISTICS_CHANGED = Counter(
    "lagesbild_statistics_changed", "Statistics that are new, corrected or withdrawn."
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
    buckets=(1, 10, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000),
)
EVENT_AGE_SECONDS = Ages(
    "lagesbild_event_age_seconds",
    "Time from ingest's acceptance until the stage was done with it.",
    stage="aggregator",
)
EVENTS_LATE = Counter(
    "lagesbild_events_late",
    "Events, new or corrected, that were counted more than a day after they happened. A day of up"
    " to 25 hours is allowed besides, for what happened may be told by its day only.",
)
LAG_SECONDS = Gauge(
    "lagesbild_lag_seconds",
    "Age of the oldest record of the log that is not counted yet.",
    ["stream"],
)
OLDEST_UNCOMMITTED = Gauge(
    "lagesbild_oldest_uncommitted_seconds",
    "Age of the oldest record that was read and is not committed; 0: none is in hand.",
    ["stream"],
)
FENCED = Counter("lagesbild_partitions_fenced", "Partitions that a newer owner had claimed.")
RETRIES = Counter("lagesbild_transactions_retried", "Transactions tried again.", ["reason"])
RESTARTS = Counter(
    "lagesbild_log_restarts",
    "Partitions read again from their first record, for the log is not what it was.",
    ["reason"],
)
GAPS = Counter("lagesbild_log_gaps", "Times when the next record of a partition was missing.")
CELLS_DROPPED = Counter(
    "lagesbild_cells_dropped",
    "Rows that retention has dropped; no window can reach them.",
    ["tier"],
)
OWNED = Gauge("lagesbild_partitions_owned", "Partitions that this process may count.", ["stream"])

RETRY_REASONS = ("database_away", "fenced", "refused")
LATE_AFTER_SECONDS = (24 + 25) * 3600
"""A day, and the longest that an instant can be floored by: the day in October has 25 hours."""

at_zero(CELLS_DROPPED, list(Tier))
at_zero(DEAD_LETTERS, ["aggregator"], list(DeadReason))
at_zero(RETRIES, RETRY_REASONS)
at_zero(RESTARTS, list(Restart))
