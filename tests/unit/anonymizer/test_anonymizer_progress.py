"""Batches of a partition follow each other, or something was skipped."""

import pytest

from services.anonymizer.domain.progress import Progress, SkippedRecordsError


def done(progress: Progress, first: int, after: int) -> None:
    assignment = progress.assignment
    progress.begin(0, first)
    progress.done(0, after, assignment=assignment)


def test_batches_that_follow_each_other_are_well() -> None:
    progress = Progress()
    done(progress, 5, 10)
    done(progress, 10, 11)
    assert progress.next_offsets == {0: 11}


def test_a_first_batch_may_begin_anywhere_and_counts_as_not_done() -> None:
    progress = Progress()
    progress.begin(0, 17)
    assert progress.next_offsets == {0: 17}


def test_a_skipped_batch_is_seen() -> None:
    progress = Progress()
    done(progress, 0, 10)
    with pytest.raises(SkippedRecordsError) as caught:
        progress.begin(0, 11)
    assert caught.value.partition == 0


def test_a_batch_that_was_begun_but_never_done_is_missed() -> None:
    progress = Progress()
    progress.begin(0, 0)
    with pytest.raises(SkippedRecordsError):
        progress.begin(0, 10)


def test_a_replay_is_well() -> None:
    progress = Progress()
    done(progress, 0, 10)
    done(progress, 3, 7)
    done(progress, 7, 12)
    assert progress.next_offsets == {0: 12}


def test_partitions_are_independent() -> None:
    progress = Progress()
    progress.begin(0, 100)
    progress.begin(1, 7)
    assert progress.next_offsets == {0: 100, 1: 7}


def test_after_a_new_assignment_a_partition_may_be_further_on() -> None:
    progress = Progress()
    done(progress, 0, 10)
    progress.reassigned()
    done(progress, 50, 60)
    assert progress.next_offsets == {0: 60}


def test_a_batch_of_an_old_assignment_says_nothing_about_the_new_one() -> None:
    progress = Progress()
    assignment = progress.assignment
    progress.begin(0, 0)
    progress.reassigned()
    progress.done(0, 10, assignment=assignment)
    assert progress.next_offsets == {}
