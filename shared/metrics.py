"""Metrics common to all stages; each stage adds its own in its `metrics` module.

Labels are closed sets, and every combination exists at 0 from the start, so that an alert on a
rate works from the first minute.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import numpy as np
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

LATENCY_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


def at_zero(metric: Counter | Gauge | Histogram, *labels: Iterable[str]) -> None:
    """Create every combination of the label values, so that each is exported as 0 from now."""
    for values in product(*labels):
        metric.labels(*values)


class Ages(Collector):
    """A histogram of ages that takes a whole batch at once: one at a time costs a microsecond each.

    Unit: seconds, in the buckets of `LATENCY_BUCKETS`.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        *,
        stage: str,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._name, self._documentation, self._stage = name, documentation, stage
        self._counts = np.zeros(len(LATENCY_BUCKETS) + 1, np.int64)
        self._sum = 0.0
        registry.register(self)

    def observe(self, now: float, accepted_ms: Sequence[int]) -> None:
        """The ages at `now` of records accepted then; a clock ahead of ours makes no age below 0."""
        ages = np.maximum(now - np.asarray(accepted_ms, np.int64) / 1000, 0.0)
        places = np.searchsorted(LATENCY_BUCKETS, ages)
        self._counts += np.bincount(places, minlength=len(self._counts))
        self._sum += float(ages.sum())

    @override
    def collect(self) -> Iterator[HistogramMetricFamily]:
        """What Prometheus reads."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=["stage"])
        bounds = [*(str(float(one)) for one in LATENCY_BUCKETS), "+Inf"]
        counts = np.cumsum(self._counts).tolist()
        family.add_metric([self._stage], list(zip(bounds, counts, strict=True)), self._sum)
        yield family
