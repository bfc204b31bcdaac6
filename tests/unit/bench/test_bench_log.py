"""The log that the aggregator is measured on: its mix, its bytes, and what must be counted of it."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest

from deploy.bench import mix
from deploy.bench.fill import Filling
from deploy.bench.history import Block, History, Kind
from deploy.bench.instants import Floors
from deploy.bench.records import Records
from deploy.bench.truth import bucket_sums, differing, place_sums
from shared.identity import partition_of
from shared.kafka import Outgoing
from shared.messages.codec import decoder, encode
from shared.messages.event import Event
from shared.windows import Tier, floored

BEGINS = datetime(2026, 10, 24, 20, tzinfo=UTC)  # Stockholm's clock goes back that night
ENDS = datetime(2026, 10, 25, 6, tzinfo=UTC)
PARTITIONS = 8


def log_of(events: int, *, seed: int = 1) -> tuple[History, list[Block], dict[int, list[Outgoing]]]:
    history = History(seed=seed, begins=BEGINS, ends=ENDS)
    records = Records(history, seed=seed, partitions=PARTITIONS)
    blocks: list[Block] = []
    log: dict[int, list[Outgoing]] = {partition: [] for partition in range(PARTITIONS)}
    while history.events < events:
        blocks.append(history.next_block(most_new=events - history.events))
        for partition, some in records.of(blocks[-1]).items():
            log[partition].extend(some)
    return history, blocks, log


@pytest.fixture(scope="module")
def made() -> tuple[History, list[Block], dict[int, list[Outgoing]]]:
    return log_of(30_000)


def events_of(log: dict[int, list[Outgoing]]) -> list[Event]:
    read = decoder(Event)
    return [read.decode(record.value) for some in log.values() for record in some]


def winners(log: dict[int, list[Outgoing]]) -> dict[UUID, Event]:
    newest: dict[UUID, Event] = {}
    for event in events_of(log):
        known = newest.get(event.event_id)
        if known is None or event.version > known.version:
            newest[event.event_id] = event
    return newest


def test_the_shares_are_those_of_production(
    made: tuple[History, list[Block], dict[int, list[Outgoing]]],
) -> None:
    history, blocks, _ = made
    kinds = Counter(int(kind) for block in blocks[1:] for kind in block.kinds)
    records = sum(kinds.values())
    assert kinds[Kind.RESEND] / records == pytest.approx(0.10, abs=0.01)
    assert kinds[Kind.CORRECTION] / records == pytest.approx(0.05, abs=0.005)
    assert kinds[Kind.WITHDRAWAL] / records == pytest.approx(0.02, abs=0.004)
    assert history.records == sum(map(len, blocks))


def test_every_record_is_as_the_anonymizer_writes_it(
    made: tuple[History, list[Block], dict[int, list[Outgoing]]],
) -> None:
    for partition, some in made[2].items():
        for record in some:
            event = decoder(Event).decode(record.value)
            assert encode(event) == record.value
            assert event.event_id.bytes == record.key
            assert event.event_id.version == 8
            assert partition_of(event.event_id, PARTITIONS) == partition


def test_every_instant_is_floored_to_the_grain_of_its_class(
    made: tuple[History, list[Block], dict[int, list[Outgoing]]],
) -> None:
    grains = dict(zip(mix.INDICATORS, mix.GRAINS, strict=True))
    for event in events_of(made[2]):
        if event.occurred_at is not None and event.indicator is not None:
            assert floored(event.occurred_at, grains[event.indicator]) == event.occurred_at
            assert event.occurred_at <= ENDS


def test_a_resend_is_equal_to_the_byte_and_some_are_stale(
    made: tuple[History, list[Block], dict[int, list[Outgoing]]],
) -> None:
    history, blocks, log = made
    values = Counter(record.value for some in log.values() for record in some)
    resends = sum(int((block.kinds == Kind.RESEND).sum()) for block in blocks)
    assert sum(values.values()) - len(values) == resends == history.records - len(values)
    newest: dict[bytes, int] = {}
    stale = 0
    for some in log.values():
        for record in some:
            version = decoder(Event).decode(record.value).version
            stale += version < newest.get(record.key, 0)
            newest[record.key] = max(version, newest.get(record.key, 0))
    assert stale > 0


def test_a_correction_changes_where_what_or_when(
    made: tuple[History, list[Block], dict[int, list[Outgoing]]],
) -> None:
    history, blocks, _ = made
    changes: Counter[str] = Counter()
    for block in blocks:
        some = np.flatnonzero(block.kinds == Kind.CORRECTION)
        old, new = block.before.of(some), block.columns.of(some)
        moved = history.occurred(old) != history.occurred(new)
        changed = (old.area != new.area) | (old.indicator != new.indicator) | moved
        assert changed.all()
        assert (new.version == old.version + 1).all()
        changes["area"] += int((old.area != new.area).sum())
        changes["indicator"] += int((old.indicator != new.indicator).sum())
        changes["instant"] += int((moved & (old.indicator == new.indicator)).sum())
    assert min(changes.values()) > sum(changes.values()) / 5


def test_the_true_sums_are_those_of_a_count_by_hand(
    made: tuple[History, list[Block], dict[int, list[Outgoing]]],
) -> None:
    history, _, log = made
    newest = winners(log)
    assert len(newest) == history.events
    places: Counter[tuple[str, ...]] = Counter()
    buckets: Counter[tuple[str, int]] = Counter()
    for event in newest.values():
        if not (event.live and event.occurred_at and event.indicator and event.area):
            continue
        for tier in Tier:
            places[tier.value, event.municipality, event.indicator, event.area] += 1
            bucket = floored(event.occurred_at, tier)
            buckets[tier.value, int(bucket.timestamp())] += 1
    assert place_sums(history) == places
    assert bucket_sums(history) == buckets


def test_a_sum_differs_in_either_direction_and_absent_is_zero() -> None:
    true = {"a": 1, "b": 2, "c": 0}
    assert differing(true, {"a": 1, "b": 2}) == 0
    assert differing(true, {"a": 2, "b": 2}) == 1
    assert differing(true, {"a": 1}) == 1
    assert differing(true, {"a": 1, "b": 2, "d": 1}) == 1


def test_one_seed_makes_one_log_and_another_seed_another() -> None:
    first, again, other = (log_of(3000, seed=seed)[2] for seed in (1, 1, 2))
    assert first == again
    keys = {record.key for some in first.values() for record in some}
    assert not keys & {record.key for some in other.values() for record in some}


def test_cells_of_a_batch_are_counted_as_the_aggregator_would_touch_them() -> None:
    history, blocks, log = log_of(900)
    filling = Filling(history, seed=1)
    for block in blocks:
        filling.see(block)
    assert len(blocks) == 1  # all of it new, so no cell is left by anybody
    events = [decoder(Event).decode(record.value) for record in log[0]]
    for tier in Tier:
        cells = {
            (one.municipality, one.indicator, one.area, floored(one.occurred_at, tier))
            for one in events
            if one.occurred_at
        }
        assert filling.cells[tier] == len(cells)
    assert filling.looked_at == len(events)


def test_floors_follow_the_rule_also_when_the_clock_changes() -> None:
    floors = Floors(first=BEGINS, last=ENDS)
    seconds = np.arange(int(BEGINS.timestamp()), int(ENDS.timestamp()), 977)
    for tier in Tier:
        wanted = [
            int(floored(datetime.fromtimestamp(one, UTC), tier).timestamp())
            for one in seconds.tolist()
        ]
        assert floors.to(tier, seconds).tolist() == wanted


def test_lateness_is_mostly_prompt_sometimes_hours_and_seldom_days() -> None:
    late = mix.lateness_s(np.random.default_rng(1), 100_000)
    assert (late < 120).mean() == pytest.approx(mix.PROMPT, abs=0.01)
    assert (late >= 86_400).mean() == pytest.approx(mix.DAYS, abs=0.005)
    assert late.min() >= 0
    assert late.max() <= mix.DAYS_LIMIT.total_seconds()
