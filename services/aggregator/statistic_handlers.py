"""Statistics: recorded by the same loop as events, in a group of their own."""

from collections.abc import Sequence

from services.aggregator import metrics
from services.aggregator.domain.plan import Advance
from services.aggregator.domain.statistics import (
    StatisticPlan,
    plan_statistics,
    refused_statistic,
)
from services.aggregator.handlers import Claims
from services.aggregator.statistic_store import StatisticStore
from shared.records import LogRecord


class StatisticFilling:
    """A transaction of statistics that is being made."""

    def __init__(self) -> None:
        self._records: list[LogRecord] = []

    def add(self, records: Sequence[LogRecord]) -> None:
        """Keep some more, in log order."""
        self._records.extend(records)

    async def finish(self, advances: Sequence[Advance]) -> StatisticPlan:
        """See `domain.statistics.plan_statistics`."""
        return plan_statistics(self._records, advances)


class StatisticKeeping:
    """What is done with statistics: every version is kept, the highest holds."""

    def __init__(self, store: StatisticStore) -> None:
        self._store = store

    def begin(self) -> StatisticFilling:
        """A transaction of nothing yet."""
        return StatisticFilling()

    async def refused(self, record: LogRecord, claims: Claims) -> StatisticPlan:
        """See `domain.statistics.refused_statistic`."""
        return refused_statistic(record, claims)

    async def write(self, plan: StatisticPlan) -> int:
        """See `StatisticStore.write`."""
        return await self._store.write(plan)

    def tell(self, plan: StatisticPlan, changed: int) -> None:
        """How many came, and how many of them said something new; never what they said."""
        metrics.STATISTICS_READ.inc(plan.records)
        metrics.STATISTICS_CHANGED.inc(changed)
