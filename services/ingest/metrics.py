"""Ingest's own metrics."""

from prometheus_client import Counter, Gauge, Histogram

from services.ingest.domain.errors import RowErrorCode
from shared.metrics import LATENCY_BUCKETS, at_zero

STATUSES = (200, 202, 400, 401, 403, 404, 405, 409, 413, 415, 429, 499, 500, 503)
OTHER_STATUS = "other"

ACCEPTED = Counter(
    "lagesbild_reports_accepted", "Reports that Kafka has and their sender knows of."
)
REJECTED = Counter(
    "lagesbild_reports_rejected", "Rows that were refused, by their first error.", ["reason"]
)
STATISTICS_ACCEPTED = Counter(
    "lagesbild_statistics_accepted", "Statistics that Kafka has and their sender knows of."
)
STATISTICS_REJECTED = Counter(
    "lagesbild_statistics_rejected",
    "Rows of statistics that were refused, by their first error.",
    ["reason"],
)
REQUESTS = Counter(
    "lagesbild_ingest_requests", "Requests answered, by HTTP status; 499 hung up.", ["status"]
)
IN_FLIGHT = Gauge(
    "lagesbild_reports_in_flight", "Reports handed to the Kafka client and not acknowledged yet."
)
ACKNOWLEDGEMENT_SECONDS = Histogram(
    "lagesbild_acknowledgement_duration_seconds",
    "Time from handing reports to the Kafka client until all of them were acknowledged.",
    buckets=LATENCY_BUCKETS,
)

ANNOUNCEMENTS_REFUSED = Counter(
    "lagesbild_announcements_refused",
    "Records on the topic of keys that were not believed, by why.",
    ["reason"],
)
BACKLOG_IS_OLD = Gauge(
    "lagesbild_backlog_is_old",
    "1 while the oldest unprocessed report is older than may be, and no report is accepted.",
)
BACKLOG_ANSWER_AGE = Gauge(
    "lagesbild_backlog_answer_age_seconds",
    "Since when Kafka has not said what waits for the anonymizer; after an hour nothing is accepted.",
)

at_zero(ANNOUNCEMENTS_REFUSED, ("forged", "retired"))
at_zero(REJECTED, list(RowErrorCode))
at_zero(STATISTICS_REJECTED, list(RowErrorCode))
at_zero(REQUESTS, [*map(str, STATUSES), OTHER_STATUS])


def count_request(status: int) -> None:
    """Count an answer; a status outside the closed list counts as `other`."""
    REQUESTS.labels(str(status) if status in STATUSES else OTHER_STATUS).inc()
