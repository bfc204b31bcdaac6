"""How old records are when a stage is done with them, told to Prometheus a batch at a time."""

from collections.abc import Iterator, Sequence

import numpy as np
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from shared.metrics import LATENCY_BUCKETS


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
