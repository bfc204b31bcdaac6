"""What delivery counts. No label names a subscription, an actor or an address."""

from prometheus_client import Counter, Gauge, Histogram

from services.delivery.domain.schedule import DeliveryState, Outcome
from shared.metrics import LATENCY_BUCKETS, at_zero

CHANNELS = ("webhook",)
CLOSED = [state.value for state in DeliveryState if state is not DeliveryState.OPEN]

DELIVERIES = Counter(
    "lagesbild_deliveries", "Deliveries that were closed, by outcome.", ("channel", "outcome")
)
ATTEMPTS = Counter(
    "lagesbild_attempts", "Attempts to send a delivery, by outcome.", ("channel", "outcome")
)
ATTEMPT_DURATION = Histogram(
    "lagesbild_attempt_duration_seconds",
    "Time from the start of an attempt to the receiver's answer.",
    ("channel",),
    buckets=LATENCY_BUCKETS,
)
LATENESS = Histogram(
    "lagesbild_delivery_lateness_seconds",
    "Time from a delivery's due time to the start of its first attempt.",
    buckets=LATENCY_BUCKETS,
)
COALESCED = Counter(
    "lagesbild_deliveries_coalesced", "Due times that were folded into a later view."
)
DUE_AGE = Gauge(
    "lagesbild_due_age_seconds", "Age of the oldest due time that no sender has taken up."
)

at_zero(DELIVERIES, CHANNELS, CLOSED)
at_zero(ATTEMPTS, CHANNELS, [outcome.value for outcome in Outcome])
at_zero(ATTEMPT_DURATION, CHANNELS)
