"""What operations read: late is what changed counts of long ago, and no batch is off the scale."""

import time
from types import SimpleNamespace
from typing import Any

import annotated_types
import numpy as np
from prometheus_client import REGISTRY

from services.aggregator import metrics
from services.aggregator.config import AggregatorSettings
from services.aggregator.domain.plan import Winners
from services.aggregator.domain.settle import Draft, Known, Settled, draft, settle
from services.aggregator.handlers import EventCounting

PLACE = ("9998", "arson", "101")
NOW_MINUTE = int(time.time()) // 60
DAY = 24 * 60
OLD = NOW_MINUTE - 60 * DAY


def an_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def drafted(*minutes: int, version: int = 2) -> Draft:
    """Events 1, 2, ... in these minutes; 0: withdrawn."""
    return draft(
        Winners(
            rows={an_id(number): number - 1 for number in range(1, len(minutes) + 1)},
            versions=[version] * len(minutes),
            places=[PLACE] * len(minutes),
            minutes=minutes,
            incidents=[None] * len(minutes),
        ),
        series=[int(minute > 0) for minute in minutes],
    )


class Writing:
    """A store to which these events are known."""

    def __init__(self, known: dict[bytes, Known]) -> None:
        self._known = known

    async def write_prepared(self, prepared: Any) -> Settled:
        return settle(prepared.draft, self._known)


async def late(events: Draft, known: dict[bytes, Known] | None = None) -> float:
    """By how much the metric rises when these are written."""

    def now() -> float:
        return REGISTRY.get_sample_value("lagesbild_events_late_total") or 0.0

    before = now()
    store: Any = Writing(known or {})
    plan: Any = SimpleNamespace(draft=events)
    await EventCounting(store).write(plan)
    return now() - before


async def test_late_is_what_is_new_or_corrected_and_lies_long_ago() -> None:
    events = drafted(NOW_MINUTE, OLD, OLD, OLD)
    known = {an_id(3): Known(1, 1, NOW_MINUTE, None)}
    assert await late(events, known) == 3


async def test_what_is_resent_or_withdrawn_is_not_late() -> None:
    known = {
        an_id(1): Known(2, 1, OLD, None),  # resent
        an_id(2): Known(3, 1, OLD, None),  # a stale copy
        an_id(3): Known(1, 1, OLD, None),  # withdrawn now
    }
    assert await late(drafted(OLD, OLD, 0), known) == 0


async def test_what_happened_yesterday_and_is_told_by_its_day_is_not_late() -> None:
    assert await late(drafted(NOW_MINUTE - 2 * DAY + 1)) == 0
    assert await late(drafted(NOW_MINUTE - 2 * DAY - 90)) == 1


def test_events_before_a_minute_are_counted_without_the_minute_itself() -> None:
    settled = settle(drafted(99, 100, 101), {})
    assert np.array_equal(np.sort(settled.live), [0, 1, 2])
    assert settled.live_before(100) == 1


def test_the_largest_transaction_is_on_the_scale() -> None:
    limits = AggregatorSettings.model_fields["max_records"].metadata
    [most] = [limit.le for limit in limits if isinstance(limit, annotated_types.Le)]
    bounds = [
        float(sample.labels["le"])
        for family in metrics.BATCH_RECORDS.collect()
        for sample in family.samples
        if sample.name.endswith("_bucket") and sample.labels["le"] != "+Inf"
    ]
    assert max(bounds) == most
