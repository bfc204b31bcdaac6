"""Metrics common to all stages; each stage adds its own in its `metrics` module.

Labels are closed sets, and every combination exists at 0 from the start, so that an alert on a
rate works from the first minute.
"""

from collections.abc import Iterable
from itertools import product

from prometheus_client import Counter, Gauge, Histogram

LATENCY_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


def at_zero(metric: Counter | Gauge | Histogram, *labels: Iterable[str]) -> None:
    """Create every combination of the label values, so that each is exported as 0 from now."""
    for values in product(*labels):
        metric.labels(*values)
