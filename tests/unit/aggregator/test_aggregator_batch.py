"""A batch is contiguous, begins where the one before ends, and says when somebody has to look."""

from services.aggregator.domain.batch import Batch
from services.aggregator.domain.plan import Advance, Claim
from shared.records import LogRecord


def some(part: int, *offsets: int) -> dict[int, list[LogRecord]]:
    return {part: [LogRecord(part, offset, 0, b"", b"") for offset in offsets]}


def places(records: list[LogRecord]) -> list[tuple[int, int]]:
    return [(record.partition, record.offset) for record in records]


def test_polls_that_follow_one_another_are_one_step_of_each_partition() -> None:
    batch = Batch()
    claims = {0: Claim(3, 10), 1: Claim(4, 0)}
    assert places(batch.take(some(1, 0, 1) | some(0, 10), claims)) == [(1, 0), (1, 1), (0, 10)]
    assert places(batch.take(some(0, 11, 12), claims)) == [(0, 11), (0, 12)]
    assert batch.advances == (Advance(0, 3, 10, 13), Advance(1, 4, 0, 2))
    assert batch.ends == {0: Claim(3, 13), 1: Claim(4, 2)}
    assert (batch.polls, batch.count, batch.is_whole) == (2, 5, True)


def test_what_is_counted_is_skipped_and_the_batch_is_still_whole() -> None:
    batch = Batch()
    claims = {0: Claim(1, 10)}
    assert batch.take(some(0, 7, 8, 9), claims) == []
    assert not batch.advances
    assert places(batch.take(some(0, 8, 9, 10, 11), claims)) == [(0, 10), (0, 11)]
    assert places(batch.take(some(0, 11, 12), claims)) == [(0, 12)]
    assert batch.advances == (Advance(0, 1, 10, 13),)
    assert batch.is_whole


def test_what_is_not_ours_is_kept_and_not_planned() -> None:
    batch = Batch()
    assert batch.take(some(0, 4, 5), {1: Claim(1, 0)}) == []
    assert (batch.advances, batch.count, batch.is_whole) == ((), 2, True)
    assert places(batch.records[0]) == [(0, 4), (0, 5)]


def test_a_gap_before_a_poll_is_not_planned_across() -> None:
    batch = Batch()
    claims = {0: Claim(1, 10), 1: Claim(1, 0)}
    assert batch.take(some(0, 11, 12), claims) == []
    assert not batch.is_whole
    assert places(batch.take(some(1, 0), claims)) == [(1, 0)]  # the others go on
    assert batch.advances == (Advance(1, 1, 0, 1),)
    assert places(batch.records[0]) == [(0, 11), (0, 12)]


def test_a_gap_within_a_poll_is_not_planned_across() -> None:
    batch = Batch()
    assert batch.take(some(0, 10, 12), {0: Claim(1, 10)}) == []
    assert not batch.is_whole
    assert not batch.advances


def test_a_gap_between_polls_ends_the_step_before_it() -> None:
    batch = Batch()
    claims = {0: Claim(1, 10)}
    batch.take(some(0, 10, 11), claims)
    assert batch.take(some(0, 13), claims) == []
    assert not batch.is_whole
    assert batch.advances == (Advance(0, 1, 10, 12),)


def test_a_gap_after_what_is_skipped_is_a_gap() -> None:
    batch = Batch()
    batch.take(some(0, 8, 9, 11), {0: Claim(1, 10)})
    assert not batch.is_whole
    assert not batch.advances


def test_a_batch_begins_where_the_one_before_ends_and_not_at_the_claim() -> None:
    claims = {0: Claim(1, 10), 1: Claim(2, 5)}
    before = Batch()
    before.take(some(0, 10, 11), claims)
    batch = Batch(before)
    assert places(batch.take(some(0, 11, 12) | some(1, 5), claims)) == [(0, 12), (1, 5)]
    assert batch.advances == (Advance(0, 1, 12, 13), Advance(1, 2, 5, 6))
    assert batch.is_whole
    assert before.advances == (Advance(0, 1, 10, 12),)  # which it does not move any more


def test_what_the_batch_before_did_not_touch_is_known_from_the_one_before_that() -> None:
    claims = {0: Claim(1, 10)}
    first = Batch()
    first.take(some(0, 10), claims)
    third = Batch(Batch(first))
    assert places(third.take(some(0, 10, 11), claims)) == [(0, 11)]


def test_a_newer_claim_between_batches_begins_where_it_says() -> None:
    before = Batch()
    before.take(some(0, 10, 11), {0: Claim(1, 10)})
    batch = Batch(before)
    newer = {0: Claim(2, 10)}  # what was before has not been written under it
    assert places(batch.take(some(0, 10, 11), newer)) == [(0, 10), (0, 11)]
    assert batch.advances == (Advance(0, 2, 10, 12),)
    assert batch.is_whole


def test_a_newer_claim_within_a_batch_leaves_it_not_whole() -> None:
    batch = Batch()
    batch.take(some(0, 10, 11), {0: Claim(1, 10)})
    batch.take(some(0, 10), {0: Claim(2, 10)})
    assert not batch.is_whole
    # Its step was of the earlier claim, so that the check before the write throws the plan away.
    assert batch.advances[0].epoch == 1
